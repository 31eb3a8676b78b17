"""Queries over several tenants in the open scope. They read verdicts, assessments, trends, exceptions and
credentials.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Func, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.utils import timezone

from assessments.models import Assessment, Finding, Unit
from portal.treatment.models import ControlCount, FindingException, Snapshot
from portal.treatment.models.control_count import TREATED
from portal.treatment.models.exception import ENDING_SOON
from portal.treatment.selectors.findings import exceptions_of
from portal.treatment.selectors.valid_snapshots import valid_shown_counts
from portal.treatment.states import CHANGES_SHOWN_STATE, ShownState, shown_state
from tenants import scope
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

TREND_DAYS: Final = 90
# The columns of ControlCount for failing findings that are not shown as open.
OPEN_TREATED: Final = tuple(name for name, state in TREATED.items() if state == "open")
_ENDED: Final = (Assessment.State.FINISHED, Assessment.State.CANCELLED)
_READ_NOTHING: Final = Q(state=Assessment.State.CANCELLED, summary__units__done=0, summary__units__failed=0)


class _JsonLength(Func):
    function = "jsonb_array_length"
    output_field = IntegerField()


def latest_assessments(
    tenant_ids: Collection[UUID], *, ended: bool, with_watch: bool = True
) -> dict[UUID, Assessment]:
    """Return the newest assessment of each tenant.

    If `ended` is set, return the newest assessment that has ended and has a summary, and skip assessments that were
    cancelled before any unit was read. If `with_watch` is false, also skip assessments by the watch: they read only
    resources that somebody changed or, after many changes, one whole subscription.
    """
    # Use `_base_manager`, so that PostgreSQL needs one index lookup for each tenant. The usual manager would add a
    # condition with all tenants of the scope, which PostgreSQL would check for every assessment. This condition is not
    # needed, because the query `chosen` below reads only tenants of the scope.
    newest = Assessment._base_manager.filter(tenant_id=OuterRef("pk"))
    if ended:
        newest = newest.filter(state__in=_ENDED).exclude(summary={}).exclude(_READ_NOTHING)
    if not with_watch:
        newest = newest.exclude(trigger__in=Assessment.BY_WATCH)
    first = Subquery(newest.order_by("-number").values("pk")[:1])
    chosen = Tenant.objects.filter(pk__any_of=tenant_ids).order_by().values(newest=first)
    rows = Assessment.objects.filter(pk__in=chosen).order_by()
    return {row.tenant_id: row for row in rows.defer("parameters")}


type ScoreHistory = list[tuple[date, float | None]]
"""(day, score in percent or None) of each recorded day, oldest first."""


def score_histories(tenant_ids: Collection[UUID], *, now: datetime | None = None) -> dict[UUID, ScoreHistory]:
    """Return {tenant: recorded scores of the last 90 days}.

    The score of a day is the adjusted score in the day's snapshot or, without a snapshot, the raw score of the last
    assessment that ended on this day. If no automatic check passed or failed, the score is None, because unanswered
    manual controls alone would make it 0.
    """
    since = (now or timezone.now()) - timedelta(days=TREND_DAYS)
    rows = (
        Assessment.objects.filter(tenant_id__any_of=tenant_ids, ended_at__gte=since, state__in=_ENDED)
        .exclude(summary={})
        .order_by("ended_at")
        .values_list("tenant_id", "ended_at", "summary__score")
    )
    by_day: dict[UUID, dict[date, float | None]] = defaultdict(dict)
    for tenant_id, ended_at, score in rows:
        if ended_at is not None:
            by_day[tenant_id][ended_at.date()] = score
    snapshots = Snapshot.objects.filter(tenant_id__any_of=tenant_ids, day__gte=since.date())
    for tenant_id, day, raw, adjusted in snapshots.order_by("day").values_list(
        "tenant_id", "day", "score", "adjusted"
    ):
        by_day[tenant_id][day] = adjusted if raw is not None else None
    return {tenant_id: sorted(days.items()) for tenant_id, days in by_day.items()}


def last_read_at(tenant_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return {tenant: end of the last assessment that read at least one unit}. Assessments by the watch do
    not count.
    """
    rows = (
        Assessment.objects.filter(
            tenant_id__any_of=tenant_ids, ended_at__isnull=False, summary__units__done__gt=0
        )
        .exclude(trigger__in=Assessment.BY_WATCH)
        .values_list("tenant_id")
        .annotate(at=Max("ended_at"))
        .order_by()
    )
    return dict(rows)


def open_by_control(tenant_ids: Collection[UUID], severity: str) -> dict[UUID, list[tuple[str, int]]]:
    """Return {tenant: [(control, number of its open findings of this severity)]}, the largest number first.

    The numbers come from the tenant's snapshot if the snapshot is up to date.
    """
    now = timezone.now()
    stored = set(valid_shown_counts(tenant_ids, now).order_by().values_list("tenant_id", flat=True))
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    rows = ControlCount.objects.filter(tenant_id__any_of=stored, severity=severity).annotate(
        number=F("open") - sum((F(name) for name in OPEN_TREATED), start=Value(0))
    )
    for tenant_id, control, number in rows.order_by().values_list("tenant_id", "control", "number"):
        counts[tenant_id][control] += number
    if others := [tenant_id for tenant_id in tenant_ids if tenant_id not in stored]:
        _count_open(others, severity, now, counts)
    return {
        tenant_id: sorted((+found).items(), key=lambda row: (-row[1], row[0]))
        for tenant_id, found in counts.items()
    }


def _count_open(
    tenant_ids: Collection[UUID], severity: str, now: datetime, counts: dict[UUID, Counter[str]]
) -> None:
    """Count the open findings of this severity by tenant and control, and add the numbers to `counts`."""
    rank = list(Finding.Severity.values).index(severity)
    failing = Finding.objects.filter(
        tenant_id__any_of=tenant_ids, state=Finding.State.OPEN, severity_rank=rank
    )
    for tenant_id, control, number in _count_by_control(failing):
        counts[tenant_id][control] += number
    treated = (
        failing.filter(CHANGES_SHOWN_STATE).annotate(shown=shown_state(now)).exclude(shown=ShownState.OPEN)
    )
    for tenant_id, control, number in _count_by_control(treated):
        counts[tenant_id][control] -= number


def _count_by_control(rows: QuerySet[Finding]) -> Iterable[tuple[UUID, str, int]]:
    return rows.values_list("tenant_id", "control").annotate(number=Count("*")).order_by()


@dataclass(frozen=True, slots=True)
class ExceptionCounts:
    """Numbers of a tenant's visible exceptions that wait for an approver (`pending`) or end within 30 days
    (`ending`).
    """

    pending: int = 0
    ending: int = 0


def exception_counts(
    tenant_ids: Collection[UUID], now: datetime, *, all_exceptions: bool = False
) -> dict[UUID, ExceptionCounts]:
    """Return {tenant: counts of the exceptions that the person may see (`visible_exceptions`)}.

    If `all_exceptions` is set, count all exceptions. Workers need this for reports that they build outside of a
    person's scope.
    """
    current = scope.current()
    everything = [pk for pk in tenant_ids if all_exceptions or current.may(Capability.VIEW_ALL, pk)]
    own = exceptions_of(current.person.pk) if current.person else Q(pk__in=())
    rows = (
        FindingException.objects.filter(Q(tenant_id__any_of=everything) | own, tenant_id__any_of=tenant_ids)
        .values_list("tenant_id")
        .annotate(
            pending=Count("id", filter=Q(state__in=FindingException.PENDING)),
            ending=Count("id", filter=FindingException.ends_within(ENDING_SOON, now)),
        )
        .order_by()
    )
    return {tenant_id: ExceptionCounts(pending, ending) for tenant_id, pending, ending in rows}


def credentials(tenant_ids: Collection[UUID]) -> dict[UUID, list[ServicePrincipal]]:
    """Return {tenant: its enabled service principals}, beginning with those that expire first. Sealed credentials are
    not read.

    Disabled service principals are left out. Assessments do not use them, so a refused sign-in of one of them does not
    mean that the customer cannot be read.
    """
    found: dict[UUID, list[ServicePrincipal]] = defaultdict(list)
    rows = (
        ServicePrincipal.objects.filter(tenant_id__any_of=tenant_ids, disabled_at=None)
        .defer("credential")
        .order_by("expires_at", "pk")
    )
    for row in rows:
        found[row.tenant_id].append(row)
    return found


def unit_totals(assessment_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Return {assessment: {"requests": number, "gaps": number, "failed": number of failed units, "partly": number of
    units that were read in part}}.
    """
    rows = (
        Unit.objects.filter(assessment_id__in=assessment_ids)
        .values_list("assessment_id")
        .annotate(
            # This annotation must come before the annotation `gaps`. In later annotations, `gaps` would mean that
            # annotation instead of the column.
            partly=Count("id", filter=Q(state=Unit.State.DONE) & ~Q(gaps=[])),
            requests=Sum("requests"),
            gaps=Sum(_JsonLength("gaps")),
            failed=Count("id", filter=Q(state=Unit.State.FAILED)),
        )
        .order_by()
    )
    return {
        pk: {"requests": sent, "gaps": gaps, "failed": failed, "partly": partly}
        for pk, partly, sent, gaps, failed in rows
    }


def unknown_reasons(tenant: Tenant) -> list[tuple[str, int]]:
    """Return (reason why findings are unknown, number of these findings), the most frequent reason first."""
    rows = (
        Finding.objects.filter(tenant=tenant, outcome="unknown")
        .exclude(state="gone")
        .values_list("unknown_because")
        .annotate(count=Count("*"))
        .order_by("-count", "unknown_because")
    )
    return list(rows)
