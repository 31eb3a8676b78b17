"""Deciding exceptions: by somebody else than who asked, about what is there at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.treatment.actions._rows import text_of
from portal.treatment.actions.exception_bind import bind, leave
from portal.treatment.actions.exception_cover import recompute_covers
from portal.treatment.actions.exception_end import end, hold, require_state
from portal.treatment.actions.exception_request import MAX_TEXT, valid_maximum, valid_reason
from portal.treatment.actions.exception_words import (
    REFRESH,
    enter,
    findings_in_words,
    owners,
    say,
    timeline,
)
from portal.treatment.errors import NotFailing, OwnRequest
from portal.treatment.meant import digest
from portal.treatment.models import FindingException, TreatmentEvent
from portal.treatment.timeline import day
from tenants.dispatch import enqueue
from tenants.errors import Conflict, invalid
from tenants.models import Person

State = FindingException.State
Kind = TreatmentEvent.Kind
Scope = FindingException.Scope


@transaction.atomic
def approve(
    *,
    exception: FindingException,
    by: Person,
    note: str = "",
    maximum: int | None = None,
    ends_at: datetime | None = None,
    seen: Mapping[UUID, str] | Mapping[str, str] | str | None = None,
    now: datetime | None = None,
) -> FindingException:
    """Approve a request, or again one that has returned, as its findings are now.

    Every finding that fails is bound to the hash of what is observed of it. `maximum` (rules only) and
    `ends_at` replace what was asked; the end can only be brought forward. `seen` is what the approver had
    before them, {finding id: hash of what was observed}, or its `digest` (`selectors.exceptions.seen_digest`):
    Conflict (changed_meanwhile) where it is no longer so. OwnRequest, WrongState, NotFailing, InvalidInput.
    """
    now = hold(exception, now)
    _require_another(exception, by)
    note = text_of("note", note, MAX_TEXT)
    require_state(exception, FindingException.PENDING, "approved")
    again = exception.state == State.RETURNED
    _shorten(exception, ends_at, now)
    if maximum is not None:
        if exception.scope != Scope.RULE and maximum != exception.maximum:
            raise invalid("maximum", "Only a rule can come to cover more: this means exactly what it lists.")
        exception.maximum = valid_maximum(maximum, 0)
    left = leave(exception, by=by, now=now, approving=True)
    bound = bind(exception, now=now)
    _require_seen(bound, seen)
    count = exception.items.count()
    if count > exception.maximum:
        raise Conflict(
            f"It matches {findings_in_words(count)} now, and at most {exception.maximum} were asked for. "
            f"Allow at least {count}, or refuse.",
            code="grown",
            fields={"maximum": [f"Allow at least {count}."]},
        )
    if not bound and exception.scope != Scope.RULE:
        raise NotFailing("None of its findings fails any more: there is nothing to approve. Refuse it.")
    exception.state = State.ACTIVE if exception.starts_at <= now else State.APPROVED
    exception.decided_by, exception.decision_note = by, note
    # A worker returned it, whose clock may be ahead of this machine's; the table wants the order kept.
    exception.decided_at = max(now, exception.returned_at or now)
    exception.returned_at, exception.returned_because = None, ""
    exception.save()
    timeline(exception, bound, by=by, at=now, kind=Kind.EXCEPTION_APPROVED, note=exception.decision_note)
    enter(
        exception,
        by=by,
        action="exception.approved",
        findings=bound.keys(),
        again=again,
        left=len(left),
        bound_sha256=digest(bound),
        maximum=exception.maximum,
        ends_at=exception.ends_at,
        note=exception.decision_note,
    )
    recompute_covers(tenant=exception.tenant, now=now)
    enqueue(REFRESH, exception.tenant_id)
    when = "covers" if exception.state == State.ACTIVE else f"from {day(exception.starts_at)} covers"
    _tell_decided(
        exception,
        f"{exception} was approved",
        f"It {when} {findings_in_words(len(bound))} until {day(exception.ends_at)}.",
        by=by,
    )
    return exception


@transaction.atomic
def refuse(
    *, exception: FindingException, by: Person, note: str, now: datetime | None = None
) -> FindingException:
    """Refuse a request; a returned one ends by it and what it covered is open again. Takes a reason."""
    now = hold(exception, now)
    _require_another(exception, by)
    note = valid_reason("note", note)
    require_state(exception, FindingException.PENDING, "refused")
    again = exception.state == State.RETURNED
    exception.decided_by, exception.decided_at, exception.decision_note = by, now, note
    end(exception, State.REFUSED, by=by, now=now)
    found = list(exception.items.order_by("finding_id").values_list("finding_id", flat=True))
    timeline(exception, found, by=by, at=now, kind=Kind.EXCEPTION_REFUSED, note=note)
    enter(exception, by=by, action="exception.refused", findings=found, again=again, note=note)
    recompute_covers(tenant=exception.tenant, now=now)
    enqueue(REFRESH, exception.tenant_id)
    _tell_decided(
        exception,
        f"{exception} was refused",
        "What it covered is open again." if again else "Its findings stay open.",
        by=by,
    )
    return exception


def _require_another(exception: FindingException, by: Person) -> None:
    if by.pk == exception.requested_by_id:
        raise OwnRequest("You asked for this exception yourself: somebody else has to decide it.")


def _shorten(exception: FindingException, ends_at: datetime | None, now: datetime) -> None:
    if ends_at is not None:
        if timezone.is_naive(ends_at):
            raise invalid("ends_at", "Give a date and time with its time zone.")
        if ends_at > exception.ends_at:
            raise invalid(
                "ends_at",
                f"It was asked for until {exception.ends_at:%Y-%m-%d %H:%M} UTC: an approver can bring the end "
                "forward, not put it off.",
            )
        exception.ends_at = ends_at
    if exception.ends_at <= max(now, exception.starts_at):
        raise invalid("ends_at", "The end must come after the start, and after now.", code="end_too_early")
    # The policy may have become stricter since it was asked for: what is decided now is decided under this one.
    days = exception.tenant.exception_cap_days
    latest = max(now, exception.starts_at) + timedelta(days=days)
    if exception.ends_at > latest:
        raise invalid(
            "ends_at",
            f"{exception.tenant.name} allows exceptions of at most {days} days by now: bring the end forward, "
            f"to {latest:%Y-%m-%d %H:%M} UTC at the latest.",
            code="end_too_late",
        )


def _require_seen(
    bound: Mapping[UUID, str], seen: Mapping[UUID, str] | Mapping[str, str] | str | None
) -> None:
    if seen is None:
        return
    if (seen if isinstance(seen, str) else digest(seen)) != digest(bound):
        raise Conflict(
            "What is observed has changed since you opened the page. Look at it again, then decide.",
            code="changed_meanwhile",
        )


def _tell_decided(exception: FindingException, title: str, line: str, *, by: Person) -> None:
    assert exception.decided_at is not None
    say(
        exception,
        kind="exception_decided",
        key=f"decided:{exception.decided_at.isoformat()}",
        title=title,
        lines=(
            line,
            f"By {by.name or by.email}.",
            f"Note: {exception.decision_note}" if exception.decision_note else "",
        ),
        people=[exception.requested_by, *owners(exception)],
        by=by,
    )
