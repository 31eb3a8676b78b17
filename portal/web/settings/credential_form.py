"""The form of a service principal's credential. The form checks formats; the action checks everything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile

MAX_CERTIFICATE_BYTES: Final = 64 * 1024


class CredentialForm(forms.Form):
    """A client secret with its expiry date, or a certificate. A subclass may add fields before these."""

    secret = forms.CharField(
        label="Client secret",
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The secret’s value, not its ID. Stored encrypted and never shown again.",
    )
    certificate = forms.FileField(
        label="Certificate",
        required=False,
        help_text="Instead of a secret: a PEM file with the certificate and its private key.",
    )
    expires_at = forms.DateField(
        label="Secret expires on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The date Entra showed when the secret was created. Not needed for a certificate.",
    )

    def clean_certificate(self) -> str:
        file: UploadedFile[Any] | None = self.cleaned_data["certificate"]
        if file is None:
            return ""
        if (file.size or 0) > MAX_CERTIFICATE_BYTES:
            raise forms.ValidationError(
                "The file is too large. Upload a PEM file with one certificate and its private key."
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
            self.add_error("secret", "Enter the client secret or upload a certificate.")
        return cleaned

    def credential(self) -> dict[str, Any]:
        """Return the arguments of actions that take a credential."""
        return {
            "secret": self.cleaned_data["secret"] or None,
            "certificate": self.cleaned_data["certificate"] or None,
            "expires_at": self.cleaned_data["expires_at"],
        }


class NewPrincipalForm(CredentialForm):
    """The application of a new service principal, and its credential."""

    client_id = forms.UUIDField(
        label="Client ID", help_text="The Azure CLI calls it “appId”. Not the object ID."
    )
    name = forms.CharField(label="Name", max_length=200, required=False, help_text="A name of your choice.")
    field_order = ("client_id", "secret", "certificate", "expires_at", "name")
