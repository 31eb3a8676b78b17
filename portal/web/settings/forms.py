"""Define the form of a service principal. The form checks only formats. The action that signs in with the values of
the form checks everything else.
"""

from __future__ import annotations

from django import forms

from portal.web.shared.forms.credential import CredentialForm
from portal.web.shared.forms.directory_field import ClientIdField, DirectoryIdField
from tenants.clouds import CLOUDS


class ServicePrincipalForm(CredentialForm):
    """A form with a service principal, its directory and its credential."""

    directory_id = DirectoryIdField(label="Directory ID", help_text="Entra calls it “Tenant ID”.")
    directory_name = forms.CharField(
        label="Directory name",
        max_length=200,
        required=False,
        help_text="Used only if the directory is not registered yet.",
    )
    cloud = forms.ChoiceField(label="Cloud", choices=[(name, cloud.label) for name, cloud in CLOUDS.items()])
    client_id = ClientIdField()
    name = forms.CharField(label="Name", max_length=200, required=False, help_text="A name of your choice.")
    start = forms.BooleanField(label="Start an assessment after the sign-in", required=False, initial=True)
    field_order = (
        "directory_id",
        "directory_name",
        "cloud",
        "client_id",
        "name",
        "secret",
        "certificate",
        "passphrase",
        "identity",
        "expires_at",
        "start",
    )
