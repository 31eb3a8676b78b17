"""Method: how and when the configuration was read, and with which service principals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.reports.parts.part import Part
from portal.reports.source import ReportSource
from tenants.models import ServicePrincipal, Tenant


@dataclass(frozen=True, slots=True)
class Principal:
    """A service principal, without its secret. `kind`: of its credential. `state`: its last sign-in, for people."""

    client_id: str
    name: str
    directory: str
    directory_id: str
    cloud: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """`requests` and `throttled` count the API requests of the assessment itself."""

    principals: tuple[Principal, ...]
    requests: int
    throttled: int
    started_at: datetime | None
    ended_at: datetime | None


def _gather(source: ReportSource) -> MethodFacts:
    assessment = source.assessment
    units = [unit for unit in source.units if unit.assessment_id == assessment.pk]
    return MethodFacts(
        principals=tuple(_principals(source.tenant)),
        requests=sum(unit.requests for unit in units),
        throttled=sum(unit.throttled for unit in units),
        started_at=assessment.started_at,
        ended_at=assessment.ended_at,
    )


def _principals(tenant: Tenant) -> list[Principal]:
    rows = ServicePrincipal.objects.filter(tenant=tenant).select_related("directory")
    return [
        Principal(
            client_id=row.client_id,
            name=row.name,
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


PART = Part("method", 40, "Method", gather=_gather)
