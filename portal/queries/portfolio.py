"""Reads that only pages need, over several tenants of the person in scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Func, IntegerField, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from assessments.models import Assessment, Finding, Unit
from portal.treatment.models import FindingException, Snapshot
from portal.treatment.selectors.findings import exceptions_of
from tenants import scope
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

TREND_DAYS: Final = 90
ENDING_SOON: Final = timedelta(days=30)
_ENDED: Final = (Assessment.State.FINISHED, Assessment.State.CANCELLED)
_READ_NOTHING: Final = Q(state=Assessment.State.CANCELLED, summary__units__done=0, summary__units__failed=0)


class _JsonLength(Func):
    """The length of a JSON array."""

    function = "jsonb_array_length"
    output_field = IntegerField()


def tenants_failing_by_control(tenant_ids: Collection[UUID]) -> dict[str, int]:
    """Control -> in how many of the tenants at least one subject fails."""
    rows = (
        Finding.objects.filter(tenant_id__in=tenant_ids, outcome="fail")
        .exclude(state="gone")
        .values_list("control")
        .annotate(tenants=Count("tenant_id", distinct=True))
        .order_by()
    )
    return dict(rows)


def verdicts_by_tenant(control: str, tenant_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Tenant -> outcome -> how many subjects of the control have it."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = (
        Finding.objects.filter(tenant_id__in=tenant_ids, control=control)
        .exclude(state="gone")
        .values_list("tenant_id", "outcome")
        .annotate(count=Count("*"))
        .order_by()
    )
    for tenant_id, outcome, count in rows:
        found[tenant_id][outcome] = count
    return found


def latest_assessments(tenant_ids: Collection[UUID], *, ended: bool) -> dict[UUID, Assessment]:
    """The newest assessment of each tenant; with ``ended`` the newest that has ended and so has a summary.

    What was cancelled before any unit was read has judged nothing: how the tenant stands is from before it.
    """
    newest = Assessment.objects.filter(tenant_id=OuterRef("tenant_id"))
    if ended:
        newest = newest.filter(state__in=_ENDED).exclude(summary={}).exclude(_READ_NOTHING)
    chosen = newest.order_by("-number").values("pk")[:1]
    rows = Assessment.objects.filter(tenant_id__in=tenant_ids, pk=Subquery(chosen)).order_by()
    return {row.tenant_id: row for row in rows.defer("parameters")}


def trends(tenant_ids: Collection[UUID], *, now: datetime | None = None) -> dict[UUID, list[float | None]]:
    """Tenant -> the adjusted score at the end of each day of the last 90 that is known, oldest first.

    Of days before snapshots were taken, and where none is yet, the raw score that an assessment ended with.
    """
    since = (now or timezone.now()) - timedelta(days=TREND_DAYS)
    rows = (
        Assessment.objects.filter(tenant_id__in=tenant_ids, ended_at__gte=since, state__in=_ENDED)
        .exclude(summary={})
        .order_by("ended_at")
        .values_list("tenant_id", "ended_at", "summary__score")
    )
    by_day: dict[UUID, dict[date, float | None]] = defaultdict(dict)
    for tenant_id, ended_at, score in rows:
        if ended_at is not None:
            by_day[tenant_id][ended_at.date()] = score
    taken = Snapshot.objects.filter(tenant_id__in=tenant_ids, day__gte=since.date())
    for tenant_id, day, adjusted in taken.order_by("day").values_list("tenant_id", "day", "adjusted"):
        by_day[tenant_id][day] = adjusted
    return {tenant_id: [days[day] for day in sorted(days)] for tenant_id, days in by_day.items()}


@dataclass(frozen=True, slots=True)
class ExceptionCounts:
    """Exceptions of a tenant that the person sees: waiting for an approver, and ending within 30 days."""

    pending: int = 0
    ending: int = 0


def exception_counts(tenant_ids: Collection[UUID], now: datetime) -> dict[UUID, ExceptionCounts]:
    """Tenant -> its exceptions; for an owner, as in `visible_exceptions`, those they asked for and those on
    what they own."""
    held = scope.current()
    everything = [pk for pk in tenant_ids if held.may(Capability.VIEW_ALL, pk)]
    theirs = exceptions_of(held.person.pk) if held.person else Q(pk__in=())
    rows = (
        FindingException.objects.filter(Q(tenant_id__in=everything) | theirs, tenant_id__in=tenant_ids)
        .values_list("tenant_id")
        .annotate(
            pending=Count("id", filter=Q(state__in=FindingException.PENDING)),
            ending=Count(
                "id",
                filter=Q(
                    state__in=FindingException.IN_FORCE, ends_at__gt=now, ends_at__lte=now + ENDING_SOON
                ),
            ),
        )
        .order_by()
    )
    return {tenant_id: ExceptionCounts(pending, ending) for tenant_id, pending, ending in rows}


def credentials(tenant_ids: Collection[UUID]) -> dict[UUID, list[ServicePrincipal]]:
    """The service principals of each tenant, the soonest to expire first, without their sealed credential."""
    found: dict[UUID, list[ServicePrincipal]] = defaultdict(list)
    rows = (
        ServicePrincipal.objects.filter(tenant_id__in=tenant_ids)
        .defer("credential")
        .order_by("expires_at", "pk")
    )
    for row in rows:
        found[row.tenant_id].append(row)
    return found


def unit_totals(assessment_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Assessment -> requests, gaps and failed units, added up over its units."""
    rows = (
        Unit.objects.filter(assessment_id__in=assessment_ids)
        .values_list("assessment_id")
        .annotate(
            requests=Sum("requests"),
            gaps=Sum(_JsonLength("gaps")),
            failed=Count("id", filter=Q(state=Unit.State.FAILED)),
        )
        .order_by()
    )
    return {pk: {"requests": sent, "gaps": gaps, "failed": failed} for pk, sent, gaps, failed in rows}


def unknown_reasons(tenant: Tenant) -> list[tuple[str, int]]:
    """(reason, how many findings of the tenant are unknown because of it), the most frequent first."""
    rows = (
        Finding.objects.filter(tenant=tenant, outcome="unknown")
        .exclude(state="gone")
        .values_list("unknown_because")
        .annotate(count=Count("*"))
        .order_by("-count", "unknown_because")
    )
    return list(rows)
