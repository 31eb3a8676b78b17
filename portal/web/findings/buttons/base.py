"""The button of a bulk action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils import timezone

from portal.bulk_jobs.actions.at_once import carry_out
from portal.bulk_jobs.bulk_actions.base import BulkAction
from portal.queries.findings.selection import FindingSelection
from portal.treatment.models import Batch
from portal.web.shared.forms.bulk_values import BulkValuesForm
from portal.web.shared.visible import may
from tenants.errors import InvalidInput
from tenants.models import Person, Tenant


class Button:
    """A button of the selection bar, which carries out a bulk action on the selected findings.

    If a button has a `page`, it only opens that page with the selection.
    """

    page: ClassVar[str] = ""
    """The URL name of the page that gets the selected findings. The URL has one argument, the tenant's slug."""

    def __init__(self, action: BulkAction) -> None:
        self.action = action

    @property
    def key(self) -> str:
        """The value of the form's field `action`."""
        return self.action.key

    @property
    def label(self) -> str:
        """The text of the button."""
        return self.action.button or self.action.label

    def is_offered(self, tenant: Tenant) -> bool:
        """Return whether the person of this request may use the button."""
        return all(may(capability, tenant) for capability in self.action.capabilities)

    def form(self, tenant: Tenant, data: Mapping[str, Any] | None = None) -> forms.Form | None:
        """Return a form for the values of the action. Return None if the action needs only the findings."""
        if self.page or not self.action.values:
            return None
        return BulkValuesForm(data, values=self.action.values, tenant=tenant, auto_id="bulk_%s")

    def cleaned(self, tenant: Tenant, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the action. Raise InvalidInput with all errors in one message, each after the label of
        its field.
        """
        form = self.form(tenant, data)
        if form is None:
            return {}
        with timezone.override(ZoneInfo(tenant.timezone)):
            is_valid = form.is_valid()
        if not is_valid:
            raise InvalidInput(
                " ".join(
                    text if name == NON_FIELD_ERRORS else f"{form[name].label}: {text}"
                    for name, texts in form.errors.items()
                    for text in map(str, texts)
                )
            )
        return form.cleaned_data

    def run(self, tenant: Tenant, selection: FindingSelection, by: Person, values: dict[str, Any]) -> Batch:
        """Carry out the action with the values that `cleaned` has returned. The returned batch counts the changed
        findings.
        """
        return carry_out(tenant=tenant, by=by, action=self.action, values=values, selection=selection)
