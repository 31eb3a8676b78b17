"""Deciding exceptions: by somebody else than who asked, about what is there at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.treatment.actions._text import clean_text
from portal.treatment.actions.exceptions.audit import (
    count_of_findings,
    notify,
    owners,
    record_journal,
    record_timeline,
)
from portal.treatment.actions.exceptions.binding import bind, drop_unmatched
from portal.treatment.actions.exceptions.cover import recompute_covers
from portal.treatment.actions.exceptions.end import lock_and_reload, require_state, write_end
from portal.treatment.actions.exceptions.request import MAX_TEXT, valid_maximum, valid_reason
from portal.treatment.errors import NotFailing, OwnRequest
from portal.treatment.models import FindingException, TreatmentEvent
from portal.treatment.selectors.exception_scope import binding_digest
from portal.treatment.task_names import REFRESH
from portal.treatment.timeline import format_day
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
    now = lock_and_reload(exception, now)
    _require_other_person(exception, by)
    note = clean_text("note", note, MAX_TEXT)
    require_state(exception, FindingException.PENDING, "approved")
    again = exception.state == State.RETURNED
    _set_end(exception, ends_at, now)
    if maximum is not None:
        if exception.scope != Scope.RULE and maximum != exception.maximum:
            raise invalid("maximum", "Only a rule can come to cover more: this means exactly what it lists.")
        exception.maximum = valid_maximum(maximum, 0)
    left = drop_unmatched(exception, by=by, now=now, approving=True)
    bound = bind(exception, now=now)
    _require_unchanged(bound, seen)
    count = exception.items.count()
    if count > exception.maximum:
        raise Conflict(
            f"It matches {count_of_findings(count)} now, and at most {exception.maximum} were asked for. "
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
    record_timeline(
        exception, bound, by=by, at=now, kind=Kind.EXCEPTION_APPROVED, note=exception.decision_note
    )
    record_journal(
        exception,
        by=by,
        action="exception.approved",
        findings=bound.keys(),
        again=again,
        left=len(left),
        bound_sha256=binding_digest(bound),
        maximum=exception.maximum,
        ends_at=exception.ends_at,
        note=exception.decision_note,
    )
    recompute_covers(tenant=exception.tenant, now=now)
    enqueue(REFRESH, exception.tenant_id)
    when = "covers" if exception.state == State.ACTIVE else f"from {format_day(exception.starts_at)} covers"
    _notify_decided(
        exception,
        f"{exception} was approved",
        f"It {when} {count_of_findings(len(bound))} until {format_day(exception.ends_at)}.",
        by=by,
    )
    return exception


@transaction.atomic
def refuse(
    *, exception: FindingException, by: Person, note: str, now: datetime | None = None
) -> FindingException:
    """Refuse a request; a returned one ends by it and what it covered is open again. Takes a reason."""
    now = lock_and_reload(exception, now)
    _require_other_person(exception, by)
    note = valid_reason("note", note)
    require_state(exception, FindingException.PENDING, "refused")
    again = exception.state == State.RETURNED
    exception.decided_by, exception.decided_at, exception.decision_note = by, now, note
    write_end(exception, State.REFUSED, by=by, now=now)
    found = list(exception.items.order_by("finding_id").values_list("finding_id", flat=True))
    record_timeline(exception, found, by=by, at=now, kind=Kind.EXCEPTION_REFUSED, note=note)
    record_journal(exception, by=by, action="exception.refused", findings=found, again=again, note=note)
    recompute_covers(tenant=exception.tenant, now=now)
    enqueue(REFRESH, exception.tenant_id)
    _notify_decided(
        exception,
        f"{exception} was refused",
        "What it covered is open again." if again else "Its findings stay open.",
        by=by,
    )
    return exception


def _require_other_person(exception: FindingException, by: Person) -> None:
    if by.pk == exception.requested_by_id:
        raise OwnRequest("You asked for this exception yourself: somebody else has to decide it.")


def _set_end(exception: FindingException, ends_at: datetime | None, now: datetime) -> None:
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


def _require_unchanged(
    bound: Mapping[UUID, str], seen: Mapping[UUID, str] | Mapping[str, str] | str | None
) -> None:
    if seen is None:
        return
    if (seen if isinstance(seen, str) else binding_digest(seen)) != binding_digest(bound):
        raise Conflict(
            "What is observed has changed since you opened the page. Look at it again, then decide.",
            code="changed_meanwhile",
        )


def _notify_decided(exception: FindingException, title: str, line: str, *, by: Person) -> None:
    assert exception.decided_at is not None
    notify(
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
