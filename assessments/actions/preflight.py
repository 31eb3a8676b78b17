"""Asks what a service principal may read, before or after it is used for an assessment.

The network is asked without a transaction: `run_preflight` opens one to read the credential and one to write the
journal. A page does not wait for it: it calls `request_preflight` and looks for the answer with `latest_preflight`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from assessments.actions.sign_in import forget_session, session_for
from assessments.controls.registry import catalogue
from assessments.readiness import PreflightReport, as_plain, from_plain
from assessments.version import VERSION
from tenants import credentials, journal
from tenants.actions.service_principals import record_credential_check
from tenants.actors import Actor
from tenants.credentials import Credential, CredentialResult
from tenants.dispatch import enqueue
from tenants.errors import SuretyError
from tenants.models import Person, ServicePrincipal, Subscription
from tenants.scope import tenant_scope

PREFLIGHT = "assessments.tasks.preflight"
LONGEST = 240
"""Seconds after which a pre-flight that a page asked for tells what it has."""
LOST_AFTER = LONGEST + 60
"""Seconds after which a pre-flight that did not answer is taken for lost."""
KEPT = 24 * 3600


@dataclass(frozen=True, slots=True)
class Requested:
    """The newest pre-flight that a page asked for: `report` once it is there, `is_lost` where it never will."""

    at: datetime
    subscriptions: tuple[str, ...]
    report: PreflightReport | None = None
    failed: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether nobody works on it any more."""
        return self.report is None and (
            self.failed or (timezone.now() - self.at).total_seconds() > LOST_AFTER
        )


def run_preflight(
    *,
    by: Actor,
    tenant_id: UUID,
    service_principal_id: UUID,
    subscriptions: Iterable[str] | None = None,
    seconds: float | None = None,
) -> PreflightReport:
    """Which controls the principal lets be judged, and what grants the rest; the journal notes that it was asked.

    `subscriptions` are GUIDs, by default all of its directory that are included. A sign-in that fails is the
    report's error. Takes as long as some forty requests a subscription do, at most `seconds`. RuntimeError inside
    a transaction, which would be held meanwhile.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A pre-flight talks to Azure: run it outside of any scope and transaction.")
    with tenant_scope(tenant_id):
        principal = _principal(service_principal_id)
        places = tuple(_known(principal) if subscriptions is None else subscriptions)
        credential = _credential(principal)
    report = _asked(credential, principal.client_id, places, seconds)
    with tenant_scope(tenant_id):
        principal = _principal(service_principal_id)
        journal.record(
            tenant=principal.directory.tenant,
            actor=by,
            action="service_principal.preflight",
            target=principal,
            details=_details(report),
        )
        result = CredentialResult(error_code=report.error_code, error=report.error)
        record_credential_check(by=by, service_principal=principal, result=result)
    return report


def request_preflight(
    *, by: Person, service_principal: ServicePrincipal, subscriptions: Iterable[str]
) -> Requested:
    """Let a worker run it; what it finds is kept for a day."""
    asked = Requested(timezone.now(), tuple(subscriptions))
    _keep(service_principal.tenant_id, service_principal.pk, asked)
    enqueue(PREFLIGHT, service_principal.tenant_id, service_principal.pk, by.pk)
    return asked


def run_requested(*, tenant_id: UUID, service_principal_id: UUID, person_id: UUID) -> None:
    """What a worker does of a request; a request that was answered already is left alone."""
    asked = _kept(tenant_id, service_principal_id)
    if asked is None or asked.report is not None:
        return
    by = Person.objects.get(pk=person_id)
    try:
        report = run_preflight(
            by=by,
            tenant_id=tenant_id,
            service_principal_id=service_principal_id,
            subscriptions=asked.subscriptions,
            seconds=LONGEST,
        )
    except Exception:
        # Whoever waits is told; the error goes on to the worker's log.
        _keep(tenant_id, service_principal_id, Requested(asked.at, asked.subscriptions, failed=True))
        raise
    _keep(tenant_id, service_principal_id, Requested(asked.at, asked.subscriptions, report))


def latest_preflight(service_principal: ServicePrincipal) -> Requested | None:
    """The newest one that a page asked for, within a day."""
    return _kept(service_principal.tenant_id, service_principal.pk)


def _principal(identifier: UUID) -> ServicePrincipal:
    return ServicePrincipal.objects.select_related("directory__tenant").get(pk=identifier)


def _credential(principal: ServicePrincipal) -> Credential | SuretyError:
    try:
        return credentials.credential_of(principal)
    except SuretyError as error:
        return error


def _asked(
    credential: Credential | SuretyError, client_id: str, places: tuple[str, ...], seconds: float | None
) -> PreflightReport:
    # Azure's packages are slow to load: only who asks pays for them.
    from assessments.collect.refusals import SignInError
    from assessments.preflight import preflight

    if isinstance(credential, SuretyError):
        return PreflightReport(client_id, places, error_code=credential.code, error=credential.message)
    try:
        controls = list(catalogue().values())
        return preflight(session_for(credential), places, controls, client_id=client_id, seconds=seconds)
    except SignInError as error:
        forget_session(credential)
        return PreflightReport(client_id, places, error_code=error.code, error=error.message)


def _details(report: PreflightReport) -> dict[str, Any]:
    return {
        "subscriptions": len(report.subscriptions),
        "judged": len(report.judged),
        "not_judged": len(report.not_judged),
        "missing": [grant.permission for grant in report.grants],
        "error_code": report.error_code,
    }


def _key(tenant_id: UUID, service_principal_id: UUID) -> str:
    # By version: what one release wrote another need not understand.
    return f"preflight:{VERSION}:{tenant_id}:{service_principal_id}"


def _keep(tenant_id: UUID, service_principal_id: UUID, asked: Requested) -> None:
    plain = {
        "at": asked.at.isoformat(),
        "subscriptions": list(asked.subscriptions),
        "failed": asked.failed,
        "report": as_plain(asked.report) if asked.report else None,
    }
    cache.set(_key(tenant_id, service_principal_id), plain, KEPT)


def _kept(tenant_id: UUID, service_principal_id: UUID) -> Requested | None:
    plain: Mapping[str, Any] | None = cache.get(_key(tenant_id, service_principal_id))
    if plain is None:
        return None
    report = from_plain(plain["report"]) if plain["report"] else None
    at = datetime.fromisoformat(plain["at"])
    return Requested(at, tuple(plain["subscriptions"]), report, plain["failed"])


def _known(service_principal: ServicePrincipal) -> list[str]:
    rows = Subscription.objects.filter(directory=service_principal.directory, included=True)
    rows = rows.exclude(state=Subscription.VANISHED).order_by("subscription_id")
    return list(rows.values_list("subscription_id", flat=True))
