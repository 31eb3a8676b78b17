"""How exceptions end: taken back by who asked, revoked, refused, run out. Whatever was covered is open again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.treatment.actions.exceptions.audit import (
    count_of_findings,
    notify,
    owners,
    record_journal,
    record_timeline,
)
from portal.treatment.actions.exceptions.cover import recompute_covers
from portal.treatment.actions.exceptions.request import valid_reason
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import FindingException, TreatmentEvent
from portal.treatment.task_names import REFRESH
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import PermissionDenied
from tenants.models import Person

State = FindingException.State
Kind = TreatmentEvent.Kind

# Once in force it may have been told to many: it is revoked, not taken back.
WITHDRAWABLE: Final = (State.REQUESTED,)
REVOCABLE: Final = FindingException.COVERING


@transaction.atomic
def withdraw(*, exception: FindingException, by: Person, now: datetime | None = None) -> FindingException:
    """Take one's own request back before it is decided. PermissionDenied for anybody else's."""
    now = lock_and_reload(exception, now)
    if by.pk != exception.requested_by_id:
        raise PermissionDenied(
            "Only who asked for an exception can take the request back. You may refuse it."
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
    """End one that was approved, before its time: what it covers is open again at once. Takes a reason."""
    now = lock_and_reload(exception, now)
    note = valid_reason("note", note)
    require_state(exception, REVOCABLE, "revoked")
    write_end(exception, State.REVOKED, by=by, now=now, note=note)
    found = _finding_ids(exception)
    record_timeline(exception, found, by=by, at=now, kind=Kind.EXCEPTION_REVOKED, note=note)
    record_journal(exception, by=by, action="exception.revoked", findings=found, note=note)
    recompute_covers(tenant=exception.tenant, now=now)
    enqueue(REFRESH, exception.tenant_id)
    _notify_ended(exception, len(found), f"{exception} was revoked", by=by)
    return exception


def expire(exception: FindingException, *, by: Actor, now: datetime) -> int:
    """Its end has come; the caller holds the lock and recomputes covers. How many findings it meant."""
    found = _finding_ids(exception)
    if exception.state == State.REQUESTED:
        write_end(exception, State.WITHDRAWN, by=by, now=now, note="Nobody had decided before its end came.")
        record_timeline(
            exception, found, by=by, at=now, kind=Kind.EXCEPTION_WITHDRAWN, note=exception.end_note
        )
        record_journal(exception, by=by, action="exception.lapsed", findings=found)
        _notify_ended(exception, len(found), f"{exception} was not decided in time", by=by)
        return len(found)
    write_end(exception, State.EXPIRED, by=by, now=now)
    record_timeline(exception, found, by=by, at=now, kind=Kind.EXCEPTION_EXPIRED)
    record_journal(exception, by=by, action="exception.expired", findings=found)
    _notify_ended(exception, len(found), f"{exception} has expired", by=by)
    return len(found)


def lock_and_reload(exception: FindingException, now: datetime | None) -> datetime:
    """Take the tenant's lock and read the exception again, so that what is checked is what is there."""
    lock_treatments(exception.tenant_id)
    tenant = exception.tenant
    exception.refresh_from_db()
    exception.tenant = tenant
    return now or timezone.now()


def require_state(exception: FindingException, allowed: Collection[str], what: str) -> None:
    """WrongState unless it is in one of these states."""
    if exception.state not in allowed:
        words = exception.get_state_display().lower()
        raise WrongState(
            f"{exception} is {words} and cannot be {what}. Reload the page to see what happened to it.",
            fields={"state": [str(exception.state)]},
        )


def write_end(
    exception: FindingException, state: FindingException.State, *, by: Actor, now: datetime, note: str = ""
) -> None:
    """Write the end; no journal, no notices."""
    exception.state = state
    exception.ended_at = now
    exception.ended_by = by if isinstance(by, Person) else None
    exception.end_note = note
    exception.save()


def _finding_ids(exception: FindingException) -> list[UUID]:
    return list(exception.items.order_by("finding_id").values_list("finding_id", flat=True))


def _notify_ended(exception: FindingException, count: int, title: str, *, by: Actor) -> None:
    reopened = "What of them still fails is open again, but for what another exception covers."
    notify(
        exception,
        kind="exception_ended",
        key="ended",
        title=title,
        lines=(
            f"It meant {count_of_findings(count)}. {reopened}",
            f"Reason: {exception.end_note}" if exception.end_note else "",
        ),
        people=[exception.requested_by, *owners(exception)],
        by=by,
    )
