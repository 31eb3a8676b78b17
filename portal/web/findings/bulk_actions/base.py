"""The declaration of a bulk action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from portal.bulk_jobs.kinds.base import JobKind
from portal.queries.findings.selection import FindingSelection
from portal.treatment.models import Batch
from portal.web.shared.visible import may
from tenants.errors import InvalidInput
from tenants.models import Person, Tenant


class BulkAction:
    """A button of the selection bar: an action on a selection of findings, with the texts that the page needs for it.

    If an action has a `page`, it only opens that page with the selection.
    """

    kind: ClassVar[JobKind]
    """The kind of bulk job that does the same as the button. The button has the key, rights and undo of this kind."""
    label: ClassVar[str]
    """The text of the button."""
    icon: ClassVar[str] = ""
    position: ClassVar[int]
    """The position among the buttons of the selection bar. The button with the lowest number comes first."""
    page: ClassVar[str] = ""
    """The URL name of the page that gets the selected findings. The URL has one argument, the tenant's slug."""
    skipped_because: ClassVar[str] = ""
    """The reason why findings were skipped. A sentence of the page has this text after “findings that”."""
    is_checked_in_browser: ClassVar[bool] = False
    """Whether the browser checks the fields before it sends them. The browser then also checks the fields of all other
    actions, because all actions share one HTML form. The server checks the fields in any case.
    """

    @property
    def key(self) -> str:
        """The value of the form's field `action`."""
        return self.kind.key

    def is_offered(self, tenant: Tenant) -> bool:
        """Return whether the person of this request may use the action."""
        return all(may(capability, tenant) for capability in self.kind.capabilities)

    def form(self, tenant: Tenant, data: Mapping[str, Any] | None = None) -> forms.Form | None:
        """Return a form for the values that the action needs besides the findings. Return None if the action needs only
        the findings.
        """
        return None

    def run(self, tenant: Tenant, selection: FindingSelection, by: Person, values: dict[str, Any]) -> Batch:
        """Run the action with the form's cleaned values. The returned batch counts the changed findings.

        The batch's kind is this action's key. So undoing the batch needs the same rights as the action, and calls the
        `restore` of the kind.
        """
        raise NotImplementedError(f"The bulk action {self.key} needs `run`, or a `page` to open instead.")

    def success_message(self, batch: Batch, values: dict[str, Any]) -> str:
        """Return a sentence about what the action has done."""
        raise NotImplementedError(
            f"The bulk action {self.key} needs `success_message`, or a `page` to open instead."
        )

    def cleaned(self, tenant: Tenant, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form's cleaned values. Raise InvalidInput with all errors in one message, each after the label of
        its field.
        """
        form = self.form(tenant, data)
        if form is None:
            return {}
        if not form.is_valid():
            raise InvalidInput(
                " ".join(
                    text if name == NON_FIELD_ERRORS else f"{form[name].label}: {text}"
                    for name, texts in form.errors.items()
                    for text in map(str, texts)
                )
            )
        return form.cleaned_data


def count_findings(count: int) -> str:
    """Return "1 finding" or "1,200 findings"."""
    return f"{count:,} finding{'' if count == 1 else 's'}"
