"""Service principals and their credentials, which go in here and do not come out again."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tenants import certificates, journal, secrets
from tenants.actions._inputs import once, validate_fields
from tenants.actions.directories import guid
from tenants.actors import Actor
from tenants.credentials import CredentialResult
from tenants.errors import InvalidInput, invalid
from tenants.ids import parse_uuid
from tenants.models import Directory, ServicePrincipal

MOST_SECRET = 4096


@dataclass(frozen=True, slots=True, repr=False)
class _Given:
    kind: ServicePrincipal.Kind
    plain: str
    expires_at: datetime | None
    thumbprint: str = ""


@transaction.atomic
def add_service_principal(
    *,
    by: Actor,
    directory: Directory,
    client_id: str,
    secret: str | None = None,
    certificate: str | None = None,
    name: str = "",
    expires_at: datetime | None = None,
) -> ServicePrincipal:
    """Add a principal with a client secret or a certificate (PEM with its private key), exactly one of them.

    `expires_at` is for a secret, whose end only Entra knows; a certificate brings its own.
    """
    given = _given(secret, certificate, expires_at)
    principal = ServicePrincipal(
        tenant_id=directory.tenant_id,
        directory=directory,
        client_id=guid("client_id", client_id),
        name=name.strip(),
        kind=given.kind,
        thumbprint=given.thumbprint,
        expires_at=given.expires_at,
    )
    secrets.seal(principal, "credential", given.plain)
    validate_fields(principal)
    with once("tenants_serviceprincipal_once", "client_id", "This directory already has that principal."):
        principal.save(force_insert=True)
    _journal(by, principal, "service_principal.added")
    return principal


@transaction.atomic
def rotate_credential(
    *,
    by: Actor,
    service_principal: ServicePrincipal,
    secret: str | None = None,
    certificate: str | None = None,
    expires_at: datetime | None = None,
) -> ServicePrincipal:
    """Replace the credential. What the last check found is forgotten, since it was about the old one."""
    given = _given(secret, certificate, expires_at)
    row = ServicePrincipal.objects.select_for_update().get(pk=service_principal.pk)
    row.kind = given.kind
    row.thumbprint = given.thumbprint
    row.expires_at = given.expires_at
    row.rotated_at = timezone.now()
    row.last_checked_at, row.last_error_code, row.last_error = None, "", ""
    secrets.seal(row, "credential", given.plain)
    row.save()
    _journal(by, row, "service_principal.credential_rotated")
    return row


@transaction.atomic
def record_credential_check(
    *, by: Actor, service_principal: ServicePrincipal, result: CredentialResult
) -> ServicePrincipal:
    """Keep what a check found; the journal is told when that differs from the check before."""
    row = ServicePrincipal.objects.select_for_update().get(pk=service_principal.pk)
    first, before = row.last_checked_at is None, row.last_error_code
    row.last_checked_at = timezone.now()
    row.last_error_code = result.error_code[:80]
    row.last_error = result.error.replace("\x00", "\ufffd")
    row.save(update_fields=["last_checked_at", "last_error_code", "last_error"])
    if first or before != row.last_error_code:
        action = "service_principal.signed_in" if result.ok else "service_principal.sign_in_failed"
        details = {"error_code": row.last_error_code} if not result.ok else {}
        journal.record(tenant=row.tenant, actor=by, action=action, target=row, details=details)
    return row


def _given(secret: str | None, certificate: str | None, expires_at: datetime | None) -> _Given:
    if bool(secret) == bool(certificate):
        message = "Give either a client secret or a certificate."
        raise InvalidInput(
            message, code="credential_choice", fields={"secret": [message], "certificate": [message]}
        )
    if certificate:
        if expires_at is not None:
            raise invalid("expires_at", "A certificate brings its own end: leave this empty.")
        read = certificates.read(certificate)
        return _Given(ServicePrincipal.Kind.CERTIFICATE, read.pem, read.expires_at, read.thumbprint)
    plain = (secret or "").strip()
    if not plain or len(plain) > MOST_SECRET or not plain.isprintable():
        raise invalid("secret", f"A client secret is 1 to {MOST_SECRET} printable characters on one line.")
    if parse_uuid(plain) is not None:
        raise invalid(
            "secret",
            "This is the secret's ID, not its value. Entra shows the value once, when the secret is made.",
            code="secret_is_its_id",
        )
    if expires_at is not None and expires_at <= timezone.now():
        raise invalid("expires_at", "This secret has expired. Make a new one.", code="secret_expired")
    return _Given(ServicePrincipal.Kind.SECRET, plain, expires_at)


def _journal(by: Actor, principal: ServicePrincipal, action: str) -> None:
    journal.record(
        tenant=principal.tenant,
        actor=by,
        action=action,
        target=principal,
        details={
            "client_id": principal.client_id,
            "directory_id": principal.directory.directory_id,
            "kind": principal.kind,
            "thumbprint": principal.thumbprint,
            "expires_at": principal.expires_at,
        },
    )
