"""Sign in with a new credential before it is stored, and check stored credentials on request.

A page calls `request_attempt` and polls `latest_attempt`; a worker runs `run_attempt`. The new credential waits in the
cache, sealed with the key ring, for at most ten minutes. If Entra refuses the new credential, it is never stored, and
the previous credential stays in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from assessments.actions.credentials.attempt_records import (
    Attempt,
    count_sign_in,
    end_attempt,
    latest_attempt,
    new_attempt,
    store_attempt,
    waiting_attempt,
)
from assessments.actions.credentials.preflight import (
    MAX_SUBSCRIPTIONS,
    read_subscriptions,
    request_preflight,
)
from assessments.actions.credentials.principal_roles import record_roles
from assessments.actions.start import start
from assessments.actions.task_names import TRY_CREDENTIAL
from assessments.errors import AlreadyRunning
from tenants import access
from tenants.actions import (
    add_directory,
    add_service_principal,
    record_credential_check,
    record_refused_credential,
    refuse_archived,
    rotate_credential,
    sync_subscriptions,
    validate_credential,
)
from tenants.actions.directories import guid
from tenants.actions.service_principals import lock_principals
from tenants.actions.subscriptions import lock_subscriptions
from tenants.azure import credentials, host_identities
from tenants.azure.credentials import CredentialResult
from tenants.dispatch import enqueue
from tenants.errors import Conflict, SuretyError
from tenants.models import Directory, Person, ServicePrincipal, Tenant
from tenants.roles import Capability
from tenants.scope import person_scope, tenant_scope


def request_attempt(
    *,
    by: Person,
    directory: Directory,
    service_principal: ServicePrincipal | None = None,
    client_id: str = "",
    name: str = "",
    secret: str | None = None,
    certificate: str | None = None,
    identity: str | None = None,
    expires_at: datetime | None = None,
    starts_assessment: bool = False,
) -> Attempt:
    """Request a sign-in with a new credential, which is stored if the sign-in succeeds.

    The new credential replaces the stored credential of `service_principal`. If `service_principal` is None, a new
    service principal is stored. If its directory is new too (`unsaved_directory`), the directory is also stored. If
    `starts_assessment` is true, an assessment starts after a successful sign-in.

    Raise InvalidInput for a malformed credential. Raise Conflict if the directory already has the new principal, or if
    the customer has already requested `MAX_PER_HOUR` sign-ins in this hour.
    """
    refuse_archived(directory.tenant)
    application = service_principal.client_id if service_principal else guid("client_id", client_id)
    new = validate_credential(
        secret, certificate, expires_at, identity=identity, directory=directory, client_id=application
    )
    is_stored = Directory.objects.filter(pk=directory.pk).exists()
    if service_principal is None and is_stored:
        _require_unknown(directory, application)
    attempt = new_attempt(
        by,
        application,
        directory_id=directory.pk if is_stored else None,
        principal_id=service_principal.pk if service_principal else None,
        has_new_credential=True,
    )
    count_sign_in(directory.tenant_id)
    credential = {
        "client_id": application,
        "name": name,
        "kind": str(new.kind),
        "plain": new.plain,
        # `expires_at` can be None for a certificate, because a certificate contains its end date.
        "expires_at": expires_at.isoformat() if expires_at else "",
        "starts_assessment": "1" if starts_assessment else "",
        # The directory may not be stored yet, so the attempt contains the data of the directory instead of the key of a
        # stored directory.
        "directory_id": directory.directory_id,
        "directory_name": directory.name,
        "cloud": directory.cloud_name,
    }
    store_attempt(directory.tenant_id, attempt, credential)
    enqueue(TRY_CREDENTIAL, directory.tenant_id, attempt.id)
    return attempt


def request_check(*, by: Person, service_principal: ServicePrincipal) -> Attempt:
    """Request a sign-in with the stored credential. Raise Conflict if the customer has already requested `MAX_PER_HOUR`
    sign-ins in this hour.
    """
    count_sign_in(service_principal.tenant_id)
    attempt = new_attempt(
        by,
        service_principal.client_id,
        directory_id=service_principal.directory_id,
        principal_id=service_principal.pk,
    )
    store_attempt(service_principal.tenant_id, attempt)
    enqueue(TRY_CREDENTIAL, service_principal.tenant_id, attempt.id)
    return attempt


def run_attempt(*, tenant_id: UUID, attempt_id: UUID) -> None:
    """Run a requested attempt in a worker, unless it already has a result.

    Raise RuntimeError if called inside a transaction, which would stay open during the requests to Azure.
    """
    if (found := waiting_attempt(tenant_id, attempt_id)) is None:
        return
    attempt, new = found
    with tenant_scope(tenant_id):
        directory = _directory(tenant_id, attempt, new)
        principal = _principal(attempt.principal_id)
    if attempt.principal_id is not None and principal is None:
        gone = CredentialResult(
            "service_principal_removed", "The service principal was removed. Register it again."
        )
        end_attempt(tenant_id, attempt, gone)
        return
    # Check before the sign-in whether the person still has the right to test this credential.
    try:
        _require_right(Person.objects.get(pk=attempt.requested_by), directory, new)
    except SuretyError as error:
        end_attempt(tenant_id, attempt, CredentialResult(error.code, error.message))
        return
    if new is not None:
        result = credentials.check_new(
            directory, client_id=new["client_id"], kind=new["kind"], plain=new["plain"]
        )
    else:
        assert principal is not None
        result = credentials.check(principal)
    current = latest_attempt(tenant_id, attempt_id)
    if current is None or current.is_lost:
        return
    # Read the person's account again, because it may have been disabled during the sign-in.
    by = Person.objects.get(pk=attempt.requested_by)
    try:
        # The person may have lost the permission since requesting the attempt.
        _require_right(by, directory, new)
        with tenant_scope(tenant_id):
            stored = _record(by, directory, principal, new, result)
            started = _started(by, directory, new, result)
    except SuretyError as error:
        end_attempt(tenant_id, attempt, CredentialResult(error.code, error.message))
        return
    if stored is not None:
        attempt = replace(attempt, principal_id=stored.pk, directory_id=stored.directory_id)
    end_attempt(tenant_id, replace(attempt, assessment_id=started), result)
    # Record the roles of a principal whose stored credential was checked. For a new credential, `_record` has requested
    # a pre-flight, which records the roles.
    if new is None and stored is not None and result.ok:
        record_roles(tenant_id=tenant_id, service_principal_id=stored.pk)


def _record(
    by: Person,
    directory: Directory,
    principal: ServicePrincipal | None,
    new: Mapping[str, str] | None,
    result: CredentialResult,
) -> ServicePrincipal | None:
    """Store the result of the sign-in and, if it succeeded, the new credential. Return the principal, or None if no
    principal is stored.
    """
    if new is not None and result.error_code:
        record_refused_credential(
            by=by, directory=directory, client_id=new["client_id"], error_code=result.error_code
        )
        return principal
    refuse_archived(directory.tenant)
    # Lock all rows that this transaction will change, before its first journal entry (`tenants.locks`).
    lock_principals([principal.pk] if principal is not None else [])
    lock_subscriptions([directory.tenant_id])
    if new is not None and directory._state.adding:
        directory = add_directory(
            by=by,
            tenant=directory.tenant,
            directory_id=directory.directory_id,
            name=directory.name,
            cloud=directory.cloud_name,
        )
    stored = principal if new is None else _store_credential(by, directory, principal, new)
    assert stored is not None
    record_credential_check(by=by, service_principal=stored, result=result)
    if result.subscriptions is not None:
        sync_subscriptions(by=by, service_principal=stored, discovered=result.subscriptions)
    if new is not None:
        asked = read_subscriptions(stored)[:MAX_SUBSCRIPTIONS]
        request_preflight(by=by, service_principal=stored, subscriptions=asked)
    return stored


def _require_right(by: Person, directory: Directory, new: Mapping[str, str] | None) -> None:
    """Raise PermissionDenied unless the person may use the credential: store the new one, or check the stored one if
    `new` is None.

    A host identity belongs to the machine on which Surety runs, so all customers share it. A person may store it as a
    credential only with the right to register customers in the whole organization.
    """
    with person_scope(by):
        access.require(Capability.ADMINISTER, tenant_id=directory.tenant_id)
        if new is not None and new["kind"] in host_identities.KINDS:
            access.require_in_organization(
                Capability.REGISTER, organization_id=directory.tenant.organization_id
            )


def _require_unknown(directory: Directory, client_id: str) -> None:
    if ServicePrincipal.objects.filter(directory=directory, client_id=client_id).exists():
        message = (
            "This service principal is already registered. To change its credential, open it under Settings."
        )
        raise Conflict(message, code="already_there", fields={"client_id": [message]})


def unsaved_directory(*, tenant: Tenant, directory_id: str, name: str, cloud: str) -> Directory:
    """Return a directory that is not stored. Pass it to `request_attempt`, which stores it if the sign-in succeeds."""
    identifier = guid("directory_id", directory_id)
    return Directory(
        tenant=tenant, directory_id=identifier, name=name.strip() or identifier, cloud_name=cloud
    )


def _directory(tenant_id: UUID, attempt: Attempt, new: Mapping[str, str] | None) -> Directory:
    """Return the attempt's directory. If the directory was new when the attempt was requested, the result is unsaved,
    unless another attempt has stored the directory since.
    """
    rows = Directory.objects.select_related("tenant").filter(tenant=tenant_id)
    if attempt.directory_id is not None:
        return rows.get(pk=attempt.directory_id)
    assert new is not None
    found = rows.filter(directory_id=new["directory_id"]).first()
    return found or unsaved_directory(
        tenant=Tenant.objects.get(pk=tenant_id),
        directory_id=new["directory_id"],
        name=new["directory_name"],
        cloud=new["cloud"],
    )


def _started(
    by: Person, directory: Directory, new: Mapping[str, str] | None, result: CredentialResult
) -> UUID | None:
    """If the sign-in succeeded and an assessment was requested, start the assessment and return its id. Otherwise, or
    if an assessment of the customer is already running, return None.
    """
    if new is None or not new["starts_assessment"] or not result.ok:
        return None
    try:
        with transaction.atomic():
            return start(tenant=directory.tenant, by=by).pk
    except AlreadyRunning:
        return None


def _principal(identifier: UUID | None) -> ServicePrincipal | None:
    rows = ServicePrincipal.objects.select_related("directory", "directory__tenant")
    return rows.filter(pk=identifier).first() if identifier else None


def _store_credential(
    by: Person, directory: Directory, principal: ServicePrincipal | None, new: Mapping[str, str]
) -> ServicePrincipal:
    arguments = {ServicePrincipal.Kind.SECRET: "secret", ServicePrincipal.Kind.CERTIFICATE: "certificate"}
    credential: dict[str, Any] = {
        arguments.get(ServicePrincipal.Kind(new["kind"]), "identity"): new["plain"],
        "expires_at": datetime.fromisoformat(new["expires_at"]) if new["expires_at"] else None,
    }
    if principal is not None:
        return rotate_credential(by=by, service_principal=principal, **credential)
    return add_service_principal(
        by=by, directory=directory, client_id=new["client_id"], name=new["name"], **credential
    )
