"""Read the states and comments of tickets from ticket systems. This reading never changes a finding.

Each project has a cursor: the time up to which its changed tickets were read. A ticket that could not be read
completely is marked (`Ticket.unread_at`). The next run reads each marked ticket individually.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from django.utils import timezone

from portal.tickets.actions.internal_errors import internal_errors
from portal.tickets.actions.read_ticket import Known, known_tickets, mark_unread, read_again, store
from portal.tickets.actions.trackers import OpenSystem, clear_problem, open_systems, pause_after
from portal.tickets.connectors.client import requests_until
from portal.tickets.errors import (
    InternalError,
    Missing,
    MorePages,
    OutOfTime,
    Rejected,
    TicketError,
    Unavailable,
)
from portal.tickets.models import Ticket, TicketSystem
from tenants.scope import organization_scope

POLL_EVERY: Final = timedelta(minutes=5)
OVERLAP: Final = timedelta(minutes=10)
"""Each run reads the changes of this time span again, because searches find changes late and clocks differ."""
MAX_READ_AGAIN: Final = 100
"""The maximum number of tickets that one run reads again one by one."""
MAX_FAILED: Final = 2
"""A run stops after this number of projects for which the system gave no usable answer."""
MAX_NAMED: Final = 2
"""`TicketSystem.read_problem` names at most this number of problems of projects, and the same number of unread tickets.
The others are only counted.
"""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The time `until`, up to which the changes of a project were read.

    If `has_more` is True, the reading ended early, and the next reading begins exactly at `until`. If it is False, the
    reading was complete, and the next reading begins at `until` minus `OVERLAP`.
    """

    until: datetime
    has_more: bool = False

    @property
    def since(self) -> datetime:
        return self.until if self.has_more else self.until - OVERLAP

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        return cls(datetime.fromisoformat(stored["until"]), stored["has_more"])

    def stored(self) -> dict[str, Any]:
        return {"until": self.until.isoformat(), "has_more": self.has_more}


@dataclass(slots=True)
class _Run:
    """One reading of a system. It began at `now` and starts no request after `until`, a time of `time.monotonic()`."""

    system: OpenSystem
    now: datetime
    until: float
    known: Mapping[tuple[str, str], Known]
    cursors: dict[str, _Cursor]
    count: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until


def poll(*, organization_id: UUID, until: float) -> int:
    """Read the changed tickets of each system that was last read at least `POLL_EVERY` ago. Return how many tickets
    were read completely.

    Start no request after `until`, a time of `time.monotonic()`. Call this function while no scope (`tenants.scope`) is
    open.
    """
    now = timezone.now()
    found = 0
    for system in open_systems(organization_id, now):
        is_due = system.row.polled_at is None or system.row.polled_at <= now - POLL_EVERY
        if is_due and time.monotonic() < until:
            try:
                with internal_errors("ticket system not read", system=str(system.row.pk)):
                    found += _poll_system(system, now, until)
            except InternalError as error:
                with organization_scope(organization_id):
                    TicketSystem.objects.filter(pk=system.row.pk).update(read_problem=error.message[:500])
    return found


def _poll_system(system: OpenSystem, now: datetime, until: float) -> int:
    known = known_tickets(system)
    run = _Run(system, now, until, known, _cursors(system, known))
    with requests_until(until):
        _poll(run)
    return run.count


def _poll(run: _Run) -> None:
    """Read the changed tickets of a system, and store the cursors of its projects, even after an error.

    An error in the code of Surety is logged and shown with the system, and does not prevent reading other systems.
    """
    is_complete, failed = False, 0
    try:
        with internal_errors("ticket system not read", system=str(run.system.row.pk)):
            # Read first the project with the oldest cursor, so that a slow project does not delay the others forever.
            for project in sorted(run.cursors, key=lambda project: run.cursors[project].until):
                failed += _try_project(run, project)
                if failed == MAX_FAILED:
                    break
            else:
                _read_again(run)
    except TicketError as error:
        if not pause_after(run.system, error) and not isinstance(error, OutOfTime):
            run.problems.insert(0, error.message)
    else:
        clear_problem(run.system)
        is_complete = failed < MAX_FAILED and not any(cursor.has_more for cursor in run.cursors.values())
    _save(run, is_complete=is_complete)


def _try_project(run: _Run, project: str) -> bool:
    """Read the changes of a project. Return True if this failed with Unavailable.

    Raises OutOfTime, and errors that concern the whole system, such as Throttled.
    """
    try:
        _poll_project(run, project)
    except OutOfTime:
        raise
    except Unavailable as error:
        run.problems.append(f"{project}: {error.message}")
        return True
    return False


def _poll_project(run: _Run, project: str) -> None:
    """Read the changes of a project. Move its cursor to the time up to which all changes were read."""
    cursor = run.cursors[project]
    last, since = cursor.since, cursor.since
    # A search can miss changes that were made only shortly before. So the next run reads all changes after `final`,
    # including those that this run has already read.
    final = run.now - OVERLAP
    try:
        for remote in run.system.tracker.changed(project, since):
            if run.is_over:
                run.cursors[project] = _Cursor(max(since, min(last, final)), has_more=True)
                return
            if (mine := run.known.get((project, remote.id))) is not None:
                run.count += store(run.system, mine, remote)
            last = remote.updated_at or last
    except MorePages as more:
        reached = since if more.reached is None else min(more.reached, final)
        if reached > since:
            run.cursors[project] = _Cursor(reached, has_more=True)
            run.problems.append(f"{project} has many changes. Surety reads the next changes in a minute.")
        else:
            # More tickets changed at the same time than one reading returns. The next reading would return the same
            # tickets again. So continue with later changes, and mark all tickets of the project to be read
            # individually.
            run.cursors[project] = _Cursor(run.now)
            _mark_unread(run, project)
    except OutOfTime:
        run.cursors[project] = _Cursor(max(since, min(last, final)), has_more=True)
        raise
    except Unavailable:
        if last > since:
            run.cursors[project] = _Cursor(max(since, min(last, final)), has_more=True)
        raise
    except (Missing, Rejected) as error:
        # The error concerns only this project: it was deleted, or the account lost access to it. Keep the project's
        # cursor.
        run.problems.append(f"{project}: {error.message}")
    else:
        run.cursors[project] = _Cursor(run.now)


def _mark_unread(run: _Run, project: str) -> None:
    for (place, _), known in run.known.items():
        if place == project:
            error = "Too many tickets changed at the same time, so Surety reads this ticket individually."
            mark_unread(known, error, run.now - POLL_EVERY)


def _read_again(run: _Run) -> None:
    """Read the tickets that an earlier run could not read. The ticket that has waited longest comes first."""
    with organization_scope(run.system.row.organization_id):
        rows = Ticket.objects.filter(system=run.system.row.pk, unread_at__lt=run.now).exclude(remote_id="")
        places = list(rows.order_by("unread_at").values_list("project", "remote_id")[:MAX_READ_AGAIN])
    for place in places:
        if run.is_over:
            return
        if (known := run.known.get(place)) is None:
            continue
        try:
            run.count += read_again(run.system, *place, known)
        except OutOfTime:
            raise
        except Unavailable:
            # The system may be down, so end this run. `read_again` has stored the error and the time with the ticket.
            # So the next run reads this ticket last, and it does not delay other tickets.
            return


def _cursors(system: OpenSystem, known: Mapping[tuple[str, str], Known]) -> dict[str, _Cursor]:
    """Return a cursor for each project that has tickets. A new cursor begins with the project's oldest ticket."""
    found: dict[str, _Cursor] = {}
    for (project, _), ticket in known.items():
        if project in system.row.cursors:
            found[project] = _Cursor.of(system.row.cursors[project])
        elif project not in found or ticket.created_at < found[project].until:
            found[project] = _Cursor(ticket.created_at)
    return found


def _save(run: _Run, *, is_complete: bool) -> None:
    with organization_scope(run.system.row.organization_id):
        unread = Ticket.objects.filter(system=run.system.row.pk, unread_at__isnull=False)
        named = [
            f"{key or 'A ticket'}: {error}"
            for key, error in unread.order_by("unread_at").values_list("remote_key", "read_error")[:MAX_NAMED]
        ]
        changed: dict[str, object] = {
            "cursors": {project: cursor.stored() for project, cursor in run.cursors.items()},
            "read_problem": " ".join([*_named(run.problems), *_of_tickets(unread.count(), named)])[:500],
        }
        if is_complete:
            changed["polled_at"] = run.now
        TicketSystem.objects.filter(pk=run.system.row.pk).update(**changed)


def _named(problems: list[str]) -> list[str]:
    others = len(problems) - MAX_NAMED
    if others <= 0:
        return problems
    more = "There is 1 more problem." if others == 1 else f"There are {others} more problems."
    return [*problems[:MAX_NAMED], more]


def _of_tickets(number: int, named: list[str]) -> list[str]:
    if not number:
        return []
    tickets = "1 ticket" if number == 1 else f"{number} tickets"
    return [f"{tickets} could not be read completely. Surety tries again every five minutes.", *named]
