"""Asks what a service principal may read, before or after it is used for an assessment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assessments.actions.sign_in import forget_session, session_for
from assessments.controls.registry import catalogue
from tenants import credentials, journal
from tenants.actors import Actor
from tenants.errors import SuretyError
from tenants.models import ServicePrincipal, Subscription

if TYPE_CHECKING:
    from assessments.preflight import PreflightReport


def run_preflight(
    *, by: Actor, service_principal: ServicePrincipal, subscriptions: Iterable[str] | None = None
) -> PreflightReport:
    """Which controls the principal lets be judged, and what grants the rest; the journal notes that it was asked.

    `subscriptions` are GUIDs, by default all of its directory that are included. A sign-in that fails is the
    report's error. Takes as long as some thirty requests a subscription do.
    """
    # Azure's packages are slow to load: only who asks pays for them.
    from assessments.collect.refusals import SignInError
    from assessments.preflight import PreflightReport, preflight

    places = tuple(_known(service_principal) if subscriptions is None else subscriptions)
    controls = list(catalogue().values())
    try:
        credential = credentials.credential_of(service_principal)
    except SuretyError as error:
        report = PreflightReport(
            service_principal.client_id, places, error_code=error.code, error=error.message
        )
    else:
        try:
            report = preflight(
                session_for(credential), places, controls, client_id=service_principal.client_id
            )
        except SignInError as error:
            forget_session(credential)
            report = PreflightReport(
                service_principal.client_id, places, error_code=error.code, error=error.message
            )
    journal.record(
        tenant=service_principal.directory.tenant,
        actor=by,
        action="service_principal.preflight",
        target=service_principal,
        details={
            "subscriptions": len(report.subscriptions),
            "judged": len(report.judged),
            "not_judged": len(report.not_judged),
            "missing": [grant.permission for grant in report.grants],
            "error_code": report.error_code,
        },
    )
    return report


def _known(service_principal: ServicePrincipal) -> list[str]:
    rows = Subscription.objects.filter(directory=service_principal.directory, included=True)
    rows = rows.exclude(state=Subscription.VANISHED).order_by("subscription_id")
    return list(rows.values_list("subscription_id", flat=True))
