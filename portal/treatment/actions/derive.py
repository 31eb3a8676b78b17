"""What time and new verdicts do to treatments: one pass over a tenant, that changes nothing the second time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.attestations import lapse_due
from portal.treatment.actions.exception_bind import leave, take_in
from portal.treatment.actions.exception_cover import recompute_covers
from portal.treatment.actions.exception_end import expire
from portal.treatment.actions.exception_return import give_back
from portal.treatment.actions.exception_words import (
    DERIVING,
    enter,
    findings_in_words,
    owners,
    say,
    timeline,
)
from portal.treatment.locks import lock_treatments
from portal.treatment.meant import digest, unbound
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.selectors.due import COVERING, NOTICE_DAYS, notice_due
from portal.treatment.timeline import day
from tenants.models import Tenant

State = FindingException.State
Kind = TreatmentEvent.Kind
Because = FindingException.Because


@dataclass(slots=True)
class Derived:
    """What a pass did: exceptions that started, returned, expired, lapsed (were never decided) and whose end
    was told; findings that rules took in and let go; covers rewritten; attestations that lapsed."""

    started: int = 0
    returned: int = 0
    expired: int = 0
    lapsed: int = 0
    noticed: int = 0
    extended: int = 0
    left: int = 0
    covers: int = 0
    attestations: int = 0


@transaction.atomic
def derive(*, tenant: Tenant, now: datetime | None = None) -> Derived:
    """Start, return, extend and expire what is due at `now`, tell coming ends, and bring covers in line.

    Call it after every assessment and whenever something is due. A second call at the same moment writes
    nothing. Takes the tenant's lock, so two at once do each thing once.
    """
    lock_treatments(tenant.pk)
    now = now or timezone.now()
    done = Derived()
    _expire(tenant, now, done)
    _start(tenant, now, done)
    _let_go(tenant, now, done)
    _return_changed(tenant, now, done)
    _grow(tenant, now, done)
    done.covers = recompute_covers(tenant=tenant, now=now)
    _tell_ending(tenant, now, done)
    done.attestations = lapse_due(tenant=tenant, now=now)
    return done


def _of(tenant: Tenant, *states: str) -> QuerySet[FindingException]:
    rows = FindingException.objects.filter(tenant=tenant, state__in=states).order_by("number")
    return rows.select_related("tenant", "requested_by", "decided_by")


def _expire(tenant: Tenant, now: datetime, done: Derived) -> None:
    for exception in _of(tenant, State.REQUESTED, *COVERING).filter(ends_at__lte=now):
        expire(exception, by=DERIVING, now=now)
        if exception.state == State.EXPIRED:
            done.expired += 1
        else:
            done.lapsed += 1


def _start(tenant: Tenant, now: datetime, done: Derived) -> None:
    for exception in _of(tenant, State.APPROVED).filter(starts_at__lte=now):
        exception.state = State.ACTIVE
        exception.save(update_fields=["state"])
        bound = exception.items.exclude(approved_sha256="").order_by("finding_id")
        found = list(bound.values_list("finding_id", flat=True))
        timeline(exception, found, by=DERIVING, at=now, kind=Kind.EXCEPTION_STARTED)
        enter(exception, by=DERIVING, action="exception.started", findings=found)
        done.started += 1


def _let_go(tenant: Tenant, now: datetime, done: Derived) -> None:
    """What a rule no longer means leaves it, whatever its value is."""
    for exception in _of(tenant, *FindingException.IN_FORCE).filter(scope=FindingException.Scope.RULE):
        if left := leave(exception, by=DERIVING, now=now):
            enter(exception, by=DERIVING, action="exception.shrunk", findings=left)
            done.left += len(left)


def _return_changed(tenant: Tenant, now: datetime, done: Derived) -> None:
    """What fails with another value than the approved one goes back, with the exception that meant it."""
    changed = ExceptionItem.objects.filter(
        tenant=tenant,
        exception__state__in=FindingException.IN_FORCE,
        changed_at__isnull=True,
        finding__outcome=Finding.Outcome.FAIL,
        finding__gone_at__isnull=True,
    ).exclude(approved_sha256=F("finding__observed_sha256"))
    rows = list(changed.order_by("exception_id", "finding_id").only("pk", "exception_id", "finding_id"))
    ExceptionItem.objects.filter(pk__in=[row.pk for row in rows]).update(changed_at=now)
    concerned = _of(tenant, *FindingException.IN_FORCE).filter(pk__in={row.exception_id for row in rows})
    by_id = {exception.pk: exception for exception in concerned}
    for pk, items in groupby(rows, key=attrgetter("exception_id")):
        give_back(by_id[pk], Because.CHANGED, [item.finding_id for item in items], now=now)
        done.returned += 1


def _grow(tenant: Tenant, now: datetime, done: Derived) -> None:
    """An active rule takes in what it matches anew, to its maximum; what is more goes to an approver.

    One that has returned takes in nothing until it is decided.
    """
    for exception in _of(tenant, State.ACTIVE).filter(scope=FindingException.Scope.RULE):
        room = max(exception.maximum - exception.items.count(), 0)
        found = unbound(exception).values_list("pk", "observed_sha256", "observed")
        seen = {pk: (sha256, observed) for pk, sha256, observed in found[:room]} if room else {}
        if seen:
            take_in(exception, seen, now=now, added=True)
            timeline(exception, seen, by=DERIVING, at=now, kind=Kind.EXCEPTION_EXTENDED)
            enter(
                exception,
                by=DERIVING,
                action="exception.extended",
                findings=seen,
                bound_sha256=digest({pk: sha256 for pk, (sha256, _) in seen.items()}),
            )
            done.extended += len(seen)
        if len(seen) < room:
            continue
        if excess := list(unbound(exception).values_list("pk", flat=True)):
            give_back(exception, Because.GROWN, excess, now=now)
            done.returned += 1


def _tell_ending(tenant: Tenant, now: datetime, done: Derived) -> None:
    rows = _of(tenant, *COVERING)
    for exception in rows.filter(ends_at__lte=now + timedelta(days=max(NOTICE_DAYS))):
        days = notice_due(exception, now)
        if days is None:
            continue
        exception.notice_at = now
        exception.save(update_fields=["notice_at"])
        # Begun days count: told a minute late, the fourteenth day before the end is still that.
        left = -(-(exception.ends_at - now) // timedelta(days=1))
        count = findings_in_words(exception.items.count())
        say(
            exception,
            kind="exception_ending",
            key=f"ending:{days}:{exception.ends_at.isoformat()}",
            title=f"{exception} ends on {day(exception.ends_at)}",
            lines=(
                f"In {left} day{'' if left == 1 else 's'} what it covers is open again: {count}.",
                "Fix them, or ask for a new exception before then.",
            ),
            people=[exception.requested_by, *owners(exception)],
        )
        done.noticed += 1
