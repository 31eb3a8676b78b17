"""Find the coming events for a customer's overview, such as the next assessment, due dates, and ends of exceptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, Count, DateTimeField, Min
from django.urls import reverse

from assessments.timing.schedules import planned
from portal.distribution.models import ReportSchedule
from portal.queries.findings.filters import FindingFilter
from portal.treatment.due_dates import due_date_cases
from portal.web.shared.visible import may, visible_findings
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

AHEAD: Final = timedelta(days=30)
"""The time for which the overview looks ahead. The next assessment and the next report are shown even if they are
later.
"""
MAX_COMING: Final = 8
_DUE: Final = ("7", "30")
"""The buckets of due dates within `AHEAD` (`portal.treatment.date_buckets`)."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A coming event. `url` is empty for people who may not open the event's page. If `is_exact` is True, the overview
    shows the time of day. If not, it shows only the day.
    """

    at: datetime
    icon: str
    text: str
    url: str = ""
    note: str = ""
    is_exact: bool = False


def coming_up(
    tenant: Tenant,
    now: datetime,
    principals: Iterable[ServicePrincipal],
    exceptions: dict[str, Any],
    attestations: dict[str, Any],
) -> list[Coming]:
    """Return the events that are already known, soonest first, at most `MAX_COMING`.

    `exceptions` and `attestations` are the results of the functions with these names in
    `portal.web.tenant_overview.page`.
    """
    found = [
        *_assessment(tenant, now),
        *_reports(tenant, now),
        *_due(tenant, now),
        *_credentials(tenant, now, principals),
        *(
            Coming(row.ends_at, "excepted", f"Exception {row.number} ends", url, problem)
            for row, problem, url in exceptions["soonest"]
        ),
        *_attestations(tenant, attestations),
    ]
    return sorted(found, key=lambda one: one.at)[:MAX_COMING]


def _assessment(tenant: Tenant, now: datetime) -> Iterable[Coming]:
    schedule = planned(tenant, now)
    if schedule.next_at is not None and schedule.next_at > now:
        url = reverse("tenant-settings", args=[tenant.slug]) if may(Capability.VIEW_ALL, tenant) else ""
        yield Coming(
            schedule.next_at, "assessments", "Scheduled assessment", url, schedule.label, is_exact=True
        )


def _reports(tenant: Tenant, now: datetime) -> Iterable[Coming]:
    if not may(Capability.READ_REPORTS, tenant):
        return
    url = reverse("report-schedules", args=[tenant.slug])
    rows = ReportSchedule.objects.filter(tenant=tenant, enabled=True, next_at__gt=now).order_by("next_at")
    for name, at in rows.values_list("name", "next_at")[:MAX_COMING]:
        if at is not None:
            yield Coming(at, "reports", f"Report “{name}”", url, is_exact=True)


def _due(tenant: Tenant, now: datetime) -> Iterable[Coming]:
    """Yield one event for all findings that become due soon. The event states the number of these findings and links to
    their list.
    """
    chosen = FindingFilter.parse({"due": list(_DUE)}, tenant, now)
    due = Case(*due_date_cases(tenant), output_field=DateTimeField())
    found = chosen.apply(visible_findings(tenant)).aggregate(number=Count("pk"), first=Min(due))
    if found["first"] is not None:
        number = found["number"]
        url = f"{reverse('findings', args=[tenant.slug])}?{'&'.join(f'due={key}' for key in _DUE)}"
        text = f"{number:,} finding{'' if number == 1 else 's'} due within 30 days"
        yield Coming(found["first"], "clock", text, url, "first due date" if number > 1 else "")


def _credentials(tenant: Tenant, now: datetime, principals: Iterable[ServicePrincipal]) -> Iterable[Coming]:
    for principal in principals:
        if principal.expires_at is None or not now < principal.expires_at <= now + AHEAD:
            continue
        url = ""
        if may(Capability.ADMINISTER, tenant):
            url = reverse("service-principal", args=[tenant.slug, principal.pk])
        yield Coming(principal.expires_at, "key", f"Credential of “{principal}” expires", url)


def _attestations(tenant: Tenant, found: dict[str, Any]) -> Iterable[Coming]:
    if found["ends_at"] is not None:
        number = found["ending"]
        url = f"{reverse('attestations', args=[tenant.slug])}?answer=ending"
        text = f"{number:,} answer{' ends' if number == 1 else 's end'} within 30 days"
        yield Coming(found["ends_at"], "attestations", text, url, "first end" if number > 1 else "")
