"""Define the part of a form that chooses the cloud of a directory: one of Microsoft's clouds, or a custom cloud with
its endpoints.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms

from tenants.clouds import CLOUDS, CUSTOM

ENDPOINTS: Final = ("authority", "arm", "graph", "arm_scope", "ca")


class CloudForm(forms.Form):
    """Form fields for the cloud, and for the endpoints of a custom cloud."""

    cloud = forms.ChoiceField(
        label="Cloud",
        choices=[*((name, cloud.label) for name, cloud in CLOUDS.items()), (CUSTOM, "Custom cloud")],
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
        help_text="The scope must end in /.default. By default, it is the endpoint followed by /.default.",
    )
    ca = forms.CharField(
        label="Certificate authority",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="The certificate of the authority as PEM text. Needed only if no public authority issued the"
        " certificates of the endpoints.",
    )

    def clean_ca(self) -> str:
        text = str(self.cleaned_data["ca"]).strip()
        # The actions that save a cloud accept PEM text, or the path of a PEM file on the server. People who use a page
        # must not be able to choose files on the server, so the form refuses a path.
        if text and not text.startswith("-----BEGIN"):
            raise forms.ValidationError(
                "Paste PEM text, which begins with -----BEGIN CERTIFICATE-----. Do not enter the name of a file."
            )
        return text

    def cloud_settings(self) -> dict[str, str]:
        """Return the endpoints of a custom cloud. Return an empty mapping for one of Microsoft's clouds."""
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
        """Return whether the fields for the endpoints of a custom cloud are shown when the page is opened."""
        return any(self[name].value() or self[name].errors for name in ENDPOINTS) or (
            self["cloud"].value() == CUSTOM
        )
