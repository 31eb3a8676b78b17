"""Find the reasons to refresh a tenant's treatments: passed dates, and assessments that did not start a refresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Max, Q

from assessments.models import Assessment, Finding
from portal.treatment.models import FindingException, Snapshot, Treatment, TreatmentChange
from tenants.models import Tenant
from tenants.selectors import memberships_ended

State = FindingException.State
# Notify this many days before the end of an exception.
NOTICE_DAYS: Final = (14, 3)
# When a date passes, numbers of the snapshot can become wrong. The numbers are then counted again, but at most once
# within this time.
RECOUNT_AFTER: Final = timedelta(minutes=10)
# The message that starts a refresh counts as lost if an assessment ended longer ago than this, and no snapshot includes
# the assessment yet.
MESSAGE_LOST_AFTER: Final = timedelta(minutes=2)


def due_notice_days(exception: FindingException, now: datetime) -> int | None:
    """Return which notice of the exception's coming end is due now: one of the numbers in `NOTICE_DAYS`.

    Return None if no notice is due, if the notice was already sent, or if the exception was decided after the time of
    the notice.
    """
    for days in sorted(NOTICE_DAYS):
        moment = exception.ends_at - timedelta(days=days)
        if moment > now:
            continue
        sent = exception.notice_at is not None and exception.notice_at >= moment
        decided_later = exception.decided_at is not None and exception.decided_at >= moment
        return None if sent or decided_later else days
    return None


def needs_refresh(tenant: Tenant, now: datetime) -> bool:
    """Return whether the tenant's treatments need a refresh now. This is the case if

    - an exception starts, ends or needs a notice
    - an attestation has expired
    - today's figures are missing or out of date
    - a membership has ended
    """
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
    if TreatmentChange.objects.filter(tenant=tenant).exists():
        return True
    since = today.taken_at or now
    outdated = any(until is not None and until <= now for until in (today.valid_until, today.facets_until))
    if outdated and since <= now - RECOUNT_AFTER:
        return True
    return memberships_ended(tenant, after=since, until=now).exists()


def missed_assessments(tenant: Tenant, now: datetime) -> list[UUID]:
    """Return the assessments, oldest first, for which the message that starts the refresh was lost.

    These assessments ended at least `MESSAGE_LOST_AFTER` ago, and no snapshot includes them.
    """
    return [
        row.pk for row in _not_included(tenant) if row.ended_at and row.ended_at <= now - MESSAGE_LOST_AFTER
    ]


def unreported_assessments(tenant: Tenant) -> tuple[list[Assessment], int]:
    """Return the ended assessments that no snapshot includes, oldest first.

    Also return the sequence number (`Assessment.number`) of the last assessment that the next snapshot will include.
    """
    rows = _not_included(tenant)
    if rows:
        return rows, rows[-1].number
    return [], _last_included(tenant) or 0


def _not_included(tenant: Tenant) -> list[Assessment]:
    """Return the ended assessments that no snapshot includes. If the tenant has no snapshot, return only the newest
    assessment.
    """
    through = _last_included(tenant)
    rows = Assessment.objects.filter(tenant=tenant, ended_at__isnull=False).defer("parameters")
    if through is None:
        return list(rows.order_by("-number")[:1])
    return list(rows.filter(number__gt=through).order_by("number"))


def _last_included(tenant: Tenant) -> int | None:
    last: int | None = Snapshot.objects.filter(tenant=tenant).aggregate(last=Max("through"))["last"]
    return last
