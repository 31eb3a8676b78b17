"""Compute the exceptions and attestations as they were at an earlier moment.

- For a given moment, `states_at` returns the states of exceptions, and `set_back` changes exceptions in memory.
- For the end of the person's review period, `reviewed_states` returns the states of exceptions.
  `show_reviewed_exceptions` and `show_reviewed_attestations` change exceptions and attestations in memory.

The earlier state of an exception is computed from the exception's times, and from the timelines of its findings, which
never change. The earlier end and maximum number of findings come from the journal, because the exception itself has
only the values of the last decision.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from portal.treatment.models import Attestation, FindingException, TreatmentEvent
from tenants import journal, scope
from tenants.auditors.review_periods import ReviewPeriod, end_of_review
from tenants.models import JournalEntry, Person, Tenant

State = FindingException.State
Kind = TreatmentEvent.Kind
_STATE_AFTER: Final = {
    Kind.EXCEPTION_REQUESTED: State.REQUESTED,
    Kind.EXCEPTION_APPROVED: State.APPROVED,
    Kind.EXCEPTION_STARTED: State.ACTIVE,
    Kind.EXCEPTION_RETURNED: State.RETURNED,
    Kind.EXCEPTION_REFUSED: State.REFUSED,
    Kind.EXCEPTION_WITHDRAWN: State.WITHDRAWN,
    Kind.EXCEPTION_EXPIRED: State.EXPIRED,
    Kind.EXCEPTION_REVOKED: State.REVOKED,
}
_DECISIONS: Final = (Kind.EXCEPTION_APPROVED, Kind.EXCEPTION_REFUSED)
_APPROVED: Final = "exception.approved"
# The journal's description of a person ends with the person's id (`tenants.actors.describe`). This pattern finds the
# id.
_PERSON: Final = re.compile(r" \(person:([0-9a-f-]{36})\)\Z")
_INSTANT: Final = timedelta(microseconds=1)
_REASONS: Final = {str(one.label): str(one.value) for one in FindingException.Because}


@dataclass(frozen=True, slots=True)
class ReviewedState:
    """An exception as it was at the time `at`, the end of the review period: its state, and the date on which the
    exception was to end.
    """

    state: FindingException.State
    ends_at: datetime
    at: datetime


def states_at(exceptions: Collection[FindingException], at: datetime) -> dict[UUID, FindingException.State]:
    """Return {exception: its state at the moment `at`}. All exceptions must belong to one tenant."""
    last = _last_events(exceptions, at, *_STATE_AFTER)
    found = {}
    for row in exceptions:
        event = last.get(row.pk)
        state = _STATE_AFTER[Kind(event.kind)] if event else State.REQUESTED
        # Events belong to findings. If a rule matched no failing finding, the approval of its exception has no event.
        # `decided_at` shows such an approval.
        if row.decided_at is not None and row.decided_at <= at:
            is_again = state == State.RETURNED and event is not None and event.at <= row.decided_at
            state = State.APPROVED if is_again or state == State.REQUESTED else state
        if state == State.APPROVED and row.starts_at <= at:
            state = State.ACTIVE
        if row.ended_at is not None and row.ended_at <= at:
            state = State(row.state)
        found[row.pk] = state
    return found


def reviewed_states(
    tenant: Tenant, exceptions: Iterable[FindingException]
) -> dict[UUID, ReviewedState] | None:
    """Return {exception: its state at the end of the latest review period that overlaps it}, or None if the scope's
    person has no review period in the tenant.
    """
    if not _periods(tenant.pk):
        return None
    rows = list(exceptions)
    ends = show_reviewed_exceptions(rows)
    return {
        row.pk: ReviewedState(State(row.state), row.ends_at, ends[row.pk]) for row in rows if row.pk in ends
    }


def show_reviewed_exceptions(exceptions: Collection[FindingException]) -> dict[UUID, datetime]:
    """Change the exceptions in memory to how they were at the end of the reader's review period. Do not save the
    exceptions afterwards. The reader is the person of the current scope (`tenants.scope`).

    Return {exception: the end of the latest review period that overlaps with it}. Exceptions that overlap with no
    review period are not in the result, and stay unchanged.
    """
    ends: dict[UUID, datetime] = {}
    groups: dict[tuple[UUID, datetime], list[FindingException]] = defaultdict(list)
    for row in exceptions:
        end = end_of_review(_periods(row.tenant_id), row.requested_at, row.ends_at, row.ended_at)
        if end is not None:
            ends[row.pk] = end
            groups[row.tenant_id, end].append(row)
    for (_, end), rows in groups.items():
        set_back(rows, end - _INSTANT)
    return ends


def show_reviewed_attestations(attestations: Iterable[Attestation]) -> None:
    """Undo in memory the withdrawals that happened after the end of the reader's review period.

    Do not save the attestations afterwards. The reader is the person of the current scope (`tenants.scope`).
    """
    for row in attestations:
        end = end_of_review(_periods(row.tenant_id), row.attested_at, row.valid_until, row.withdrawn_at)
        if end is not None and row.withdrawn_at is not None and row.withdrawn_at >= end:
            row.withdrawn_at = row.withdrawn_by = None


def _periods(tenant_id: UUID) -> tuple[ReviewPeriod, ...]:
    return scope.current().review_periods.get(tenant_id, ())


def set_back(exceptions: Collection[FindingException], at: datetime) -> None:
    """Change the exceptions in memory to how they were at the moment `at`. Do not save the exceptions afterwards.

    All exceptions must belong to one tenant.
    """
    rows = list(exceptions)
    states = states_at(rows, at)
    decisions = _last_events(rows, at, *_DECISIONS)
    returns = _last_events(rows, at, Kind.EXCEPTION_RETURNED)
    for row in rows:
        state = states[row.pk]
        if row.decided_at is not None and row.decided_at > at:
            is_decided = _set_decision(row, decisions.get(row.pk), _last_terms(row, at))
            if is_decided and state == State.REQUESTED:
                state = State.ACTIVE if row.starts_at <= at else State.APPROVED
        if row.ended_at is not None and row.ended_at > at:
            row.ended_at, row.ended_by, row.end_note = None, None, ""
        row.state = state
        returned = returns.get(row.pk) if row.state == State.RETURNED else None
        if returned is not None:
            row.returned_at, row.returned_because = returned.at, _REASONS.get(returned.note, "")
        elif row.returned_at is not None and (row.returned_at > at or row.state != State.RETURNED):
            row.returned_at, row.returned_because = None, ""


def _set_decision(row: FindingException, event: TreatmentEvent | None, entry: JournalEntry | None) -> bool:
    """Set the exception's decision from `event`, and its end and maximum number of findings from `entry`. Return
    whether there was a decision.

    An approval has no event if the exception's rule matched no failing finding. In this case, take the decision from
    `entry`.
    """
    row.decided_by = event.by if event else None
    row.decided_at = event.at if event else None
    row.decision_note = event.note if event else ""
    if entry is None:
        return event is not None
    row.ends_at = datetime.fromisoformat(entry.details["ends_at"])
    row.maximum = entry.details["maximum"]
    if event is not None or entry.action != _APPROVED:
        return event is not None
    pk = _PERSON.search(entry.actor)
    row.decided_by = Person.objects.filter(pk=pk[1]).first() if pk else None
    row.decided_at, row.decision_note = entry.at, entry.details["note"]
    return True


def _last_terms(row: FindingException, at: datetime) -> JournalEntry | None:
    """Return the last journal entry up to the moment `at` that has the exception's end and maximum: its request or an
    approval.
    """
    # The request may be older than the person's review period. So do not use the default manager, which selects only
    # entries of the review period.
    entries = JournalEntry._base_manager.filter(
        tenant=row.tenant_id,
        action__in=("exception.requested", _APPROVED),
        target=journal.target_of(row),
        at__lte=at,
    )
    return entries.order_by("-sequence").first()


def _last_events(
    exceptions: Collection[FindingException], at: datetime, *kinds: TreatmentEvent.Kind
) -> dict[UUID, TreatmentEvent]:
    """Return {exception: its last event of these kinds that is not later than the given moment}."""
    rows = (
        TreatmentEvent.objects.filter(exception__in=exceptions, kind__in=kinds, at__lte=at)
        .select_related("by")
        .order_by("exception_id", "-at", "-id")
        .distinct("exception_id")
    )
    return {row.exception_id: row for row in rows if row.exception_id is not None}
