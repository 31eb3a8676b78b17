"""Forms of the pages. They check shapes; the actions check meaning."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile

from tenants.clouds import CLOUDS

MOST_CERTIFICATE: Final = 64 * 1024
_CLOUD_NAMES: Final = {
    "AzureCloud": "Azure (public)",
    "AzureUSGovernment": "Azure US Government",
    "AzureChinaCloud": "Azure China (21Vianet)",
}


class ServicePrincipalForm(forms.Form):
    """A service principal, its directory and its credential."""

    directory_id = forms.UUIDField(label="Directory ID", help_text="Called “tenant” or “Tenant ID” by Entra.")
    directory_name = forms.CharField(
        label="Directory name",
        max_length=200,
        required=False,
        help_text="Used where the directory is new here.",
    )
    cloud = forms.ChoiceField(
        label="Cloud", choices=[(name, _CLOUD_NAMES.get(name, name)) for name in CLOUDS]
    )
    client_id = forms.UUIDField(
        label="Client ID", help_text="Called “appId” by the Azure CLI. Not the object ID of the principal."
    )
    name = forms.CharField(
        label="Name", max_length=200, required=False, help_text="What you call it, to tell it apart."
    )
    secret = forms.CharField(
        label="Client secret",
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The value, not its ID. It is sealed at once and never shown again.",
    )
    certificate = forms.FileField(
        label="Or a certificate",
        required=False,
        help_text="A PEM file with the certificate and its private key.",
    )
    expires_at = forms.DateField(
        label="Secret ends on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="As Entra said when the secret was made. A certificate brings its own end.",
    )
    start = forms.BooleanField(label="Start an assessment at once", required=False, initial=True)

    def clean_certificate(self) -> str:
        file: UploadedFile[Any] | None = self.cleaned_data["certificate"]
        if file is None:
            return ""
        if (file.size or 0) > MOST_CERTIFICATE:
            raise forms.ValidationError(
                "This is too large for a certificate. Give a PEM file with one and its key."
            )
        try:
            return str(file.read().decode("ascii"))
        except UnicodeDecodeError:
            raise forms.ValidationError(
                "This is not a PEM file. Convert a PFX with: openssl pkcs12 -in cert.pfx -nodes -out cert.pem"
            ) from None

    def clean_expires_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["expires_at"]
        return datetime.combine(day, time(23, 59, 59), tzinfo=UTC) if day else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "certificate" not in self.errors and not cleaned.get("secret") and not cleaned.get("certificate"):
            self.add_error("secret", "Give the client secret, or a certificate below.")
        return cleaned
