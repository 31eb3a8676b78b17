"""Apply the changes to a tenant's treatments that result from new verdicts and from the passing of time.

A second run for the same time changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from assessments.estate.quantities import in_days
from assessments.models import Finding
from portal.treatment.actions.attestations.attest import lapse_expired
from portal.treatment.actions.exceptions.binding import add_items, drop_unmatched
from portal.treatment.actions.exceptions.cover import recompute_covers
from portal.treatment.actions.exceptions.end import expire
from portal.treatment.actions.exceptions.records import notify, owners, record_journal, record_timeline
from portal.treatment.actions.exceptions.return_for_review import return_for_review
from portal.treatment.changed_values import changed_properties
from portal.treatment.locks import lock_treatments
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.naming import count_of_findings
from portal.treatment.selectors.exception_scope import binding_digest, unbound_matches
from portal.treatment.selectors.exceptions import name_with_problem
from portal.treatment.selectors.refresh_triggers import NOTICE_DAYS, due_notice_days
from portal.treatment.timeline import SURETY, format_day
from tenants.models import Tenant

State = FindingException.State
Kind = TreatmentEvent.Kind
Because = FindingException.Because


@dataclass(slots=True)
class TransitionCounts:
    """The numbers of changes that a run has made.

    - `started`, `returned`, `expired`, `lapsed`: exceptions. An exception lapses if nobody decides about it in time
    - `noticed`: exceptions whose coming end was announced
    - `extended`: findings that the rule of an exception has begun to match
    - `left`: findings that the rule of an exception no longer matches
    - `covers`: findings whose covering exception changed
    - `attestations`: expired attestations
    """

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
def apply_transitions(*, tenant: Tenant, now: datetime | None = None) -> TransitionCounts:
    """Start, return, extend and expire exceptions as of `now`, announce coming ends, and recompute covers.

    Called after each assessment and when a date has passed. A second call for the same time writes nothing. The
    function takes the tenant's lock.
    """
    lock_treatments(tenant.pk)
    now = now or timezone.now()
    done = TransitionCounts()
    _expire(tenant, now, done)
    _start(tenant, now, done)
    _drop_unmatched(tenant, now, done)
    _return_changed(tenant, now, done)
    _extend_rules(tenant, now, done)
    done.covers = recompute_covers(tenant=tenant, now=now)
    _notify_ending(tenant, now, done)
    done.attestations = lapse_expired(tenant=tenant, now=now)
    return done


def _exceptions_in(tenant: Tenant, *states: str) -> QuerySet[FindingException]:
    rows = FindingException.objects.filter(tenant=tenant, state__in=states).order_by("number")
    return rows.select_related("tenant", "requested_by", "decided_by")


def _expire(tenant: Tenant, now: datetime, done: TransitionCounts) -> None:
    for exception in _exceptions_in(tenant, State.REQUESTED, *FindingException.COVERING).filter(
        ends_at__lte=now
    ):
        expire(exception, by=SURETY, now=now)
        if exception.state == State.EXPIRED:
            done.expired += 1
        else:
            done.lapsed += 1


def _start(tenant: Tenant, now: datetime, done: TransitionCounts) -> None:
    for exception in _exceptions_in(tenant, State.APPROVED).filter(starts_at__lte=now):
        exception.state = State.ACTIVE
        exception.save(update_fields=["state"])
        bound = exception.items.exclude(approved_sha256="").order_by("finding_id")
        found = list(bound.values_list("finding_id", flat=True))
        record_timeline(exception, found, by=SURETY, at=now, kind=Kind.EXCEPTION_STARTED)
        record_journal(exception, by=SURETY, action="exception.started", findings=found)
        done.started += 1


def _drop_unmatched(tenant: Tenant, now: datetime, done: TransitionCounts) -> None:
    """Remove from each exception in force the findings that its rule no longer matches."""
    for exception in _exceptions_in(tenant, *FindingException.IN_FORCE).filter(
        scope=FindingException.Scope.RULE
    ):
        if dropped := drop_unmatched(exception, by=SURETY, now=now):
            record_journal(exception, by=SURETY, action="exception.shrunk", findings=dropped)
            done.left += len(dropped)


def _return_changed(tenant: Tenant, now: datetime, done: TransitionCounts) -> None:
    """Return exceptions to an approver if a failing finding has an observed value that was not approved."""
    changed = ExceptionItem.objects.filter(
        tenant=tenant,
        exception__state__in=FindingException.IN_FORCE,
        changed_at__isnull=True,
        finding__outcome=Finding.Outcome.FAIL,
        finding__gone_at__isnull=True,
    ).exclude(approved_sha256=F("finding__observed_sha256"))
    rows = list(
        changed.order_by("exception_id", "finding_id")
        .select_related("finding")
        .only("pk", "exception_id", "finding_id", "approved_observed", "finding__observed")
    )
    ExceptionItem.objects.filter(pk__in=[row.pk for row in rows]).update(changed_at=now)
    concerned = _exceptions_in(tenant, *FindingException.IN_FORCE).filter(
        pk__in={row.exception_id for row in rows}
    )
    by_id = {exception.pk: exception for exception in concerned}
    for pk, found in groupby(rows, key=attrgetter("exception_id")):
        items = list(found)
        properties = changed_properties((item.approved_observed, item.finding.observed) for item in items)
        return_for_review(
            by_id[pk], Because.CHANGED, [item.finding_id for item in items], now=now, changed=properties
        )
        done.returned += 1


def _extend_rules(tenant: Tenant, now: datetime, done: TransitionCounts) -> None:
    """Add the findings that now match the rule of an active exception, up to the maximum of the exception.

    If the rule matches more findings than the maximum, return the exception to an approver.
    """
    for exception in _exceptions_in(tenant, State.ACTIVE).filter(scope=FindingException.Scope.RULE):
        room = max(exception.maximum - exception.items.count(), 0)
        found = unbound_matches(exception).values_list("pk", "observed_sha256", "observed")
        seen = {pk: (sha256, observed) for pk, sha256, observed in found[:room]} if room else {}
        if seen:
            add_items(exception, seen, now=now, added=True)
            record_timeline(exception, seen, by=SURETY, at=now, kind=Kind.EXCEPTION_EXTENDED)
            record_journal(
                exception,
                by=SURETY,
                action="exception.extended",
                findings=seen,
                bound_sha256=binding_digest({pk: sha256 for pk, (sha256, _) in seen.items()}),
            )
            done.extended += len(seen)
        if len(seen) < room:
            continue
        if excess := list(unbound_matches(exception).values_list("pk", flat=True)):
            return_for_review(exception, Because.GROWN, excess, now=now)
            done.returned += 1


def _notify_ending(tenant: Tenant, now: datetime, done: TransitionCounts) -> None:
    rows = _exceptions_in(tenant, *FindingException.COVERING)
    for exception in rows.filter(ends_at__lte=now + timedelta(days=max(NOTICE_DAYS))):
        days = due_notice_days(exception, now)
        if days is None:
            continue
        exception.notice_at = now
        exception.save(update_fields=["notice_at"])
        notify(
            exception,
            kind="exception_ending",
            key=f"ending:{days}:{exception.ends_at.isoformat()}",
            title=f"{name_with_problem(exception)} ends on {format_day(exception.ends_at)}",
            lines=_what_ends(exception, exception.ends_at - now),
            subscribers=[exception.requested_by, *owners(exception)],
        )
        done.noticed += 1


def _what_ends(exception: FindingException, left: timedelta) -> tuple[str, ...]:
    """Return the lines of the notice about the coming end of an exception. `left` is the time until this end.

    One line counts the failing findings that the exception covers, or will cover after its start: they will be open
    again. Another line counts the unknown findings of the exception, which will be open again if they still fail.
    Findings that another exception covers for longer are not counted. Failures whose observed value was not approved
    are not counted either.
    """
    fails = Q(finding__outcome=Finding.Outcome.FAIL, approved_sha256=F("finding__observed_sha256"))
    is_unknown = Q(finding__outcome=Finding.Outcome.UNKNOWN)
    rows = ExceptionItem.objects.filter(
        fails | is_unknown, tenant=exception.tenant_id, finding__gone_at__isnull=True
    ).exclude(approved_sha256="")
    longer = rows.filter(
        exception__state__in=FindingException.COVERING,
        exception__starts_at__lte=exception.ends_at,
        exception__ends_at__gt=exception.ends_at,
    )
    own = rows.filter(exception=exception).exclude(finding__in=longer.values("finding"))
    covered, unknown = own.filter(fails).count(), own.filter(is_unknown).count()
    if not covered and not unknown:
        return ("As things are now, no finding will be open again when this exception ends.",)
    # Round up, so that the notice states the correct number of days even if it is sent a few minutes late.
    days = in_days(-(-left // timedelta(days=1)))
    lines = []
    if covered:
        lines.append(f"{count_of_findings(covered)} will be open again in {days}.")
    if unknown:
        words = "is unknown at present. If it still fails, it"
        if unknown > 1:
            words = "are unknown at present. If they still fail, they"
        lines.append(f"{count_of_findings(unknown)} {words} will be open again in {days}.")
    return (*lines, "Fix the findings, or request a new exception before this exception ends.")
