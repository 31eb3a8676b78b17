"""Define the form of a service principal's credential. The form checks only formats. The action that signs in with the
credential checks everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.files.pfx_file import UnusablePfx, read_pfx
from portal.web.components.form_parts import max_size, set_choices
from portal.web.shared.forms.directory_field import ClientIdField
from tenants.azure.host_identities import HostIdentity
from tenants.values.days import end_of_day

MAX_CERTIFICATE_BYTES: Final = 64 * 1024
_SEQUENCE: Final = b"\x30"
"""The first byte of a PFX file. A PEM file begins with text."""


class CredentialForm(forms.Form):
    """A form with a client secret and its expiry date, a certificate, or an identity of the host.

    A subclass may put further fields before the fields of this form. `identities` are the host identities that the
    person may choose. If the person may choose none, the form has no field for host identities.
    """

    # One of these fields is required.
    conditional_fields: Final = ("secret", "certificate", "identity")

    secret = forms.CharField(
        label="Client secret",
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The value of the secret, not its ID. Surety encrypts the value and never shows it again.",
    )
    certificate = forms.FileField(
        label="Certificate",
        required=False,
        help_text="A PEM or PFX file with the certificate and its private key, to use instead of a secret.",
        validators=[
            max_size(
                MAX_CERTIFICATE_BYTES,
                "The file is too large. Upload a PEM or PFX file with one certificate and its private key.",
            )
        ],
    )
    passphrase = forms.CharField(
        label="Passphrase of the PFX file",
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The passphrase of the file, if it has one. Surety does not store the passphrase, but stores"
        " the key with its own encryption.",
    )
    identity = forms.ChoiceField(
        label="Host identity",
        required=False,
        help_text="An identity of this server, to use instead of a secret. The operator of the server must allow the"
        " identity for this directory.",
    )
    expires_at = forms.DateField(
        label="Secret expires on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Entra shows this date for each secret. The command in the registration of a customer creates"
        " a secret that is valid for one year. Without this date, nobody is notified before the secret expires. Leave"
        " this field empty for a certificate, which contains its own end date.",
    )

    def __init__(self, *args: Any, identities: Sequence[HostIdentity] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        if not identities:
            del self.fields["identity"]
            return
        choices = [("", "None"), *((identity.name, identity.label) for identity in identities)]
        set_choices(self, "identity", choices)

    def clean_certificate(self) -> str:
        file: UploadedFile[Any] | None = self.cleaned_data["certificate"]
        if file is None:
            return ""
        content: bytes = file.read()
        if content.startswith(_SEQUENCE):
            return self._of_pfx(content)
        try:
            return content.decode("ascii")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                "The file is neither a PEM file nor a PFX file. Export the certificate again, with its private key."
            ) from None

    def _of_pfx(self, content: bytes) -> str:
        """Return the PEM of a PFX file.

        The passphrase is read as it was entered. Django has not cleaned it yet, because the field of the passphrase
        comes after the field of the file.
        """
        passphrase = str(self["passphrase"].data or "")
        try:
            return read_pfx(content, passphrase[:1000])
        except UnusablePfx as error:
            raise forms.ValidationError(str(error)) from None

    def clean_expires_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["expires_at"]
        return end_of_day(day) if day else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not {"certificate", "identity"} & set(self.errors) and not any(
            cleaned.get(name) for name in ("secret", "certificate", "identity")
        ):
            choice = ", or choose a host identity" if "identity" in self.fields else ""
            self.add_error("secret", f"Enter the client secret or upload a certificate{choice}.")
        return cleaned

    def credential(self) -> dict[str, Any]:
        """Return the form's values as arguments of actions that take a credential."""
        return {
            "secret": self.cleaned_data["secret"] or None,
            "certificate": self.cleaned_data["certificate"] or None,
            "identity": self.cleaned_data.get("identity") or None,
            "expires_at": self.cleaned_data["expires_at"],
        }


class NewPrincipalForm(CredentialForm):
    """A form with the application id, the name and the credential of a new service principal."""

    client_id = ClientIdField()
    name = forms.CharField(label="Name", max_length=200, required=False, help_text="A name of your choice.")
    field_order: tuple[str, ...] = (
        "client_id",
        "secret",
        "certificate",
        "passphrase",
        "identity",
        "expires_at",
        "name",
    )
