"""Add service principals, replace their credentials, and record sign-in checks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import journal, secrets
from tenants.actions._archived import refuse_archived
from tenants.actions._inputs import validate_fields
from tenants.actions.directories import guid
from tenants.actors import Actor
from tenants.azure import certificates, host_identities
from tenants.azure.credentials import CredentialResult
from tenants.azure.host_identities import SignInDirectory
from tenants.errors import InvalidInput, invalid
from tenants.ids import parse_uuid
from tenants.models import Directory, ServicePrincipal
from tenants.values.unique_names import unique_or_conflict

MAX_SECRET_LENGTH = 4096


@dataclass(frozen=True, slots=True, repr=False)
class NewCredential:
    """A credential in a valid format, with which nobody has signed in yet.

    `plain` is the trimmed secret, PEM with key and certificate, or the name of a host identity.
    """

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
    identity: str | None = None,
    name: str = "",
    expires_at: datetime | None = None,
) -> ServicePrincipal:
    """Add a principal with a client secret, a certificate (PEM with its private key), or the name of a host identity.

    `expires_at` is the expiry of a secret. A certificate states its own expiry.
    """
    refuse_archived(directory.tenant)
    new = validate_credential(
        secret,
        certificate,
        expires_at,
        identity=identity,
        directory=directory,
        client_id=guid("client_id", client_id),
    )
    principal = ServicePrincipal(
        tenant_id=directory.tenant_id,
        directory=directory,
        client_id=guid("client_id", client_id),
        name=name.strip(),
        kind=new.kind,
        thumbprint=new.thumbprint,
        expires_at=new.expires_at,
    )
    secrets.seal(principal, "credential", new.plain)
    validate_fields(principal)
    with unique_or_conflict(
        "tenants_serviceprincipal_once", "client_id", "This directory already has this service principal."
    ):
        principal.save(force_insert=True)
    _journal(by, principal, "service_principal.added")
    return principal


def lock_principals(ids: Iterable[UUID]) -> None:
    """Lock these principals until the transaction ends. Call this before an action that changes several principals."""
    rows = ServicePrincipal.objects.filter(pk__in=list(ids)).order_by("pk")
    list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))


@transaction.atomic
def rotate_credential(
    *,
    by: Actor,
    service_principal: ServicePrincipal,
    secret: str | None = None,
    certificate: str | None = None,
    identity: str | None = None,
    expires_at: datetime | None = None,
) -> ServicePrincipal:
    """Replace the credential, and clear the result of the last check. Raise Conflict if the tenant is archived."""
    refuse_archived(service_principal.tenant)
    new = validate_credential(
        secret,
        certificate,
        expires_at,
        identity=identity,
        directory=service_principal.directory,
        client_id=service_principal.client_id,
    )
    row = ServicePrincipal.objects.select_for_update(no_key=True).get(pk=service_principal.pk)
    row.note_replacement(new.kind, new.thumbprint, new.expires_at)
    secrets.seal(row, "credential", new.plain)
    row.save()
    _journal(by, row, "service_principal.credential_rotated")
    return row


@transaction.atomic
def record_credential_check(
    *, by: Actor, service_principal: ServicePrincipal, result: CredentialResult
) -> ServicePrincipal:
    """Store the result of a check whether the principal can sign in. If the result differs from the previous result,
    also record it in the journal.

    `service_principal` is the row whose credential the check used. If this credential was replaced meanwhile, nothing
    is stored.
    """
    row = ServicePrincipal.objects.select_for_update(no_key=True).get(pk=service_principal.pk)
    if row.rotated_at != service_principal.rotated_at:
        return row
    is_news = row.note_check(result.error_code, result.error, is_refusal=result.is_refusal)
    row.save(update_fields=row.CHECKED)
    if is_news:
        action = "service_principal.signed_in" if result.ok else "service_principal.sign_in_failed"
        journal.record(tenant=row.tenant, actor=by, action=action, target=row, details=result.details)
    return row


@transaction.atomic
def set_principal_enabled(
    *, by: Actor, service_principal: ServicePrincipal, enabled: bool
) -> ServicePrincipal:
    """Enable or disable the principal for assessments, the watch and checks of findings. The credential is kept."""
    row = ServicePrincipal.objects.select_for_update(no_key=True).get(pk=service_principal.pk)
    if (row.disabled_at is None) != enabled:
        row.disabled_at = None if enabled else timezone.now()
        row.save(update_fields=["disabled_at"])
        _journal(by, row, "service_principal.enabled" if enabled else "service_principal.disabled")
    return row


@transaction.atomic
def remove_service_principal(*, by: Actor, service_principal: ServicePrincipal) -> None:
    """Delete the principal and its sealed credential. The subscriptions that it read, and their findings, stay."""
    row = ServicePrincipal.objects.select_for_update(no_key=True).get(pk=service_principal.pk)
    _journal(by, row, "service_principal.removed")
    row.delete()


@transaction.atomic
def record_refused_credential(*, by: Actor, directory: Directory, client_id: str, error_code: str) -> None:
    """Record in the journal that a new credential was not stored because signing in with it failed."""
    journal.record(
        tenant=directory.tenant,
        actor=by,
        action="service_principal.credential_refused",
        target=directory.tenant if directory._state.adding else directory,
        details={
            "client_id": client_id,
            "directory_id": directory.directory_id,
            "error_code": error_code,
        },
    )


def validate_credential(
    secret: str | None,
    certificate: str | None,
    expires_at: datetime | None,
    *,
    identity: str | None = None,
    directory: SignInDirectory | None = None,
    client_id: str = "",
) -> NewCredential:
    """Return the given secret, certificate or host identity as a credential.

    Raise InvalidInput if none or several of them are given, or if the given one is invalid. The message of the error
    says what to enter.

    `identity` is the name of a host identity. The operator must allow it for `directory` and `client_id`.
    """
    if sum(map(bool, (secret, certificate, identity))) != 1:
        message = "Enter either a client secret or a certificate."
        if identity:
            message = "Choose a host identity, a client secret or a certificate, but only one of them."
        raise InvalidInput(
            message, code="credential_choice", fields={"secret": [message], "certificate": [message]}
        )
    if identity:
        return _host_identity(identity, directory, client_id, expires_at)
    if certificate:
        if expires_at is not None:
            raise invalid("expires_at", "A certificate contains its own end date, so leave this field empty.")
        read = certificates.read(certificate)
        return NewCredential(ServicePrincipal.Kind.CERTIFICATE, read.pem, read.expires_at, read.thumbprint)
    plain = check_secret(secret or "")
    if expires_at is not None and expires_at <= timezone.now():
        raise invalid(
            "expires_at", "This secret has expired. Create a new one in Entra.", code="secret_expired"
        )
    return NewCredential(ServicePrincipal.Kind.SECRET, plain, expires_at)


def _host_identity(
    name: str, directory: SignInDirectory | None, client_id: str, expires_at: datetime | None
) -> NewCredential:
    if expires_at is not None:
        raise invalid("expires_at", "A host identity has no end date, so leave this field empty.")
    if directory is None:
        raise ValueError("A host identity needs a directory. Pass the directory.")
    found = next((one for one in host_identities.allowed(directory) if one.name == name), None)
    if found is None or found.client_id != client_id:
        raise invalid(
            "identity",
            "The operator of this installation does not allow this host identity for the directory and client ID."
            " Check the client ID, or ask the operator.",
            code="host_identity_not_allowed",
        )
    return NewCredential(ServicePrincipal.Kind(found.kind), found.name, None)


def check_secret(secret: str) -> str:
    """Return a client secret without surrounding spaces. Raise InvalidInput if the text cannot be a secret."""
    plain = secret.strip()
    if not plain or len(plain) > MAX_SECRET_LENGTH or not plain.isprintable():
        raise invalid(
            "secret",
            f"Enter a client secret: a single line of 1 to {MAX_SECRET_LENGTH} printable characters.",
        )
    if parse_uuid(plain) is not None:
        raise invalid(
            "secret",
            "This is the ID of the secret, not its value. Enter the value, which Entra shows only when the secret is"
            " created.",
            code="secret_is_its_id",
        )
    return plain


def _journal(by: Actor, principal: ServicePrincipal, action: str) -> None:
    journal.record(
        tenant=principal.tenant,
        actor=by,
        action=action,
        target=principal,
        details=principal.facts(principal.directory.directory_id),
    )
