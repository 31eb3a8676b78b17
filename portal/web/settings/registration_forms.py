"""Define the forms with which a customer is registered. The forms check only formats. The actions that save the values
check everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from portal.web.shared.forms.cloud import ENDPOINTS, CloudForm
from portal.web.shared.forms.directory_field import DirectoryIdField
from tenants.azure.host_identities import HostIdentity
from tenants.models import Registration


class CustomerForm(CloudForm):
    """A form with the customer, its directory and the cloud of the directory."""

    name = forms.CharField(label="Customer", max_length=200, help_text="The name as reports show it.")
    directory_id = DirectoryIdField(
        label="Directory ID",
        help_text="Entra calls this ID “Tenant ID” (Entra admin center › Overview). The command “az account show”"
        " prints it as tenantId.",
    )
    timezone = forms.CharField(
        label="Time zone", max_length=64, help_text="IANA name, such as Europe/Berlin."
    )
    field_order = (
        "name",
        "directory_id",
        "cloud",
        "timezone",
        *ENDPOINTS,
    )


_IDENTITY: Final = "identity:"
_KINDS: Final = [
    (kind.value, kind.label) for kind in (Registration.Kind.SECRET, Registration.Kind.CERTIFICATE)
]


class CommandsForm(forms.Form):
    """A form with the choices that determine the commands that create the service principal.

    `identities` are the host identities that the person may choose.
    """

    reach = forms.ChoiceField(label="Assign the role Reader on", choices=Registration.Reach)
    kind = forms.ChoiceField(label="Sign in with", choices=_KINDS)

    def __init__(self, *args: Any, identities: Sequence[HostIdentity] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_KINDS, *((_IDENTITY + one.name, one.label) for one in identities)]

    @staticmethod
    def kind_of(registration: Registration) -> str:
        """Return the stored choice as a value of the field `kind`."""
        if registration.kind == Registration.Kind.HOST_IDENTITY:
            return _IDENTITY + registration.host_identity
        return registration.kind

    def chosen(self) -> dict[str, Any]:
        """Return the form's values as arguments of `choose_commands`."""
        kind: str = self.cleaned_data["kind"]
        is_identity = kind.startswith(_IDENTITY)
        return {
            "reach": Registration.Reach(self.cleaned_data["reach"]),
            "kind": Registration.Kind.HOST_IDENTITY if is_identity else Registration.Kind(kind),
            "host_identity": kind.removeprefix(_IDENTITY) if is_identity else "",
        }
