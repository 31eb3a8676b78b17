"""Read back what people did with tickets: their states and comments. Nothing of this changes a finding."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.tickets.actions.trackers import OpenSystem, clear_problem, open_systems, pause_after
from portal.tickets.connectors.base import MAX_PAGES, Remote, RemoteComment
from portal.tickets.connectors.client import requests_until
from portal.tickets.errors import Missing, OutOfTime, Rejected, TicketError
from portal.tickets.models import Ticket, TicketComment, TicketSystem
from tenants.scope import organization_scope, tenant_scope

POLL_EVERY: Final = timedelta(minutes=5)
OVERLAP: Final = timedelta(minutes=10)
"""How much of the time before is read again, because searches find changes late and clocks differ."""
MAX_COMMENTS: Final = 200
"""How many comments of one ticket are stored."""
MAX_BODY: Final = 4000
_FULL: Final = MAX_PAGES * 100


@dataclass(frozen=True, slots=True)
class _Known:
    ticket_id: UUID
    tenant_id: UUID
    marker: str


def poll(*, organization_id: UUID, until: float) -> int:
    """Read the changed tickets of all systems that were not read in the last minutes; return how many changed. Start
    no request after `until`, a time of `time.monotonic()`. Call it without an open scope."""
    now = timezone.now()
    found = 0
    for system in open_systems(organization_id, now):
        is_due = system.row.polled_until is None or system.row.polled_until <= now - POLL_EVERY
        if is_due and time.monotonic() < until:
            try:
                with requests_until(until):
                    found += _poll(system, now, until)
            except TicketError as error:
                if not pause_after(system, error):
                    _note(system, error.message)
            else:
                clear_problem(system)
    return found


def _poll(system: OpenSystem, now: datetime, until: float) -> int:
    known = _known(system)
    since = _since(system, now) - OVERLAP
    reached, count = now, 0
    for project in sorted({project for project, _ in known}):
        try:
            project_reached, changed = _poll_project(system, project, known, since, until)
        except (Missing, Rejected) as error:
            # Only this project is concerned: somebody deleted it, or took the access away.
            _note(system, f"{project}: {error.message}")
            continue
        reached, count = min(reached, project_reached), count + changed
    with organization_scope(system.row.organization_id):
        # A run that ended early does not begin to read earlier than this one.
        TicketSystem.objects.filter(pk=system.row.pk).update(polled_until=max(reached, since + OVERLAP))
    return count


def _poll_project(
    system: OpenSystem, project: str, known: Mapping[tuple[str, str], _Known], since: datetime, until: float
) -> tuple[datetime, int]:
    """Return the time up to which changes were read, and the number of changed tickets."""
    seen, count, last = 0, 0, since
    try:
        for remote in system.tracker.changed(project, since):
            if time.monotonic() >= until:
                return last, count
            if (mine := known.get((project, remote.id))) is not None:
                _store(mine, remote, system.tracker.comments(project, remote.id))
                count += 1
            seen += 1
            last = remote.updated_at or last
    except OutOfTime:
        return last, count
    # With more changes than fit into one run, the next run continues after the last one.
    return last if seen >= _FULL else timezone.now(), count


def _known(system: OpenSystem) -> dict[tuple[str, str], _Known]:
    with organization_scope(system.row.organization_id):
        rows = Ticket.objects.filter(system=system.row.pk).exclude(remote_id="")
        return {
            (row.project, row.remote_id): _Known(row.pk, row.tenant_id, row.marker)
            for row in rows.only("project", "remote_id", "tenant_id")
        }


def _since(system: OpenSystem, now: datetime) -> datetime:
    if system.row.polled_until is not None:
        return system.row.polled_until
    with organization_scope(system.row.organization_id):
        first = Ticket.objects.filter(system=system.row.pk).order_by("created_at").first()
    return first.created_at if first else now


def _store(known: _Known, remote: Remote, comments: Sequence[RemoteComment]) -> None:
    now = timezone.now()
    with tenant_scope(known.tenant_id):
        row = Ticket.objects.filter(pk=known.ticket_id)
        before = row.values_list("remote_state", flat=True).first()
        state = Ticket.Remote.OPEN if remote.is_open else Ticket.Remote.CLOSED
        facts: dict[str, object] = {"remote_status": remote.status[:100], "remote_key": remote.key[:100]}
        if before != state:
            facts |= {"remote_state": state, "closed_at": None if remote.is_open else now}
        row.update(synced_at=now, **facts)
        left = MAX_COMMENTS - TicketComment.objects.filter(ticket=known.ticket_id).count()
        present = set(
            TicketComment.objects.filter(ticket=known.ticket_id).values_list("remote_id", flat=True)
        )
        new = [
            TicketComment(
                tenant_id=known.tenant_id,
                ticket_id=known.ticket_id,
                remote_id=one.id[:100],
                author=one.author[:200],
                body=one.body[:MAX_BODY],
                at=one.at,
            )
            for one in comments
            # Comments of Surety have its marker.
            if one.id[:100] not in present and known.marker not in one.body
        ]
        TicketComment.objects.bulk_create(new[: max(0, left)], ignore_conflicts=True)


def _note(system: OpenSystem, problem: str) -> None:
    with organization_scope(system.row.organization_id):
        TicketSystem.objects.filter(pk=system.row.pk).update(problem=problem[:500])
