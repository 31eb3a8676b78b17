"""What every bulk action declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from portal.queries.findings.selection import FindingSelection
from portal.treatment.models import Batch
from portal.web.shared.visible import may
from tenants.errors import InvalidInput
from tenants.models import Person, Tenant
from tenants.roles import Capability


class BulkAction:
    """An action on a selection of findings, and how the page offers it.

    An action with a `page` opens that page with the selection, and does nothing by itself.
    """

    key: ClassVar[str]
    """Value of the form's field `action`, and kind of the batches; never rename one."""
    label: ClassVar[str]
    icon: ClassVar[str] = ""
    position: ClassVar[int]
    """Place among the buttons of the selection bar, lowest first."""
    capability: ClassVar[Capability]
    page: ClassVar[str] = ""
    """URL name of the page that takes the selection, with the tenant's slug as its only argument."""
    skipped_because: ClassVar[str] = ""
    """The reason why findings were skipped, which follows the words "because they"."""

    def is_offered(self, tenant: Tenant) -> bool:
        """Return whether the person of this request may use the action."""
        return may(self.capability, tenant)

    def form(self, tenant: Tenant, data: Mapping[str, Any] | None = None) -> forms.Form | None:
        """Return the fields that the action takes besides the findings; None if it takes none."""
        return None

    def run(self, tenant: Tenant, selection: FindingSelection, by: Person, values: dict[str, Any]) -> Batch:
        """Do it with the form's cleaned values; the batch counts the findings that changed.

        Its kind is the key of this action, which therefore decides about undoing it: the person needs the same
        capability, and `restore` is called.
        """
        raise NotImplementedError(f"{self.key} opens a page.")

    def success_message(self, batch: Batch, values: dict[str, Any]) -> str:
        """Return what was done, as a sentence."""
        raise NotImplementedError(f"{self.key} opens a page.")

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        """Restore what a batch of this action changed; return for how many findings."""
        raise NotImplementedError(f"{self.key} opens a page.")

    def cleaned(self, tenant: Tenant, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form's cleaned values. InvalidInput with all errors in one message."""
        form = self.form(tenant, data)
        if form is None:
            return {}
        if not form.is_valid():
            raise InvalidInput(" ".join(str(text) for texts in form.errors.values() for text in texts))
        return form.cleaned_data


def count_findings(count: int) -> str:
    """Return "1 finding" or "3 findings"."""
    return f"{count} finding{'' if count == 1 else 's'}"
