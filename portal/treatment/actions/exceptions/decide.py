"""Approve or refuse exceptions. A person other than the requester decides about the findings as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assessments.estate.quantities import in_days
from assessments.models import Finding
from portal.treatment.actions._text import clean_text
from portal.treatment.actions.exceptions.binding import bind, drop_unmatched
from portal.treatment.actions.exceptions.cover import recompute_covers
from portal.treatment.actions.exceptions.end import STILL_FAILING, lock_and_reload, require_state, write_end
from portal.treatment.actions.exceptions.records import notify, owners, record_journal, record_timeline
from portal.treatment.actions.exceptions.request import END_TOO_EARLY, MAX_TEXT, valid_reason
from portal.treatment.actions.exceptions.scope import valid_maximum
from portal.treatment.errors import NotFailing, OwnRequest
from portal.treatment.models import FindingException, TreatmentEvent
from portal.treatment.naming import count_of_findings
from portal.treatment.selectors.exception_scope import binding_digest, is_critical
from portal.treatment.selectors.exceptions import name_with_problem
from portal.treatment.task_names import REFRESH
from portal.treatment.timeline import format_day
from tenants.dispatch import enqueue
from tenants.errors import Conflict, invalid
from tenants.models import Person
from tenants.people.service_accounts import controls

State = FindingException.State
Kind = TreatmentEvent.Kind
CRITICAL_NOTE: Final = "Enter why these critical findings are acceptable. The approval records this note."
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
    """Approve a requested or returned exception for its findings as they are now.

    Each failing finding is bound to the hash of its observed value. `maximum` (only if the exception has a rule) and
    `ends_at` replace the requested values. The end can only become earlier. `seen` has the values that the approver
    saw: {finding id: hash of the observed value}, or the digest of this mapping (`selectors.exceptions.seen_digest`).
    If one of the findings is critical, `note` is required.

    Raises Conflict (`changed_meanwhile`) if a value has changed since the approver saw it. Raises OwnRequest if the
    approver requested the exception, and WrongState if the exception does not wait for a decision. Raises NotFailing if
    no finding fails, and InvalidInput if an argument is invalid.
    """
    now = lock_and_reload(exception, now)
    _require_other_person(exception, by)
    note = clean_text("note", note, MAX_TEXT)
    require_state(exception, FindingException.PENDING, "approved")
    again = exception.state == State.RETURNED
    _set_end(exception, ends_at, now)
    if maximum is not None:
        if exception.scope != Scope.RULE and maximum != exception.maximum:
            raise invalid(
                "maximum",
                "Only an exception by rule has a maximum that can be changed. This exception covers a fixed list of"
                " findings.",
            )
        exception.maximum = valid_maximum(maximum, 0)
    dropped = drop_unmatched(exception, by=by, now=now, approving=True)
    bound = bind(exception, now=now)
    _require_unchanged(bound, seen)
    count = exception.items.count()
    if count > exception.maximum:
        raise Conflict(
            f"The rule now matches {count_of_findings(count)}, which is more than the maximum of {exception.maximum}."
            f" Enter a maximum of at least {count}, or refuse the request.",
            code="grown",
            fields={"maximum": [f"Enter a maximum of at least {count}."]},
        )
    if not bound and exception.scope != Scope.RULE:
        if exception.items.filter(finding__outcome=Finding.Outcome.UNKNOWN).exists():
            raise NotFailing(
                "None of the findings fails now, but some are unknown and may still fail. Decide after the next"
                " assessment that can check them."
            )
        raise NotFailing("None of the findings fails any more. Refuse the request.")
    if not note and is_critical(exception):
        raise invalid("note", CRITICAL_NOTE, code="note_required")
    exception.state = State.ACTIVE if exception.starts_at <= now else State.APPROVED
    exception.decided_by, exception.decision_note = by, note
    # The database refuses a decision that is earlier than the return of the exception. The time of the return may be
    # later than `now`, because the clock of the worker that returned the exception may be ahead. So store the later
    # of both times.
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
        left=len(dropped),
        bound_sha256=binding_digest(bound),
        maximum=exception.maximum,
        ends_at=exception.ends_at,
        note=exception.decision_note,
    )
    recompute_covers(tenant=exception.tenant, now=now)
    enqueue(REFRESH, exception.tenant_id)
    start = "" if exception.state == State.ACTIVE else f"from {format_day(exception.starts_at)} "
    _notify_decided(
        exception,
        f"{name_with_problem(exception)} was approved",
        f"The exception covers {count_of_findings(len(bound))} {start}until {format_day(exception.ends_at)}.",
        by=by,
    )
    return exception


@transaction.atomic
def refuse(
    *, exception: FindingException, by: Person, note: str, now: datetime | None = None
) -> FindingException:
    """Refuse a requested or returned exception, with a reason. Findings that the exception covered and that still fail
    are open again, unless another exception covers them.
    """
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
        f"{name_with_problem(exception)} was refused",
        STILL_FAILING if again else "Its findings remain open.",
        by=by,
    )
    return exception


def _require_other_person(exception: FindingException, by: Person) -> None:
    if by.pk == exception.requested_by_id:
        raise OwnRequest("You requested this exception. Another approver must decide.")
    if controls(by, exception.requested_by):
        raise OwnRequest(
            f"The service account {exception.requested_by.get_full_name()} requested this exception. You created this"
            " account, are or were responsible for it, or created a token or client secret for it. Another approver"
            " must decide.",
        )


def _set_end(exception: FindingException, ends_at: datetime | None, now: datetime) -> None:
    if ends_at is not None:
        if timezone.is_naive(ends_at):
            raise invalid("ends_at", "Enter a date and time with a time zone.")
        if ends_at > exception.ends_at:
            raise invalid(
                "ends_at",
                f"The requested end is {exception.ends_at:%Y-%m-%d %H:%M} UTC. You can choose an earlier end, but "
                "not a later one.",
            )
        exception.ends_at = ends_at
    if exception.ends_at <= max(now, exception.starts_at):
        raise invalid(
            "ends_at",
            END_TOO_EARLY,
            code="end_too_early",
        )
    # The current policy applies. It may have become stricter since the request.
    days = exception.tenant.exception_cap_days
    latest = max(now, exception.starts_at) + timedelta(days=days)
    if exception.ends_at > latest:
        raise invalid(
            "ends_at",
            f"The policy of {exception.tenant.name} now allows exceptions of at most {in_days(days)}. Choose an end"
            f" no later than {latest:%Y-%m-%d %H:%M} UTC.",
            code="end_too_late",
        )


def _require_unchanged(
    bound: Mapping[UUID, str], seen: Mapping[UUID, str] | Mapping[str, str] | str | None
) -> None:
    if seen is None:
        return
    if (seen if isinstance(seen, str) else binding_digest(seen)) != binding_digest(bound):
        raise Conflict(
            "The observed values have changed since you opened the page. Review the values, then decide.",
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
            f"Decided by {by.name or by.email}.",
            f"Note: {exception.decision_note}" if exception.decision_note else "",
        ),
        subscribers=[exception.requested_by, *owners(exception)],
        by=by,
    )
