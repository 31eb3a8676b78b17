"""Run the pre-flight: check which data a service principal can read.

Requests to Azure are made outside any transaction. A page calls `request_preflight` and polls `latest_preflight`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from assessments.actions import sealed_cache
from assessments.actions.credentials.principal_roles import record_roles
from assessments.actions.credentials.sign_in import forget_session, session_for
from assessments.controls.registry import catalogue
from assessments.estate.identity.principal_roles import more_than_reading
from assessments.permissions.readiness import PreflightReport, as_plain, from_plain
from assessments.version import VERSION
from tenants import journal
from tenants.actions.service_principals import lock_principals, record_credential_check
from tenants.actors import Actor
from tenants.azure import credentials
from tenants.azure.credentials import Credential, CredentialResult
from tenants.dispatch import enqueue
from tenants.errors import SuretyError
from tenants.models import Person, ServicePrincipal, Subscription
from tenants.scope import tenant_scope

PREFLIGHT = "assessments.tasks.preflight"
MAX_SECONDS = 240
"""Seconds after which a requested pre-flight stops waiting for answers. The report of the pre-flight lists missing
answers as gaps.
"""
LOST_AFTER = MAX_SECONDS + 60
"""Seconds after which a pre-flight without a result counts as lost."""
MAX_SUBSCRIPTIONS = 100
"""The maximum number of subscriptions in a pre-flight. Each subscription takes about forty requests, so a pre-flight of
more subscriptions could take longer than `MAX_SECONDS`.
"""
_CACHE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Requested:
    """The latest requested pre-flight. `report` is None until the pre-flight has finished.

    `requested_by` is the id of the person who requested the pre-flight, for the journal. Workers read this id from the
    sealed cache and not from the message that starts the task, because such a message could be forged.
    """

    at: datetime
    requested_by: UUID
    subscriptions: tuple[str, ...]
    report: PreflightReport | None = None
    failed: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether the pre-flight failed, or has taken so long that no worker can still be running it."""
        return self.report is None and (
            self.failed or (timezone.now() - self.at).total_seconds() > LOST_AFTER
        )

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is running the pre-flight, or will run it."""
        return self.report is None and not self.is_lost


def run_preflight(
    *,
    by: Actor,
    tenant_id: UUID,
    service_principal_id: UUID,
    subscriptions: Iterable[str] | None = None,
    seconds: float | None = None,
) -> PreflightReport:
    """Check which controls can be judged and which grants are missing, and record the check in the journal.

    `subscriptions` are GUIDs; the default is the result of `read_subscriptions`. If Entra refuses the sign-in, the
    report contains the error. Otherwise, the principal's roles are recorded. A pre-flight sends about forty requests
    per subscription and takes at most `seconds`. Raise RuntimeError if called inside a transaction, which would stay
    open during the requests to Azure.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A pre-flight sends requests to Azure. Run it outside any scope and transaction.")
    with tenant_scope(tenant_id):
        principal = _principal(service_principal_id)
        subscription_ids = tuple(read_subscriptions(principal) if subscriptions is None else subscriptions)
        credential = _credential(principal)
    report = replace(
        _check(credential, principal, subscription_ids, seconds), cloud=principal.directory.cloud_name
    )
    checked = principal
    with tenant_scope(tenant_id):
        principal = _principal(service_principal_id)
        lock_principals([service_principal_id])
        journal.record(
            tenant=principal.directory.tenant,
            actor=by,
            action="service_principal.preflight",
            target=principal,
            details=_details(report),
        )
        result = CredentialResult(error_code=report.error_code, error=report.error)
        record_credential_check(by=by, service_principal=checked, result=result)
    roles = (
        record_roles(tenant_id=tenant_id, service_principal_id=service_principal_id) if result.ok else None
    )
    if roles is None:
        return report
    in_directory = tuple(("", permission) for permission in more_than_reading(roles))
    return replace(report, excessive=(*report.excessive, *in_directory))


def request_preflight(
    *, by: Person, service_principal: ServicePrincipal, subscriptions: Iterable[str]
) -> Requested:
    """Request a pre-flight. A worker runs the pre-flight, and its result is cached for a day."""
    requested = Requested(timezone.now(), by.pk, tuple(subscriptions))
    _store(service_principal.tenant_id, service_principal.pk, requested)
    enqueue(PREFLIGHT, service_principal.tenant_id, service_principal.pk)
    return requested


def request_preflight_again(*, by: Person, service_principal: ServicePrincipal) -> Requested:
    """If a pre-flight of the principal is already running, return that pre-flight. Otherwise, request a pre-flight for
    the first `MAX_SUBSCRIPTIONS` of the subscriptions that `read_subscriptions` returns.
    """
    newest = latest_preflight(service_principal)
    if newest is not None and newest.is_waiting:
        return newest
    asked = read_subscriptions(service_principal)[:MAX_SUBSCRIPTIONS]
    return request_preflight(by=by, service_principal=service_principal, subscriptions=asked)


def read_subscriptions(service_principal: ServicePrincipal) -> list[str]:
    """Return the GUIDs of the subscriptions that assessments read through the principal, or that have no principal yet.

    Subscriptions that assessments read through another principal are left out, because `service_principal` needs no
    grant on them. If the result is empty, the pre-flight checks all subscriptions that `service_principal` sees.
    """
    rows = Subscription.objects.filter(
        Subscription.assessed(),
        Q(service_principal=service_principal) | Q(service_principal=None),
        tenant=service_principal.tenant_id,
        directory=service_principal.directory_id,
    )
    rows = rows.order_by("display_name", "subscription_id")
    return list(rows.values_list("subscription_id", flat=True))


def run_requested(*, tenant_id: UUID, service_principal_id: UUID) -> None:
    """Run a requested pre-flight in a worker, unless it has a result.

    A request that is older than `LOST_AFTER` is not run: somebody with access to the cache may have put it back.
    """
    requested = _load(tenant_id, service_principal_id)
    if requested is None or requested.report is not None or requested.is_lost:
        return
    by = Person.objects.get(pk=requested.requested_by)
    try:
        report = run_preflight(
            by=by,
            tenant_id=tenant_id,
            service_principal_id=service_principal_id,
            subscriptions=requested.subscriptions,
            seconds=MAX_SECONDS,
        )
    except Exception:
        # Store the failure for the page that waits for the result. Raise the error again, so that the worker logs it.
        _store(tenant_id, service_principal_id, replace(requested, failed=True))
        raise
    _store(tenant_id, service_principal_id, replace(requested, report=report))


def latest_preflight(service_principal: ServicePrincipal) -> Requested | None:
    """Return the latest pre-flight that was requested in the last 24 hours, or None.

    The report contains commands that add missing grants. The commands name the present application and cloud of the
    principal, even if the application or the cloud has changed since the pre-flight.
    """
    requested = _load(service_principal.tenant_id, service_principal.pk)
    if requested is None or requested.report is None:
        return requested
    cloud = service_principal.directory.cloud_name
    report = replace(requested.report, client_id=service_principal.client_id, cloud=cloud)
    return replace(requested, report=report)


def _principal(identifier: UUID) -> ServicePrincipal:
    return ServicePrincipal.objects.select_related("directory__tenant").get(pk=identifier)


def _credential(principal: ServicePrincipal) -> Credential | SuretyError:
    try:
        return credentials.credential_of(principal)
    except SuretyError as error:
        return error


def _check(
    credential: Credential | SuretyError,
    principal: ServicePrincipal,
    subscription_ids: tuple[str, ...],
    seconds: float | None,
) -> PreflightReport:
    # Imported here, because Azure's packages are slow to load.
    from assessments.collect.sign_in.refusals import SignInError
    from assessments.permissions.preflight import preflight

    client_id = principal.client_id
    if isinstance(credential, SuretyError):
        return PreflightReport(
            client_id, subscription_ids, error_code=credential.code, error=credential.message
        )
    try:
        controls = list(catalogue().values())
        return preflight(
            session_for(credential),
            subscription_ids,
            controls,
            client_id=client_id,
            cloud=principal.directory.cloud_name,
            now=timezone.now(),
            seconds=seconds,
        )
    except SignInError as error:
        forget_session(credential)
        return PreflightReport(client_id, subscription_ids, error_code=error.code, error=error.message)


def _details(report: PreflightReport) -> dict[str, Any]:
    return {
        "subscriptions": len(report.subscriptions),
        "judged": len(report.judged),
        "not_judged": len(report.not_judged),
        "missing": [grant.permission for grant in report.grants],
        "error_code": report.error_code,
    }


def _key(tenant_id: UUID, service_principal_id: UUID) -> str:
    # The key contains Surety's version, because another version may not understand the cached value.
    return f"preflight:{VERSION}:{tenant_id}:{service_principal_id}"


def _store(tenant_id: UUID, service_principal_id: UUID, requested: Requested) -> None:
    record = {
        "at": requested.at.isoformat(),
        "requested_by": str(requested.requested_by),
        "subscriptions": list(requested.subscriptions),
        "failed": requested.failed,
        "report": as_plain(requested.report) if requested.report else None,
    }
    sealed_cache.store(_key(tenant_id, service_principal_id), record, _CACHE_SECONDS)


def _load(tenant_id: UUID, service_principal_id: UUID) -> Requested | None:
    record = sealed_cache.load(_key(tenant_id, service_principal_id))
    if record is None:
        return None
    return Requested(
        datetime.fromisoformat(record["at"]),
        UUID(record["requested_by"]),
        tuple(record["subscriptions"]),
        from_plain(record["report"]) if record["report"] else None,
        record["failed"],
    )
