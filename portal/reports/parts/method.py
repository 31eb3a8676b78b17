"""Method: how and when the configuration was read, and with which service principals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from assessments.models import Unit
from portal.reports.parts import scope
from portal.reports.parts.part import Part, ReportFacts
from portal.reports.source import ReportSource
from portal.reports.unit_facts import MAX_AGE
from tenants.models import ServicePrincipal, Tenant


@dataclass(frozen=True, slots=True)
class Principal:
    """A service principal, without its secret. `kind`: the kind of its credential. `state`: the result of its last
    sign-in, as a text.
    """

    client_id: str
    name: str
    directory: str
    directory_id: str
    cloud: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """The facts of the part. `requests` and `throttled` count the API requests of all units. `started_at` and
    `ended_at` are the times of the report's assessment; some units may have been read by earlier assessments.
    `delegated` is the number of subscriptions that the organization's own service principal read (Azure Lighthouse).
    """

    principals: tuple[Principal, ...]
    delegated: int
    requests: int
    throttled: int
    started_at: datetime | None
    ended_at: datetime | None


def _gather(source: ReportSource) -> MethodFacts:
    assessment = source.assessment
    return MethodFacts(
        principals=tuple(_principals(source.tenant, without_names=source.report.without_names)),
        delegated=sum(unit.is_delegated and unit.kind == Unit.Kind.SUBSCRIPTION for unit in source.units),
        requests=sum(unit.requests for unit in source.units),
        throttled=sum(unit.throttled for unit in source.units),
        started_at=assessment.started_at,
        ended_at=assessment.ended_at,
    )


def _principals(tenant: Tenant, *, without_names: bool) -> list[Principal]:
    rows = ServicePrincipal.objects.filter(tenant=tenant).select_related("directory")
    return [
        Principal(
            client_id=row.client_id,
            name="(name left out)" if without_names else row.name,
            directory=row.directory.name,
            directory_id=row.directory.directory_id,
            cloud=row.directory.cloud_name,
            kind=row.get_kind_display(),
            state=_last_sign_in(row),
        )
        for row in rows.order_by("directory__name", "created_at")
    ]


def _last_sign_in(row: ServicePrincipal) -> str:
    if row.last_checked_at is None:
        return "sign-in never checked"
    checked = f"{row.last_checked_at:%Y-%m-%d %H:%M} UTC"
    if row.last_error_code:
        return f"could not sign in on {checked} ({row.last_error_code})"
    return f"signed in on {checked}"


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    units = facts.of(scope.PART).units
    return {"stale_units": sum(unit.stale for unit in units), "max_age_days": MAX_AGE.days}


PART = Part("method", gettext_noop("Method"), gather=_gather, context=_context)
