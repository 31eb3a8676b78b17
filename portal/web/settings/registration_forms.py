"""The forms of registering a customer. The forms check formats; the actions check everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from tenants.clouds import CLOUDS, CUSTOM
from tenants.host_identities import HostIdentity
from tenants.models import Registration

ENDPOINTS: Final = ("authority", "arm", "graph", "arm_scope", "ca")


class CustomerForm(forms.Form):
    """The customer, its directory and the cloud of the directory."""

    name = forms.CharField(label="Customer", max_length=200, help_text="The name as reports show it.")
    directory_id = forms.UUIDField(
        label="Directory ID",
        help_text="Entra calls it “Tenant ID” (Entra admin center › Overview). az account show prints it as tenantId.",
    )
    cloud = forms.ChoiceField(
        label="Cloud",
        choices=[*((name, cloud.label) for name, cloud in CLOUDS.items()), (CUSTOM, "Custom cloud")],
    )
    timezone = forms.CharField(
        label="Time zone", max_length=64, help_text="IANA name, such as Europe/Berlin."
    )
    authority = forms.URLField(
        label="Sign-in endpoint", required=False, assume_scheme="https", help_text="https only."
    )
    arm = forms.URLField(label="Azure Resource Manager endpoint", required=False, assume_scheme="https")
    graph = forms.URLField(label="Microsoft Graph endpoint", required=False, assume_scheme="https")
    arm_scope = forms.CharField(
        label="Scope of tokens for Azure Resource Manager",
        required=False,
        max_length=300,
        help_text="Ends in /.default. Default: the endpoint with /.default.",
    )
    ca = forms.CharField(
        label="Certificate authority",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="PEM text, if the endpoints’ certificates are not signed by a public authority.",
    )

    def clean_ca(self) -> str:
        text = str(self.cleaned_data["ca"]).strip()
        # The action also accepts the path of a file on the server, which people on pages must not choose.
        if text and not text.startswith("-----BEGIN"):
            raise forms.ValidationError(
                "Paste PEM text that begins with -----BEGIN CERTIFICATE-----, not the name of a file."
            )
        return text

    def cloud_settings(self) -> dict[str, str]:
        """Return the endpoints of a custom cloud; empty for one of Microsoft's clouds."""
        if self.cleaned_data["cloud"] != CUSTOM:
            return {}
        return {name: self.cleaned_data[name] for name in ENDPOINTS if self.cleaned_data[name]}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("cloud") != CUSTOM and any(cleaned.get(name) for name in ENDPOINTS):
            self.add_error(
                "cloud", "Choose “Custom cloud” to use your own endpoints, or clear the endpoints below."
            )
        return cleaned

    @property
    def has_endpoints(self) -> bool:
        """Whether to show the endpoints of a custom cloud unfolded."""
        return any(self[name].value() or self[name].errors for name in ENDPOINTS) or (
            self["cloud"].value() == CUSTOM
        )


_IDENTITY: Final = "identity:"
_KINDS: Final = [
    (kind.value, kind.label) for kind in (Registration.Kind.SECRET, Registration.Kind.CERTIFICATE)
]


class CommandsForm(forms.Form):
    """Which commands the page shows. `identities` are the host identities that the person may choose."""

    reach = forms.ChoiceField(label="Assign the role Reader on", choices=Registration.Reach)
    kind = forms.ChoiceField(label="Sign in with", choices=_KINDS)

    def __init__(self, *args: Any, identities: Sequence[HostIdentity] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_KINDS, *((_IDENTITY + one.name, one.label) for one in identities)]

    @staticmethod
    def kind_of(registration: Registration) -> str:
        """Return the stored choice as a value of `kind`."""
        if registration.kind == Registration.Kind.HOST_IDENTITY:
            return _IDENTITY + registration.host_identity
        return registration.kind

    def chosen(self) -> dict[str, Any]:
        """Return the arguments of `choose_commands`."""
        kind: str = self.cleaned_data["kind"]
        is_identity = kind.startswith(_IDENTITY)
        return {
            "reach": Registration.Reach(self.cleaned_data["reach"]),
            "kind": Registration.Kind.HOST_IDENTITY if is_identity else Registration.Kind(kind),
            "host_identity": kind.removeprefix(_IDENTITY) if is_identity else "",
        }
