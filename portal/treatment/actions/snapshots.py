"""Taking down how a tenant stands, once a day and whenever something has changed.

A day's row is written as things change, and once more when the day is over (`close_day`), so that what happened
in its last minute is in it. That is done before anything of the new day is derived, and only where it can be
said exactly: nothing that the figures are made of has changed since midnight. Otherwise the row stays as it was
last taken that day, and `taken_at` says when.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange, Unit
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Snapshot
from portal.treatment.selectors.scores import verdicts, with_treatment
from tenants.locks import Lock, lock
from tenants.models import JournalEntry, Tenant

_NOT_FAILING = ["pass", "not_applicable", "manual", "gone"]
_INSTANT: Final = timedelta(microseconds=1)
# What the journal may say since midnight without the figures being others: whatever is not listed counts as a
# change. What assessments write is looked for in their own tables.
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
    "service_principal.",
    "subscriptions.",
)
_MAX_ENTRIES: Final = 500


@transaction.atomic
def take_snapshot(*, tenant: Tenant, now: datetime | None = None, through: int | None = None) -> Snapshot:
    """Write the row of the (UTC) day of `now`, over the one that is there. The tenant's scope must be open.

    The figures are of this moment. Taken twice with nothing between, it writes the same row twice. One at a
    time: whoever counted first must not write over what was counted later. `through`: the number of the last
    assessment whose news are told, where that is not the last that has ended.
    """
    now = now or timezone.now()
    day = now.astimezone(UTC).date()
    _lock(tenant)
    # Before anything is counted: what ends in between is then not said to be in it, and is taken in next time.
    if through is None:
        ended = Assessment.objects.filter(tenant=tenant, ended_at__isnull=False)
        through = ended.aggregate(last=Max("number"))["last"] or 0
    held = Snapshot.objects.filter(tenant=tenant).aggregate(last=Max("through"))["last"] or 0
    row, _ = Snapshot.objects.update_or_create(
        tenant=tenant,
        day=day,
        defaults={"taken_at": now, "through": max(through, held), **_figures(tenant, day, now)},
    )
    _recount_previous_day(tenant, day)
    Snapshot.objects.filter(tenant=tenant, day__lt=day).exclude(verdicts=[]).update(verdicts=[])
    return row


@transaction.atomic
def close_day(*, tenant: Tenant, now: datetime | None = None) -> Snapshot | None:
    """Write the newest day that is over as it stood at its end, if it was last taken before that; else None.

    Call it before the first derivation of a day: what that one ends, or starts, belongs to the new day. Which
    assessments are told (`through`) stays as it is. The tenant's scope must be open.
    """
    now = now or timezone.now()
    today = _start(now.astimezone(UTC).date())
    row = Snapshot.objects.filter(tenant=tenant, day__lt=today.date()).order_by("-day").first()
    if row is None:
        return None
    end = _start(row.day + timedelta(days=1))
    if row.taken_at is not None and row.taken_at >= end:
        return None
    # A unit that ended before midnight and is being written has this lock, and is waited for. Before the other:
    # see `lock_treatments`.
    lock(Lock.VERDICTS, tenant.pk)
    _lock(tenant)
    if _changed_since(tenant, end):
        return None
    Snapshot.objects.filter(pk=row.pk).update(taken_at=end, **_figures(tenant, row.day, end - _INSTANT))
    row.refresh_from_db()
    return row


def _lock(tenant: Tenant) -> None:
    # What people do meanwhile is in the figures or comes after them, and calls for new ones.
    lock_treatments(tenant.pk)
    lock(Lock.SNAPSHOTS, tenant.pk)


def _figures(tenant: Tenant, day: date, now: datetime) -> dict[str, Any]:
    """The columns of a row, counted now, as of `now` where they depend on the time."""
    counts = verdicts([tenant.pk])
    found = with_treatment([tenant], counts, now)[tenant.pk]
    opened, closed = _opened_and_closed(tenant, day)
    return {
        "score": found.raw["score"],
        "adjusted": found.adjusted["score"],
        "coverage": found.raw["coverage"],
        "states": found.states,
        "open_by_severity": found.adjusted["open"],
        "overdue": found.overdue_total,
        "opened": opened,
        "closed": closed,
        "verdicts": [[*key, number] for key, number in sorted(counts[tenant.pk].items())],
    }


def _changed_since(tenant: Tenant, end: datetime) -> bool:
    """Whether verdicts, treatments or the policy are others than they were at that midnight."""
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
    """What an assessment over midnight found before it and wrote after it counts on the day before."""
    start, before = _start(day), day - timedelta(days=1)
    over = Assessment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=start), tenant=tenant, created_at__lt=start
    )
    if over.exists():
        opened, closed = _opened_and_closed(tenant, before)
        Snapshot.objects.filter(tenant=tenant, day=before).update(opened=opened, closed=closed)


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _opened_and_closed(tenant: Tenant, day: date) -> tuple[int, int]:
    """How many findings began to fail that day, and how many ceased to.

    What could not be judged in between has failed all along (`Finding.failing_since`), so that
    fail → unknown → fail neither closes nor opens, and fail → unknown → pass closes once.
    """
    start = _start(day)
    end = start + timedelta(days=1)
    # By the assessments that ran that day: changes are found by assessment, not by their time.
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
