"""Whether something is due for a tenant that no assessment brings about. A few small queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Max, Q

from assessments.models import Assessment, Finding
from portal.treatment.models import Attestation, Batch, FindingException, Snapshot, Treatment
from tenants.models import Tenant
from tenants.selectors import memberships_ended

State = FindingException.State
# Days before its end at which an exception's end is told.
NOTICE_DAYS: Final = (14, 3)
# An assessment's own message has this long before it is taken for lost.
MESSAGE_LOST_AFTER: Final = timedelta(minutes=2)


def due_notice_days(exception: FindingException, now: datetime) -> int | None:
    """The notice that is due and not yet given: its days before the end. Never of what was decided after it."""
    for days in sorted(NOTICE_DAYS):
        moment = exception.ends_at - timedelta(days=days)
        if moment > now:
            continue
        told = exception.notice_at is not None and exception.notice_at >= moment
        fresh = exception.decided_at is not None and exception.decided_at >= moment
        return None if told or fresh else days
    return None


def needs_refresh(tenant: Tenant, now: datetime) -> bool:
    """Whether an exception starts, ends or is to be announced, an attestation has lapsed, or the day's
    figures are missing or from before an answer or an acknowledgement was given, or somebody's access ended."""
    rows = FindingException.objects.filter(tenant=tenant)
    ended = Q(state__in=[State.REQUESTED, *FindingException.COVERING], ends_at__lte=now)
    if rows.filter(ended | Q(state=State.APPROVED, starts_at__lte=now)).exists():
        return True
    soon = rows.filter(
        state__in=FindingException.COVERING, ends_at__lte=now + timedelta(days=max(NOTICE_DAYS))
    )
    if any(due_notice_days(exception, now) is not None for exception in soon):
        return True
    lapsed = Treatment.objects.filter(
        tenant=tenant,
        attested_until__lte=now,
        attestation__lapsed_at__isnull=True,
        attestation__isnull=False,
        finding__outcome=Finding.Outcome.MANUAL,
        finding__gone_at__isnull=True,
    )
    if lapsed.exists():
        return True
    today = Snapshot.objects.filter(tenant=tenant, day=now.astimezone(UTC).date()).first()
    if today is None:
        return Assessment.objects.filter(tenant=tenant, ended_at__isnull=False).exists()
    # Decisions of exceptions send for new figures by themselves.
    since = today.taken_at or now
    answered = Q(attested_at__gt=since) | Q(withdrawn_at__gt=since)
    if Attestation.objects.filter(answered, tenant=tenant).exists():
        return True
    if memberships_ended(tenant, after=since, until=now).exists():
        return True
    taken_on = Q(at__gt=since) | Q(undone_at__gt=since)
    return Batch.objects.filter(taken_on, tenant=tenant, kind=Batch.Kind.ACKNOWLEDGE, count__gt=0).exists()


def missed_assessments(tenant: Tenant, now: datetime) -> list[UUID]:
    """The assessments that ended and that no figures include, oldest first: their message was lost."""
    return [
        row.pk for row in _not_included(tenant) if row.ended_at and row.ended_at <= now - MESSAGE_LOST_AFTER
    ]


def unreported_assessments(tenant: Tenant) -> tuple[list[Assessment], int]:
    """(the assessments that ended and that no figures include, oldest first; the number up to which all are
    included once these are)."""
    rows = _not_included(tenant)
    if rows:
        return rows, rows[-1].number
    return [], _last_included(tenant) or 0


def _not_included(tenant: Tenant) -> list[Assessment]:
    """Where there are no figures at all (before this was installed) the newest alone is."""
    through = _last_included(tenant)
    rows = Assessment.objects.filter(tenant=tenant, ended_at__isnull=False).defer("parameters")
    if through is None:
        return list(rows.order_by("-number")[:1])
    return list(rows.filter(number__gt=through).order_by("number"))


def _last_included(tenant: Tenant) -> int | None:
    last: int | None = Snapshot.objects.filter(tenant=tenant).aggregate(last=Max("through"))["last"]
    return last
