"""Store a tenant's figures, one row per day, for trends.

The row of today is rewritten whenever something changes. After midnight, before exceptions and attestations expire,
`close_day` rewrites the row of the previous day for the last time. If something has already changed since midnight,
`close_day` does not rewrite that row. The row then keeps its last figures, from the time `taken_at`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange, Unit
from portal.treatment.actions.figures.control_counts import (
    ControlNumbers,
    replace_control_counts,
    work_of_owners,
)
from portal.treatment.actions.figures.facet_counts import replace_facet_counts
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Snapshot, TreatmentChange
from portal.treatment.scores import Row
from portal.treatment.selectors.facet_counts import facets_valid_until
from portal.treatment.selectors.owned_counts import overdue_by_control, owned_by_control
from portal.treatment.selectors.scores import Standing, next_change_at, treated_by_control, with_treatment
from portal.treatment.selectors.verdict_counts import (
    Verdicts,
    verdicts,
    verdicts_by_control,
    without_controls,
)
from tenants.locks import Lock, lock
from tenants.models import JournalEntry, Tenant
from tenants.values.days import start_of_day

_NOT_FAILING = ["pass", "not_applicable", "manual", "gone"]
_INSTANT: Final = timedelta(microseconds=1)
# `_changed_since` ignores journal actions with these prefixes. Actions with the prefix `assessment.` can change the
# figures, but `_changed_since` finds these changes in the tables of units and of finding changes. Actions with the
# other prefixes of this list do not change the figures.
_UNRELATED_ACTIONS: Final = (
    "assessment.",
    "channel.",
    "comment.",
    "control.",
    "directory.",
    "finding.assigned",
    "finding.claimed",
    "membership.",
    "notice.",
    "owner_rule",
    "report.",
    "retention.",
    "service_principal.",
    "subscriptions.",
)

_MAX_ENTRIES: Final = 500


@transaction.atomic
def take_snapshot(*, tenant: Tenant, now: datetime | None = None, through: int | None = None) -> Snapshot:
    """Write the row of the UTC day of `now`. An existing row is replaced. Call this function in the tenant's scope
    (`tenants.scope`).

    A lock ensures that older figures never replace newer figures. `through` is the number of the last assessment about
    which people were notified. By default, `through` is the number of the last assessment that ended.
    """
    now = now or timezone.now()
    day = now.astimezone(UTC).date()
    _lock(tenant)
    # Read this number before counting, so that an assessment that ends during the count belongs to the next snapshot.
    if through is None:
        ended = Assessment.objects.filter(tenant=tenant, ended_at__isnull=False)
        through = ended.aggregate(last=Max("number"))["last"] or 0
    latest = Snapshot.objects.filter(tenant=tenant).aggregate(last=Max("through"))["last"] or 0
    # Delete the records of changed treatments, because the numbers that are read below include these changes. Records
    # of uncommitted transactions are not visible here, so they are not deleted.
    TreatmentChange.objects.filter(tenant=tenant).delete()
    _copy_findings(tenant)
    counts = verdicts_by_control([tenant.pk]).get(tenant.pk, Counter())
    standing = with_treatment([tenant], {tenant.pk: without_controls(counts)}, now)[tenant.pk]
    owned = owned_by_control(tenant, now)
    row, _ = Snapshot.objects.update_or_create(
        tenant=tenant,
        day=day,
        defaults={
            "taken_at": now,
            "through": max(through, latest),
            "shown": _without_sections(standing.rows),
            "late": standing.overdue,
            "totals": standing.totals._asdict(),
            "work": work_of_owners(owned),
            "valid_until": next_change_at(tenant, now),
            "facets_until": facets_valid_until(tenant, now),
            "all_tags": replace_facet_counts(tenant, now),
            "has_pairs": True,
            **_figures(tenant, day, without_controls(counts), standing),
        },
    )
    numbers = ControlNumbers(counts)
    numbers.add_treated(treated_by_control([tenant.pk], now))
    numbers.add_unassigned(owned)
    numbers.add_overdue(overdue_by_control(tenant, now), owned)
    replace_control_counts(tenant, numbers)
    _recount_previous_day(tenant, day)
    older = Snapshot.objects.filter(tenant=tenant, day__lt=day)
    older.exclude(verdicts=[], shown=[]).update(
        verdicts=[], shown=[], totals=None, work=None, facets_until=None
    )
    return row


@transaction.atomic
def record_figures(*, tenant: Tenant) -> Snapshot:
    """Write only the figures for trends to the row of the current UTC day. Call this function in the tenant's scope
    (`tenants.scope`).

    Afterwards, the caller must run `take_snapshot` for the other numbers. This function takes a fraction of the time of
    `take_snapshot`.
    """
    now = timezone.now()
    day = now.astimezone(UTC).date()
    _lock(tenant)
    latest = Snapshot.objects.filter(tenant=tenant).aggregate(last=Max("through"))["last"] or 0
    counts = verdicts([tenant.pk]).get(tenant.pk, Counter())
    standing = with_treatment([tenant], {tenant.pk: counts}, now)[tenant.pk]
    figures = {"taken_at": now, "through": latest, **_figures(tenant, day, counts, standing)}
    return Snapshot.objects.update_or_create(tenant=tenant, day=day, defaults=figures)[0]


def _copy_findings(tenant: Tenant) -> None:
    """Update the copies that treatments have of their finding's state, severity, start of the failure, and hash of the
    observed value.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE treatment_treatment t SET finding_state = f.state, finding_rank = f.severity_rank,"
            " finding_failing_since = f.failing_since, finding_sha256 = f.observed_sha256"
            " FROM assessments_finding f WHERE t.tenant_id = %(tenant)s AND f.tenant_id = %(tenant)s"
            " AND f.id = t.finding_id AND (t.finding_state, t.finding_rank, t.finding_failing_since, t.finding_sha256)"
            " IS DISTINCT FROM (f.state, f.severity_rank::int, f.failing_since, f.observed_sha256)",
            {"tenant": tenant.pk},
        )


def _without_sections(rows: Iterable[Row]) -> list[list[Any]]:
    """Return the numbers as [severity, outcome, shown state, number], summed over the sections."""
    summed: Counter[tuple[str, str, str]] = Counter()
    for _, severity, outcome, shown, number in rows:
        summed[severity, outcome, shown] += number
    return [[*key, number] for key, number in sorted(summed.items())]


@transaction.atomic
def close_day(*, tenant: Tenant, now: datetime | None = None) -> Snapshot | None:
    """Rewrite the columns for trends of the newest snapshot before today, with the figures at the end of its day.

    Return None if there is no such snapshot, if it already has its final figures, or if verdicts, treatments or the
    policy have changed since the end of its day. Call this function in the tenant's scope (`tenants.scope`), before
    `apply_transitions` runs for the first time on a day.
    """
    now = now or timezone.now()
    today = start_of_day(now.astimezone(UTC).date())
    row = Snapshot.objects.filter(tenant=tenant, day__lt=today.date()).order_by("-day").first()
    if row is None:
        return None
    end = start_of_day(row.day + timedelta(days=1))
    if row.taken_at is not None and row.taken_at >= end:
        return None
    # Workers hold this lock while they write verdicts. Wait for the lock, so that all verdicts on data from before
    # midnight are written. `tenants.locks` requires this lock to be taken before the lock of treatments.
    lock(Lock.VERDICTS, tenant.pk)
    _lock(tenant)
    if _changed_since(tenant, end):
        return None
    counts = verdicts([tenant.pk]).get(tenant.pk, Counter())
    standing = with_treatment([tenant], {tenant.pk: counts}, end - _INSTANT)[tenant.pk]
    figures = _figures(tenant, row.day, counts, standing)
    Snapshot.objects.filter(pk=row.pk).update(taken_at=end, **figures)
    row.refresh_from_db()
    return row


def _lock(tenant: Tenant) -> None:
    # People's actions on findings take the lock of treatments too. So the figures never include half of an action. An
    # action that had to wait for the lock refreshes the figures afterwards.
    lock_treatments(tenant.pk)
    lock(Lock.SNAPSHOTS, tenant.pk)


def _figures(tenant: Tenant, day: date, counts: Verdicts, found: Standing) -> dict[str, Any]:
    """Return the columns for trends, which `take_snapshot`, `record_figures` and `close_day` all write."""
    opened, closed = _opened_and_closed(tenant, day)
    return {
        "score": found.raw["score"],
        "adjusted": found.adjusted["score"],
        "coverage": found.raw["coverage"],
        "states": found.states,
        "overdue": found.overdue_total,
        "opened": opened,
        "closed": closed,
        "verdicts": [[*key, number] for key, number in sorted(counts.items())],
    }


def _changed_since(tenant: Tenant, end: datetime) -> bool:
    """Return whether verdicts, treatments or the policy have changed since `end`, the midnight that ends the
    row's day.
    """
    if Unit.objects.filter(tenant=tenant, ended_at__gte=end).exists():
        return True
    ran = Assessment.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=end), tenant=tenant)
    if FindingChange.objects.filter(tenant=tenant, assessment__in=ran.values("pk"), at__gte=end).exists():
        return True
    entries = JournalEntry.objects.filter(tenant=tenant).order_by("-sequence")
    newest = list(entries.values_list("at", "action")[:_MAX_ENTRIES])
    since = [action for at, action in newest if at >= end]
    return len(since) == _MAX_ENTRIES or any(not action.startswith(_UNRELATED_ACTIONS) for action in since)


def _recount_previous_day(tenant: Tenant, day: date) -> None:
    """Count again the findings that began or ceased to fail on the previous day, if an assessment ran over midnight."""
    start, before = start_of_day(day), day - timedelta(days=1)
    over = Assessment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=start), tenant=tenant, created_at__lt=start
    )
    if over.exists():
        opened, closed = _opened_and_closed(tenant, before)
        Snapshot.objects.filter(tenant=tenant, day=before).update(opened=opened, closed=closed)


def _opened_and_closed(tenant: Tenant, day: date) -> tuple[int, int]:
    """Count the findings that began to fail on that day, and the findings that ceased to fail on that day.

    An unknown verdict does not interrupt a failure (`Finding.failing_since`). So if a failing finding becomes unknown
    and then fails again, neither a beginning nor an end is counted. If it then passes instead, one end is counted.
    """
    start = start_of_day(day)
    end = start + timedelta(days=1)
    # Select the changes by their assessments too, and not only by their time, because the index of changes begins with
    # the assessment.
    ran = Assessment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=start), tenant=tenant, created_at__lt=end
    )
    changes = FindingChange.objects.filter(
        tenant=tenant, assessment__in=ran.values("pk"), at__gte=start, at__lt=end
    )
    began = changes.filter(after_outcome="fail").exclude(before_outcome="fail")
    failed_all_along = Q(before_outcome="unknown", finding__failing_since__lt=F("at"))
    ceased = Q(before_outcome="fail", after_outcome__in=_NOT_FAILING) | Q(
        before_outcome="unknown", after_outcome="pass", finding__state=Finding.State.RESOLVED
    )
    return began.exclude(failed_all_along).count(), changes.filter(ceased).count()
