"""Manage an organization's own service principals: add, replace the credential, record checks, disable and remove."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tenants import clouds, journal, secrets
from tenants.actions._inputs import validate_fields
from tenants.actions.delegations import lock_delegations
from tenants.actions.directories import guid
from tenants.actions.service_principals import NewCredential, validate_credential
from tenants.actors import Actor
from tenants.azure.credentials import CredentialResult
from tenants.errors import Conflict
from tenants.models import ManagingPrincipal, Organization
from tenants.values.unique_names import unique_or_conflict


def unsaved_principal(
    *,
    organization: Organization,
    directory_id: str,
    client_id: str,
    name: str = "",
    cloud: str = "AzureCloud",
    cloud_settings: Mapping[str, str] | None = None,
) -> ManagingPrincipal:
    """Return a new principal that has no credential and is not stored yet. Raise InvalidInput if an id or the cloud is
    invalid.
    """
    chosen = clouds.cloud_from(cloud, cloud_settings)
    return ManagingPrincipal(
        organization=organization,
        directory_id=guid("directory_id", directory_id),
        client_id=guid("client_id", client_id),
        name=name.strip(),
        cloud_name=chosen.name,
        cloud_settings=clouds.settings_of(chosen),
    )


def validate_managing_credential(
    principal: ManagingPrincipal,
    *,
    secret: str | None = None,
    certificate: str | None = None,
    identity: str | None = None,
    expires_at: datetime | None = None,
) -> NewCredential:
    """Return the given secret, certificate or host identity as a credential.

    Raise InvalidInput if the format is invalid, or if the principal may not use the host identity. The message of the
    error says what to enter.
    """
    return validate_credential(
        secret,
        certificate,
        expires_at,
        identity=identity,
        directory=principal,
        client_id=principal.client_id,
    )


@transaction.atomic
def store_managing_credential(
    *, by: Actor, principal: ManagingPrincipal, new: NewCredential
) -> ManagingPrincipal:
    """Add the principal with its first credential, or replace the credential of a stored principal.

    Raise Conflict if the organization has another principal with this application and directory, or if the stored
    principal was removed.
    """
    is_new = principal._state.adding
    row = principal if is_new else _locked(principal)
    if is_new:
        row.kind, row.thumbprint, row.expires_at = new.kind, new.thumbprint, new.expires_at
    else:
        row.note_replacement(new.kind, new.thumbprint, new.expires_at)
    secrets.seal(row, "credential", new.plain)
    validate_fields(row)
    with unique_or_conflict(
        "tenants_managingprincipal_once",
        "client_id",
        "The organization already has this service principal. Open it to change its credential.",
    ):
        row.save(force_insert=is_new)
    _journal(by, row, "managing_principal.added" if is_new else "managing_principal.credential_rotated")
    return row


@transaction.atomic
def record_managing_check(
    *, by: Actor, principal: ManagingPrincipal, result: CredentialResult
) -> ManagingPrincipal:
    """Store the result of a check whether the principal can sign in. If the result differs from the previous result,
    also record it in the organization's journal.

    If the checked credential was replaced in the meantime, nothing is stored.
    """
    row = _locked(principal)
    if row.rotated_at != principal.rotated_at:
        return row
    is_news = row.note_check(result.error_code, result.error, is_refusal=result.is_refusal)
    row.save(update_fields=row.CHECKED)
    if is_news:
        action = "managing_principal.signed_in" if result.ok else "managing_principal.sign_in_failed"
        journal.record(
            organization=row.organization, actor=by, action=action, target=row, details=result.details
        )
    return row


@transaction.atomic
def set_managing_principal_enabled(
    *, by: Actor, principal: ManagingPrincipal, enabled: bool
) -> ManagingPrincipal:
    """Let assessments use the principal, or stop assessments from using it. The credential stays stored.

    The function waits for workers that are writing data which they have read with this principal
    (`delegated_access.permission_scope`).
    """
    lock_delegations(principal.organization_id)
    row = _locked(principal)
    if (row.disabled_at is None) != enabled:
        row.disabled_at = None if enabled else timezone.now()
        row.save(update_fields=["disabled_at"])
        _journal(by, row, "managing_principal.enabled" if enabled else "managing_principal.disabled")
    return row


@transaction.atomic
def remove_managing_principal(*, by: Actor, principal: ManagingPrincipal) -> None:
    """Delete the principal and its sealed credential.

    Decisions about delegated subscriptions stay, but assessments read nothing until another principal sees the
    subscriptions. The function waits for workers that are writing data which they have read with this principal.
    """
    lock_delegations(principal.organization_id)
    row = _locked(principal)
    _journal(by, row, "managing_principal.removed")
    row.delete()


@transaction.atomic
def record_refused_managing_credential(*, by: Actor, principal: ManagingPrincipal, error_code: str) -> None:
    """Record in the journal that a new credential was not stored because signing in with it failed."""
    journal.record(
        organization=principal.organization,
        actor=by,
        action="managing_principal.credential_refused",
        target=principal.organization if principal._state.adding else principal,
        details={
            "client_id": principal.client_id,
            "directory_id": principal.directory_id,
            "error_code": error_code,
        },
    )


def _locked(principal: ManagingPrincipal) -> ManagingPrincipal:
    """Return the principal's row, locked. Raise Conflict if somebody has removed the principal in the meantime."""
    row = ManagingPrincipal.objects.select_for_update(no_key=True).filter(pk=principal.pk).first()
    if row is None:
        raise Conflict(
            "The service principal was removed. Register it again.", code="service_principal_removed"
        )
    return row


def _journal(by: Actor, principal: ManagingPrincipal, action: str) -> None:
    journal.record(
        organization=principal.organization,
        actor=by,
        action=action,
        target=principal,
        details=principal.facts(principal.directory_id),
    )
