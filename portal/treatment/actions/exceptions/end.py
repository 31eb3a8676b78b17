"""Withdraw, revoke or expire an exception. Findings that still fail are then open again, unless another exception
covers them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.treatment.actions.exceptions.cover import recompute_covers
from portal.treatment.actions.exceptions.records import notify, owners, record_journal, record_timeline
from portal.treatment.actions.exceptions.request import valid_reason
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import FindingException, TreatmentEvent
from portal.treatment.naming import count_of_findings
from portal.treatment.selectors.exceptions import name_with_problem
from portal.treatment.task_names import REFRESH
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import PermissionDenied
from tenants.models import Person

State = FindingException.State
Kind = TreatmentEvent.Kind

# Requesters can withdraw a request only before the first decision. An exception that was approved, including a returned
# exception, is revoked instead.
WITHDRAWABLE: Final = (State.REQUESTED,)
REVOCABLE: Final = FindingException.COVERING
STILL_FAILING: Final = "Findings that still fail are open again, unless another exception covers them."


@transaction.atomic
def withdraw(*, exception: FindingException, by: Person, now: datetime | None = None) -> FindingException:
    """Withdraw a request before an approver decides. Raises PermissionDenied if `by` is not the requester."""
    now = lock_and_reload(exception, now)
    if by.pk != exception.requested_by_id:
        raise PermissionDenied(
            "Only the requester can withdraw a request. An approver can refuse the request instead."
        )
    require_state(exception, WITHDRAWABLE, "withdrawn")
    write_end(exception, State.WITHDRAWN, by=by, now=now)
    found = _finding_ids(exception)
    record_timeline(exception, found, by=by, at=now, kind=Kind.EXCEPTION_WITHDRAWN)
    record_journal(exception, by=by, action="exception.withdrawn", findings=found)
    return exception


@transaction.atomic
def revoke(
    *, exception: FindingException, by: Person, note: str, now: datetime | None = None
) -> FindingException:
    """Revoke an approved exception before its end, with a reason. Findings that still fail are open again immediately,
    unless another exception covers them.
    """
    now = lock_and_reload(exception, now)
    note = valid_reason("note", note)
    require_state(exception, REVOCABLE, "revoked")
    write_end(exception, State.REVOKED, by=by, now=now, note=note)
    found = _finding_ids(exception)
    record_timeline(exception, found, by=by, at=now, kind=Kind.EXCEPTION_REVOKED, note=note)
    record_journal(exception, by=by, action="exception.revoked", findings=found, note=note)
    recompute_covers(tenant=exception.tenant, now=now)
    enqueue(REFRESH, exception.tenant_id)
    _notify_ended(exception, len(found), f"{name_with_problem(exception)} was revoked", by=by)
    return exception


def expire(exception: FindingException, *, by: Actor, now: datetime) -> int:
    """End an exception whose end time has passed; return the number of its findings.

    The caller must hold the tenant's lock, and call `recompute_covers` afterwards.
    """
    found = _finding_ids(exception)
    if exception.state == State.REQUESTED:
        write_end(
            exception, State.WITHDRAWN, by=by, now=now, note="No approver decided before the requested end."
        )
        record_timeline(
            exception, found, by=by, at=now, kind=Kind.EXCEPTION_WITHDRAWN, note=exception.end_note
        )
        record_journal(exception, by=by, action="exception.lapsed", findings=found)
        _notify_ended(
            exception, len(found), f"{name_with_problem(exception)} was not decided before its end", by=by
        )
        return len(found)
    write_end(exception, State.EXPIRED, by=by, now=now)
    record_timeline(exception, found, by=by, at=now, kind=Kind.EXCEPTION_EXPIRED)
    record_journal(exception, by=by, action="exception.expired", findings=found)
    _notify_ended(exception, len(found), f"{name_with_problem(exception)} has expired", by=by)
    return len(found)


def lock_and_reload(exception: FindingException, now: datetime | None) -> datetime:
    """Take the tenant's lock, then reload the exception, so that checks see its current state."""
    lock_treatments(exception.tenant_id)
    tenant = exception.tenant
    exception.refresh_from_db()
    exception.tenant = tenant
    return now or timezone.now()


def require_state(exception: FindingException, allowed: Collection[str], verb: str) -> None:
    """Raise WrongState if the exception is in a state that is not `allowed`."""
    if exception.state not in allowed:
        state = exception.get_state_display().lower()
        raise WrongState(
            f"{exception} is {state} and cannot be {verb}. Reload the page to see its current state.",
            fields={"state": [str(exception.state)]},
        )


def write_end(
    exception: FindingException, state: FindingException.State, *, by: Actor, now: datetime, note: str = ""
) -> None:
    """Store that the exception has ended, without a journal entry and without a notification."""
    exception.state = state
    exception.ended_at = now
    exception.ended_by = by if isinstance(by, Person) else None
    exception.end_note = note
    exception.save()


def _finding_ids(exception: FindingException) -> list[UUID]:
    return list(exception.items.order_by("finding_id").values_list("finding_id", flat=True))


def _notify_ended(exception: FindingException, count: int, title: str, *, by: Actor) -> None:
    findings = count_of_findings(count)
    line = (
        f"The exception covered {findings}. {STILL_FAILING}"
        if exception.decided_at is not None
        else f"The exception was requested for {findings}, but never took effect."
    )
    notify(
        exception,
        kind="exception_ended",
        key="ended",
        title=title,
        lines=(line, f"Reason: {exception.end_note}" if exception.end_note else ""),
        subscribers=[exception.requested_by, *owners(exception)],
        by=by,
    )
