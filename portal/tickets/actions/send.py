"""Send due tickets: open, close and reopen them in their ticket systems, and record the answers of the systems."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from uuid import UUID

import structlog
from django.db.models import F
from django.utils import timezone

from portal.notify.attempts import LEASE, WORKER_DIED, retry_time
from portal.tickets import texts
from portal.tickets.actions.internal_errors import internal_errors
from portal.tickets.actions.trackers import (
    TICKETS,
    OpenSystem,
    clear_problem,
    open_systems,
    pause_after,
    pause_after_internal_error,
)
from portal.tickets.connectors.base import Draft, Remote
from portal.tickets.connectors.client import requests_until
from portal.tickets.errors import InternalError, Missing, Rejected, TicketError, Unavailable
from portal.tickets.models import Ticket, TicketSystem
from portal.tickets.selectors import due_tenants
from tenants import journal
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope

log = structlog.get_logger(__name__)

ATTEMPT_SECONDS: Final = 120.0
"""After this time, an attempt to send a ticket makes no further request."""
MAX_ATTEMPTS: Final = 12
MAX_INTERNAL_ERRORS: Final = 3
"""A ticket fails after this number of attempts that end with an internal error of Surety. The number is low, so that
people notice the error soon.
"""
FIRST_RETRY_SECONDS: Final = 30.0
MAX_RETRY_SECONDS: Final = 4 * 3600.0
CLOCK_DIFFERENCE: Final = timedelta(minutes=10)
"""The maximum time by which the clock of a ticket system may be behind the clock of Surety."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A ticket that this worker has claimed, with the values that the ticket had at the time of the claim.

    If the answer to an earlier request to open the ticket was lost, `lost_at` is the time of this request. Otherwise,
    `lost_at` is None.
    """

    ticket: Ticket
    lost_at: datetime | None


class _Event(Enum):
    OPENED = "opened"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The result of an attempt to send a ticket.

    - `remote`: the ticket in the system after the attempt, None if the system did not return it
    - `event`: what the attempt did in the system, None for nothing
    - `is_gone`: the ticket no longer exists in the system
    - `wait`: if positive, no request was sent, and the next attempt comes after this time
    """

    remote: Remote | None = None
    event: _Event | None = None
    is_gone: bool = False
    error: TicketError | None = None
    wait: timedelta = timedelta()


def send_due(*, organization_id: UUID, until: float) -> int:
    """Send an organization's due tickets; return how many attempts succeeded. Call this function while no scope
    (`tenants.scope`) is open.

    No attempt starts after `until`, a time of `time.monotonic()`. A system gets at most as many changes per minute as
    its connector permits. If a system limits requests or refuses the credentials, it is paused. If a system does not
    answer, it gets no further requests in this run. An unexpected error is logged, and stored with the ticket or
    system; the work on other tickets and systems continues.
    """
    done = 0
    for system in open_systems(organization_id, timezone.now()):
        try:
            with internal_errors("tickets of a system not sent", system=str(system.row.pk)):
                done += _send_to(system, until)
        except InternalError as error:
            pause_after_internal_error(system, error)
    return done


def _send_to(system: OpenSystem, until: float) -> int:
    done = 0
    with organization_scope(system.row.organization_id):
        tenants = due_tenants(system.row.pk, system.row.organization_id, timezone.now())
    for tenant_id in tenants:
        try:
            sent, goes_on = _send_of(system, tenant_id, until)
        except NotFound:
            log.info("customer was erased while its tickets were sent", tenant=str(tenant_id))
            continue
        done += sent
        if not goes_on:
            break
    return done


def _send_of(system: OpenSystem, tenant_id: UUID, until: float) -> tuple[int, bool]:
    """Send the due tickets of a customer. Return how many attempts succeeded, and whether this run may send further
    tickets to the system.

    Raises NotFound for a customer that no longer exists.
    """
    done = 0
    while time.monotonic() < until:
        if not _has_turn(system):
            return done, False
        with tenant_scope(tenant_id):
            claim = _claim(system, tenant_id)
        if claim is None:
            return done, True
        _note_turn(system)
        outcome = _attempt(system, claim)
        paused = outcome.error is not None and pause_after(system, outcome.error)
        outcome = _recorded(claim, outcome, is_paused=paused)
        if paused or isinstance(outcome.error, Unavailable):
            return done, False
        if outcome.error is None and not outcome.wait:
            clear_problem(system)
            done += 1
    return done, False


def _has_turn(system: OpenSystem) -> bool:
    """Return whether the system's limit of changes per minute permits another change now. Only one worker at a time
    sends to a system, so no lock is needed.
    """
    start = timezone.now() - timedelta(minutes=1)
    return len([at for at in system.row.sent_at if at > start]) < system.connector.writes_per_minute


def _note_turn(system: OpenSystem) -> None:
    """Store the time of a change before the change is sent, so that later runs count the change toward the limit per
    minute.
    """
    now = timezone.now()
    start = now - timedelta(minutes=1)
    system.row.sent_at = [*(at for at in system.row.sent_at if at > start), now]
    with organization_scope(system.row.organization_id):
        TicketSystem.objects.filter(pk=system.row.pk).update(sent_at=system.row.sent_at)


def _claim(system: OpenSystem, tenant_id: UUID) -> _Claim | None:
    """Claim the next due ticket of a customer, so that for five minutes no other worker sends it."""
    now = timezone.now()
    waiting = Ticket.objects.filter(
        tenant_id=tenant_id, system=system.row.pk, work=Ticket.Work.WAITING, due_at__lte=now
    )
    waiting.filter(attempts__gte=MAX_ATTEMPTS).update(
        work=Ticket.Work.DEAD, error=WORKER_DIED, status="worker_died"
    )
    ticket = (
        waiting.select_for_update(skip_locked=True, of=("self",))
        .select_related("tenant")
        .order_by("due_at", "pk")
        .first()
    )
    if ticket is None:
        return None
    lost_at = ticket.tried_at if not ticket.remote_id else None
    changed: dict[str, object] = {"attempts": F("attempts") + 1, "due_at": now + LEASE}
    if ticket.is_wanted and not ticket.remote_id:
        changed["tried_at"] = now
    Ticket.objects.filter(pk=ticket.pk).update(**changed)
    ticket.attempts += 1
    return _Claim(ticket, lost_at)


def _attempt(system: OpenSystem, claim: _Claim) -> _Outcome:
    ticket = claim.ticket
    settle = timedelta(seconds=system.connector.settle_seconds)
    if claim.lost_at is not None and (wait := claim.lost_at + settle - timezone.now()) > timedelta():
        # Wait, because an earlier request may have opened the ticket, and the system's search may not find it yet.
        return _Outcome(wait=wait)
    try:
        with (
            internal_errors("ticket not sent", ticket=str(ticket.pk)),
            requests_until(time.monotonic() + ATTEMPT_SECONDS),
        ):
            outcome = _opened(system, claim) if ticket.is_wanted else _closed(system, claim)
            return _distinct(system, claim, outcome)
    except TicketError as error:
        return _Outcome(error=error)


def _distinct(system: OpenSystem, claim: _Claim, outcome: _Outcome) -> _Outcome:
    """Return the outcome, or an error if the system answered with an id that belongs to another ticket of Surety."""
    remote = outcome.remote
    if remote is None or outcome.event is not _Event.OPENED:
        return outcome
    with organization_scope(system.row.organization_id):
        same = Ticket.objects.filter(system=system.row.pk, project=claim.ticket.project, remote_id=remote.id)
        if not same.exclude(pk=claim.ticket.pk).exists():
            return outcome
    return _Outcome(
        error=Rejected(
            "The ticket system returned the number of another ticket of Surety. Check whether the ticket system opened"
            " a new ticket, then retry or discard this ticket."
        )
    )


def _opened(system: OpenSystem, claim: _Claim) -> _Outcome:
    tracker, ticket = system.tracker, claim.ticket
    if ticket.remote_id and ticket.remote_state == Ticket.Remote.OPEN:
        return _Outcome()
    if ticket.remote_id:
        try:
            remote = tracker.set_open(ticket.project, ticket.remote_id, is_open=True)
            tracker.comment(ticket.project, ticket.remote_id, texts.comment_text(texts.REOPENED, ticket))
        except Missing:
            log.info("ticket was deleted in its system, opening another one", ticket=str(ticket.pk))
        else:
            return _Outcome(remote, _Event.REOPENED)
    remote_found = _found(system, claim)
    if remote_found is not None and not remote_found.is_open:
        remote_found = tracker.set_open(ticket.project, remote_found.id, is_open=True)
    return _Outcome(remote_found or tracker.open(ticket.project, _draft(ticket)), _Event.OPENED)


def _draft(ticket: Ticket) -> Draft:
    with tenant_scope(ticket.tenant_id):
        return texts.draft_of(ticket, ticket.tenant, timezone.now())


def _closed(system: OpenSystem, claim: _Claim) -> _Outcome:
    tracker, ticket = system.tracker, claim.ticket
    if ticket.remote_id and ticket.remote_state == Ticket.Remote.CLOSED:
        return _Outcome()
    found = None if ticket.remote_id else _found(system, claim)
    remote_id = ticket.remote_id or (found.id if found else "")
    if not remote_id:
        return _Outcome()
    try:
        remote = tracker.set_open(ticket.project, remote_id, is_open=False)
        tracker.comment(ticket.project, remote_id, texts.comment_text(texts.CLOSED, ticket))
    except Missing:
        return _Outcome(is_gone=True)
    return _Outcome(remote, _Event.CLOSED)


def _found(system: OpenSystem, claim: _Claim) -> Remote | None:
    """Search for the ticket if an earlier request to open it may have succeeded. Return None if the search finds
    nothing.
    """
    if claim.lost_at is None:
        return None
    since = claim.ticket.created_at - CLOCK_DIFFERENCE
    return system.tracker.find(claim.ticket.project, claim.ticket.marker, since)


def _recorded(claim: _Claim, outcome: _Outcome, *, is_paused: bool) -> _Outcome:
    """Store the outcome of an attempt, and return it.

    If storing fails with an internal error, store and return only this error. If the attempt has opened a ticket in the
    system, the next attempt then finds the ticket by its marker.
    """
    ticket = claim.ticket
    try:
        with (
            tenant_scope(ticket.tenant_id),
            internal_errors("result of a ticket not recorded", ticket=str(ticket.pk)),
        ):
            _record(claim, outcome, is_paused=is_paused)
    except InternalError as error:
        outcome = _Outcome(error=error)
        with tenant_scope(ticket.tenant_id):
            _record(claim, outcome, is_paused=False)
    return outcome


def _record(claim: _Claim, outcome: _Outcome, *, is_paused: bool) -> None:
    """Store the result of an attempt to send a ticket.

    What has changed in the ticket system is always stored. The error, and whether and when the next attempt takes
    place, are stored only if this worker still holds the claim and `is_wanted` (whether the ticket should be open) is
    unchanged.
    """
    ticket, now = claim.ticket, timezone.now()
    mine = Ticket.objects.filter(pk=ticket.pk)
    if outcome.remote is not None:
        mine.update(**_facts(ticket, outcome.remote, now))
        if outcome.event == _Event.OPENED:
            _journal(ticket, "ticket.opened", outcome.remote)
        elif outcome.event == _Event.REOPENED:
            _journal(ticket, "ticket.reopened", outcome.remote)
        elif outcome.event == _Event.CLOSED:
            _journal(ticket, "ticket.closed", outcome.remote)
    elif outcome.is_gone:
        mine.update(
            remote_state=Ticket.Remote.CLOSED,
            remote_status="deleted",
            closed_at=now,
            # The ticket is gone, so no later run needs to read it.
            unread_at=None,
            read_error="",
        )
    held = mine.filter(attempts=ticket.attempts, work=Ticket.Work.WAITING, is_wanted=ticket.is_wanted)
    if outcome.wait:
        # No request was sent, so keep the time of the request whose answer was lost.
        held.update(due_at=now + outcome.wait, attempts=ticket.attempts - 1, tried_at=claim.lost_at)
        return
    error = outcome.error
    if error is None:
        held.update(work=Ticket.Work.DONE, error="", status="")
        return
    # Do not log the message, because it contains text of the ticket system, which may name resources.
    log.warning("ticket not sent", ticket=str(ticket.pk), attempt=ticket.attempts, code=error.code)
    failure: dict[str, object] = {"error": error.message[:500], "status": error.code}
    if is_paused:
        # The whole system is paused, so the attempt does not count.
        held.update(due_at=now, attempts=ticket.attempts - 1, **failure)
    elif isinstance(error, Rejected | Missing) or ticket.attempts >= _max_attempts(error):
        held.update(work=Ticket.Work.DEAD, **failure)
    else:
        due_at = retry_time(ticket.attempts, first=FIRST_RETRY_SECONDS, maximum=MAX_RETRY_SECONDS)
        held.update(due_at=due_at, **failure)
    if not isinstance(error, Unavailable | InternalError) and claim.lost_at is None:
        # The system refused the request, so no ticket was opened, and the next attempt need not search for one.
        mine.filter(remote_id="").update(tried_at=None)


def _max_attempts(error: TicketError) -> int:
    return MAX_INTERNAL_ERRORS if isinstance(error, InternalError) else MAX_ATTEMPTS


def _facts(ticket: Ticket, remote: Remote, now: datetime) -> dict[str, object]:
    facts: dict[str, object] = {
        "remote_id": remote.id[:100],
        "remote_key": remote.key[:100],
        "url": remote.url[:500] if remote.url.startswith(("https://", "http://")) else "",
        "remote_state": Ticket.Remote.OPEN if remote.is_open else Ticket.Remote.CLOSED,
        "remote_status": remote.status[:100],
        "closed_at": None if remote.is_open else now,
        "synced_at": now,
    }
    if not ticket.remote_id:
        facts["opened_at"] = now
    return facts


def _journal(ticket: Ticket, action: str, remote: Remote) -> None:
    tenant: Tenant = ticket.tenant
    journal.record(
        tenant=tenant,
        actor=TICKETS,
        action=action,
        target=f"ticket:{ticket.pk}",
        details={
            "ticket": remote.key,
            "project": ticket.project,
            "control": ticket.control,
            "about": ticket.key,
        },
    )
