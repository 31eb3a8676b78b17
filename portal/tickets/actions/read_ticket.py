"""Store the state and the comments of one ticket, or the reason why they could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from portal.tickets.actions.trackers import OpenSystem
from portal.tickets.connectors.base import Remote, RemoteComment
from portal.tickets.errors import CredentialsRefused, Missing, Rejected, Throttled, TicketError, Unavailable
from portal.tickets.models import Ticket, TicketComment
from tenants.scope import organization_scope, tenant_scope

MAX_COMMENTS: Final = 200
"""The maximum number of comments of a ticket that Surety stores. If there are more comments, Surety stores the newest.
"""
MAX_BODY: Final = 4000


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket that Surety opened. `is_unread` is true if an earlier run could not read the ticket completely."""

    ticket_id: UUID
    tenant_id: UUID
    marker: str
    created_at: datetime
    is_unread: bool


def known_tickets(system: OpenSystem) -> dict[tuple[str, str], Known]:
    """Return the tickets of a system, by project and id in the system. Call this function while no scope
    (`tenants.scope`) is open.
    """
    with organization_scope(system.row.organization_id):
        rows = Ticket.objects.filter(system=system.row.pk).exclude(remote_id="")
        return {
            (row.project, row.remote_id): Known(
                row.pk, row.tenant_id, row.marker, row.created_at, row.unread_at is not None
            )
            for row in rows.only("project", "remote_id", "tenant_id", "created_at", "unread_at")
        }


def store(system: OpenSystem, known: Known, remote: Remote) -> bool:
    """Store the state of a ticket, read its comments and store them. Return whether everything was read.

    Errors that concern the whole system are raised. If an error concerns only this ticket, the error is stored, and the
    ticket is marked as unread. If the ticket was already marked before, only its state is stored, because `read_again`
    reads its comments.
    """
    _store_state(known, remote)
    return not known.is_unread and _read_comments(system, known, remote)


def read_again(system: OpenSystem, project: str, ticket: str, known: Known) -> bool:
    """Read a ticket that is marked as unread, and the comments of the ticket. Return whether everything was read.

    Raises errors that concern the whole system.
    """
    try:
        remote = system.tracker.read(project, ticket)
    except (Missing, Rejected) as error:
        mark_unread(known, error.message)
        return False
    except Unavailable as error:
        mark_unread(known, error.message)
        raise
    _store_state(known, remote)
    return _read_comments(system, known, remote)


def mark_unread(known: Known, error: str, at: datetime | None = None) -> None:
    """Store that a ticket could not be read, and why. `at` is the time of the attempt (default: now). When tickets are
    read again, those with the oldest attempt come first.
    """
    with tenant_scope(known.tenant_id):
        Ticket.objects.filter(pk=known.ticket_id).update(
            unread_at=at or timezone.now(), read_error=error[:500]
        )


def _read_comments(system: OpenSystem, known: Known, remote: Remote) -> bool:
    with tenant_scope(known.tenant_id):
        ticket = Ticket.objects.filter(pk=known.ticket_id).values("project", "unread_at").first()
        newest = TicketComment.objects.filter(ticket=known.ticket_id).aggregate(at=Max("at"))["at"]
    if ticket is None:
        return False
    found: list[RemoteComment] = []
    try:
        for comment in system.tracker.comments(ticket["project"], remote.id, newest):
            found.append(comment)  # noqa: PERF402 - after an error, `found` has the comments read so far
    except (Throttled, CredentialsRefused):
        raise
    except TicketError as error:
        _store_comments(known, found)
        mark_unread(known, error.message)
        if isinstance(error, Unavailable):
            raise
        return False
    _store_comments(known, found)
    if ticket["unread_at"] is not None:
        with tenant_scope(known.tenant_id):
            Ticket.objects.filter(pk=known.ticket_id).update(unread_at=None, read_error="")
    return True


def _store_state(known: Known, remote: Remote) -> None:
    now = timezone.now()
    with tenant_scope(known.tenant_id):
        row = Ticket.objects.filter(pk=known.ticket_id)
        before = row.values_list("remote_state", flat=True).first()
        state = Ticket.Remote.OPEN if remote.is_open else Ticket.Remote.CLOSED
        facts: dict[str, object] = {"remote_status": remote.status[:100], "remote_key": remote.key[:100]}
        if before != state:
            facts |= {"remote_state": state, "closed_at": None if remote.is_open else now}
        row.update(synced_at=now, **facts)


def _store_comments(known: Known, comments: Sequence[RemoteComment]) -> None:
    """Store new comments of people; if there are more than `MAX_COMMENTS`, delete the oldest comments."""
    # Leave out the comments that Surety wrote. They contain the ticket's marker.
    of_people = [one for one in comments if known.marker not in one.body]
    if not of_people:
        return
    with tenant_scope(known.tenant_id):
        rows = TicketComment.objects.filter(ticket=known.ticket_id)
        present = set(rows.values_list("remote_id", flat=True))
        new = [
            TicketComment(
                tenant_id=known.tenant_id,
                ticket_id=known.ticket_id,
                remote_id=one.id[:100],
                author=one.author[:200],
                body=one.body[:MAX_BODY],
                at=one.at,
            )
            for one in of_people
            if one.id[:100] not in present
        ]
        TicketComment.objects.bulk_create(new, ignore_conflicts=True)
        if len(present) + len(new) > MAX_COMMENTS:
            oldest = rows.order_by("-at", "-pk").values_list("pk", flat=True)[MAX_COMMENTS:]
            rows.filter(pk__in=list(oldest)).delete()
