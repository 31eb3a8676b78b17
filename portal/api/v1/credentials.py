"""Credentials of service principals, as programs send them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from django.views.decorators.debug import sensitive_variables
from rest_framework import serializers

from portal.api.bodies import names_of_fields
from portal.files.pfx_file import UnusablePfx, read_pfx
from tenants.actions.service_principals import MAX_SECRET_LENGTH
from tenants.errors import invalid

_MAX_PEM: Final = 64 * 1024
MAX_PFX: Final = 60_000
"""The maximum length of a PFX file in base64. A body with such a file does not exceed the maximum size of bodies."""


class CredentialSerializer(serializers.Serializer[Any]):
    """One credential: a client secret, a certificate (PEM or PFX) or a host identity."""

    secret = serializers.CharField(
        write_only=True,
        required=False,
        max_length=MAX_SECRET_LENGTH,
        help_text="The secret's value, not its ID",
    )
    certificate = serializers.CharField(
        write_only=True,
        required=False,
        max_length=_MAX_PEM,
        help_text="PEM text of the certificate and its private key",
    )
    pfx = serializers.CharField(
        write_only=True,
        required=False,
        max_length=MAX_PFX,
        help_text="Instead of `certificate`: a PFX file (PKCS #12) with the certificate and its private key, in base64",
    )
    passphrase = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=1000,
        help_text="The passphrase of the PFX file, if it has one. It is not stored",
    )
    identity = serializers.CharField(
        required=False,
        max_length=200,
        help_text="The name of a host identity that the operator allows for the directory. The token needs the right"
        " `register` in the organization",
    )
    expires_at = serializers.DateTimeField(
        required=False, help_text="When the secret expires, as Entra shows it"
    )


def credential_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the credential of a request body as arguments of functions such as `request_attempt`."""
    found = {name: values.get(name) for name in ("secret", "certificate", "identity", "expires_at")}
    if values.get("pfx"):
        if found["certificate"]:
            raise invalid("pfx", "Send either certificate or pfx, not both.")
        found["certificate"] = _pem_of(values["pfx"], values.get("passphrase", ""))
    elif values.get("passphrase"):
        raise invalid(
            "passphrase", "`passphrase` belongs to `pfx`. Send the file as `pfx`, or remove `passphrase`."
        )
    return found


@sensitive_variables()
def _pem_of(text: str, passphrase: str) -> str:
    """Return the PEM text of a PFX file. `text` is the content of the file in base64."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise invalid("pfx", "`pfx` is not valid base64. Encode the PFX file as base64.") from None
    try:
        return read_pfx(content, passphrase)
    except UnusablePfx as error:
        raise invalid("pfx", str(error)) from None


def named(values: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Return a context manager for an action. If the request sent the certificate as `pfx`, errors of the action name
    the field `pfx` instead of `certificate`.
    """
    return names_of_fields({"certificate": "pfx"} if values.get("pfx") else {})
