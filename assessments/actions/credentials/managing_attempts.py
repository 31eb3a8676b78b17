"""Sign in with a new credential of an organization's own service principal before the credential is stored. Also check
stored credentials on request.

A page requests a sign-in, and a worker runs it. After the sign-in, the worker lists the delegated subscriptions. New
delegated subscriptions wait until an administrator assigns them to customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from assessments.actions.credentials.attempt_records import (
    Attempt,
    count_sign_in,
    end_attempt,
    latest_attempt,
    new_attempt,
    store_attempt,
    waiting_attempt,
)
from assessments.actions.task_names import TRY_MANAGING_CREDENTIAL
from tenants import access
from tenants.actions.delegations import follow_delegations, lock_delegations, sync_delegations
from tenants.actions.managing_principals import (
    record_managing_check,
    record_refused_managing_credential,
    store_managing_credential,
    unsaved_principal,
    validate_managing_credential,
)
from tenants.actions.service_principals import NewCredential
from tenants.actions.subscriptions import lock_subscriptions
from tenants.actors import Actor
from tenants.azure import credentials
from tenants.azure.credentials import CredentialResult
from tenants.dispatch import enqueue
from tenants.errors import Conflict, SuretyError
from tenants.journal.batch import lock_chains
from tenants.models import (
    Delegation,
    ManagingPrincipal,
    Organization,
    Person,
    StoredCredential,
    Subscription,
    Tenant,
)
from tenants.roles import Capability
from tenants.scope import organization_scope, person_scope

GONE = CredentialResult("service_principal_removed", "The service principal was removed. Register it again.")


def request_managing_attempt(
    *,
    by: Person,
    principal: ManagingPrincipal,
    secret: str | None = None,
    certificate: str | None = None,
    identity: str | None = None,
    expires_at: datetime | None = None,
) -> Attempt:
    """Request a sign-in with a new credential, which is stored if the sign-in succeeds.

    If the principal itself is new (`unsaved_principal`), the principal is stored together with its first credential.
    Raise InvalidInput for a malformed credential. Raise Conflict if the organization already has the principal, or
    after too many sign-ins in this hour.
    """
    new = validate_managing_credential(
        principal, secret=secret, certificate=certificate, identity=identity, expires_at=expires_at
    )
    is_new = principal._state.adding
    if is_new:
        _require_unknown(principal)
    attempt = new_attempt(
        by, principal.client_id, principal_id=None if is_new else principal.pk, has_new_credential=True
    )
    count_sign_in(principal.organization_id)
    credential = {
        "client_id": principal.client_id,
        "name": principal.name,
        "directory_id": principal.directory_id,
        "cloud": principal.cloud_name,
        **{f"cloud_{name}": value for name, value in principal.cloud_settings.items()},
        "kind": str(new.kind),
        "plain": new.plain,
        "expires_at": expires_at.isoformat() if expires_at else "",
    }
    store_attempt(principal.organization_id, attempt, credential)
    enqueue(TRY_MANAGING_CREDENTIAL, principal.organization_id, attempt.id)
    return attempt


def request_managing_check(*, by: Person, principal: ManagingPrincipal) -> Attempt:
    """Request a sign-in with the stored credential, after which the delegated subscriptions are listed again."""
    count_sign_in(principal.organization_id)
    attempt = new_attempt(by, principal.client_id, principal_id=principal.pk)
    store_attempt(principal.organization_id, attempt)
    enqueue(TRY_MANAGING_CREDENTIAL, principal.organization_id, attempt.id)
    return attempt


def run_managing_attempt(*, organization_id: UUID, attempt_id: UUID) -> None:
    """Run a requested attempt in a worker, unless it already has a result.

    Raise RuntimeError if called inside a transaction, which would stay open during the requests to Azure.
    """
    if (found := waiting_attempt(organization_id, attempt_id)) is None:
        return
    attempt, fields = found
    by = Person.objects.get(pk=attempt.requested_by)
    try:
        _require_right(by, organization_id)
        with organization_scope(organization_id):
            principal = _principal(organization_id, attempt.principal_id, fields)
            new = _new(principal, fields) if principal is not None and fields is not None else None
    except SuretyError as error:
        end_attempt(organization_id, attempt, CredentialResult(error.code, error.message))
        return
    if principal is None:
        end_attempt(organization_id, attempt, GONE)
        return
    result = sign_in(principal, new)
    current = latest_attempt(organization_id, attempt_id)
    if current is None or current.is_lost:
        return
    # The person may have lost the permission since requesting the attempt.
    by = Person.objects.get(pk=attempt.requested_by)
    try:
        _require_right(by, organization_id)
        stored = record_sign_in(by=by, principal=principal, new=new, result=result)
    except SuretyError as error:
        end_attempt(organization_id, attempt, CredentialResult(error.code, error.message))
        return
    if stored is not None:
        attempt = replace(attempt, principal_id=stored.pk)
    end_attempt(organization_id, attempt, result)


def sign_in(principal: ManagingPrincipal, new: NewCredential | None = None) -> CredentialResult:
    """Sign in with the stored or a new credential, and read the principal's roles on delegated subscriptions. Call this
    function outside of any transaction.
    """
    if new is None:
        return credentials.check(principal, asks_roles=True)
    return credentials.check_new(
        principal, client_id=principal.client_id, kind=new.kind, plain=new.plain, asks_roles=True
    )


def record_sign_in(
    *, by: Actor, principal: ManagingPrincipal, new: NewCredential | None, result: CredentialResult
) -> ManagingPrincipal | None:
    """Store the result of a sign-in and the subscriptions that the principal sees. If Entra accepted a new credential,
    store this credential too. This function opens the organization's scope (`tenants.scope`).

    Return the stored principal. If Entra refused the sign-in of a new principal, store no principal and return None.
    """
    with organization_scope(principal.organization_id):
        organization = Organization.objects.get(pk=principal.organization_id)
        if new is not None and result.error_code:
            record_refused_managing_credential(by=by, principal=principal, error_code=result.error_code)
            return None if principal._state.adding else principal
        # Lock all rows that this transaction will change, before its first journal entry (`tenants.locks`).
        lock_delegations(organization.pk)
        tenants = _customers(organization)
        lock_subscriptions([tenant.pk for tenant in tenants])
        lock_chains([organization, *tenants])
        if new is None and not ManagingPrincipal.objects.filter(pk=principal.pk).exists():
            raise Conflict(GONE.error, code=GONE.error_code)
        stored = principal if new is None else store_managing_credential(by=by, principal=principal, new=new)
        record_managing_check(by=by, principal=stored, result=result)
        if result.subscriptions is not None:
            sync_delegations(by=by, principal=stored, discovered=result.subscriptions)
            for tenant in tenants:
                follow_delegations(by=by, tenant=tenant)
        return stored


def _customers(organization: Organization) -> list[Tenant]:
    """Return the customers that a change of delegations can affect: those that have a delegated subscription, and those
    to which an administrator assigned a delegation.
    """
    delegating = Subscription.objects.filter(is_delegated=True).values("tenant")
    assigned = Delegation.objects.filter(organization=organization, tenant__isnull=False).values("tenant")
    rows = Tenant.objects.filter(pk__in=delegating) | Tenant.objects.filter(pk__in=assigned)
    return list(rows.filter(organization=organization).order_by("pk"))


def _require_right(by: Person, organization_id: UUID) -> None:
    with person_scope(by):
        access.require_in_organization(Capability.ORGANIZATION, organization_id=organization_id)


def _require_unknown(principal: ManagingPrincipal) -> None:
    known = ManagingPrincipal.objects.filter(
        organization=principal.organization_id,
        directory_id=principal.directory_id,
        client_id=principal.client_id,
    )
    if known.exists():
        message = "The organization already has this service principal. Open it to change its credential."
        raise Conflict(message, code="already_there", fields={"client_id": [message]})


def _principal(
    organization_id: UUID, identifier: UUID | None, fields: Mapping[str, str] | None
) -> ManagingPrincipal | None:
    """Return the stored principal, or the new principal that is not stored yet. Return None if the stored principal was
    removed.
    """
    rows = ManagingPrincipal.objects.select_related("organization").filter(organization=organization_id)
    if identifier is not None:
        return rows.filter(pk=identifier).first()
    assert fields is not None
    return unsaved_principal(
        organization=Organization.objects.get(pk=organization_id),
        directory_id=fields["directory_id"],
        client_id=fields["client_id"],
        name=fields["name"],
        cloud=fields["cloud"],
        cloud_settings={
            key.removeprefix("cloud_"): value for key, value in fields.items() if key.startswith("cloud_")
        },
    )


def _new(principal: ManagingPrincipal, fields: Mapping[str, str]) -> NewCredential:
    arguments = {StoredCredential.Kind.SECRET: "secret", StoredCredential.Kind.CERTIFICATE: "certificate"}
    return validate_managing_credential(
        principal,
        expires_at=datetime.fromisoformat(fields["expires_at"]) if fields["expires_at"] else None,
        **{arguments.get(StoredCredential.Kind(fields["kind"]), "identity"): fields["plain"]},
    )
