"""The form of an organization's own service principal."""

from __future__ import annotations

from django import forms

from portal.web.shared.forms.cloud import ENDPOINTS, CloudForm
from portal.web.shared.forms.credential import NewPrincipalForm
from portal.web.shared.forms.directory_field import DirectoryIdField


class ManagingPrincipalForm(CloudForm, NewPrincipalForm):
    """A form for a new service principal in the organization's directory. The form asks for the application and the
    credential of the service principal.
    """

    directory_id = DirectoryIdField(
        label="Directory ID",
        help_text="The ID of your own directory, to which customers delegate their subscriptions. Entra calls this"
        " ID “Tenant ID”.",
    )
    field_order = ("directory_id", *NewPrincipalForm.field_order, "cloud", *ENDPOINTS)

    def main_fields(self) -> list[forms.BoundField]:
        """Return the fields that the page shows above the endpoints of a custom cloud."""
        return [self[name] for name in self.fields if name not in ENDPOINTS]
