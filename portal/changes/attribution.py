"""Find the operations of the activity log that may have made changes.

An operation may have made a change if it meets three conditions:

- the operation can change a configuration
- the operation concerns the changed resource or a part of this resource
- the operation happened between the start of the previous reading and the end of the reading that found the change

The history of a resource (`portal.queries.inventory.actors`) uses the same conditions. `read_log` reads the log for all
changes of a subscription together, so the number of queries does not depend on the number of changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from assessments.collect.activity.activity_log import DELAY
from assessments.estate.ids import fold
from assessments.estate.touched import is_writing
from assessments.models import ActivityEvent, ActivityReading
from portal.changes.facts import MAX_CANDIDATES
from portal.changes.models import ResourceChange

_GapKind = ResourceChange.GapKind
MAX_EVENTS: Final = 50_000
"""The maximum number of events of a subscription that one recording uses. If there are more events, the recording uses
the newest.
"""
WAIT: Final = timedelta(days=2)
"""Surety looks for the operations that may have made a change until a complete reading of the activity log covers the
change, but not longer than this.
"""


@dataclass(frozen=True, slots=True)
class Log:
    """The events of a subscription in a period, by resource id in lower case, and the readings that cover the
    period.
    """

    events: Mapping[str, Sequence[ActivityEvent]]
    readings: Sequence[ActivityReading]


def read_log(tenant_id: UUID, unit: str, changes: Iterable[ResourceChange]) -> Log:
    """Return the stored part of the activity log for the period of these changes, which belong to one
    subscription.
    """
    changes = [change for change in changes if change.since is not None]
    if not changes:
        return Log({}, [])
    first = min(change.since for change in changes if change.since is not None)
    last = max(change.at for change in changes)
    rows = ActivityEvent.objects.filter(tenant_id=tenant_id, unit=unit, at__gte=first, at__lte=last)
    found: dict[str, list[ActivityEvent]] = {}
    for event in list(rows.order_by("-at", "-id")[:MAX_EVENTS])[::-1]:
        for identifier in enclosing(event.resource_id):
            found.setdefault(identifier, []).append(event)
    readings = ActivityReading.objects.filter(
        tenant_id=tenant_id, unit=unit, until__gt=first, since__lt=last + 2 * DELAY
    )
    return Log(found, list(readings.order_by("until")))


def enclosing(identifier: str) -> list[str]:
    """Return the ids, in lower case, of the resource and of all resources that contain it, innermost first."""
    parts = fold(identifier).split("/")
    return ["/".join(parts[:end]) for end in range(len(parts), 2, -1)]


def attribute(change: ResourceChange, log: Log, now: datetime) -> bool:
    """Set the change's `candidates`: the operations that may have made it. Return whether the change must be saved.

    If `since` is None, the subscription was read for the first time, so the change has no candidates.
    """
    before = _attributed(change)
    if change.since is None:
        change.is_attributed = True
        return before != _attributed(change)
    since, until = change.since, change.at
    operations: dict[tuple[str, str, str], ActivityEvent] = {}
    for event in log.events.get(fold(change.azure_id), ()):
        if since <= event.at <= until and is_writing(event.operation):
            key = (event.correlation_id or event.event_id, fold(event.operation), fold(event.resource_id))
            operations.setdefault(key, event)
    set_candidates(change, operations.values())
    touching = [row for row in log.readings if row.since < until and row.until > since]
    reached = since
    for row in touching:
        if not row.code and row.since <= reached < row.until:
            reached = row.until
    is_pending = since < reached < until and all(row.until <= reached for row in log.readings)
    # If only the last part of the period is unread, report no gap, because the next reading will cover this part.
    change.gap_kind, change.gap = (
        (_GapKind.NONE, "")
        if is_pending
        else _gap(touching, reached >= until, has_candidates=bool(operations))
    )
    is_complete = any(row.until >= until + DELAY for row in log.readings if not row.code)
    change.is_attributed = is_complete or now > until + WAIT
    return before != _attributed(change)


def _attributed(change: ResourceChange) -> tuple[object, ...]:
    return change.candidates, change.gap, change.gap_kind, change.is_attributed


def set_candidates(change: ResourceChange, events: Iterable[ActivityEvent]) -> None:
    """Set the operations that may have made the change."""
    rows = list(events)
    change.candidates = [_candidate(event, change) for event in rows[-MAX_CANDIDATES:]]
    change.actors = sorted({fold(event.actor) for event in rows if event.actor})
    change.operations = sorted({fold(event.operation) for event in rows})


def _candidate(event: ActivityEvent, change: ResourceChange) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "operation": event.operation,
        "target": event.resource_id[len(change.azure_id) :].strip("/"),
        "status": event.status,
        "correlation": event.correlation_id,
        "kind": event.actor_kind,
        "actor": event.actor,
        "name": event.actor_name if event.actor_name != event.actor else "",
        "object": event.object_id,
        "address": event.address or "",
    }


def _gap(
    touching: Sequence[ActivityReading], was_read: bool, *, has_candidates: bool
) -> tuple[_GapKind, str]:
    """Return the kind of the gap in the `candidates` of a change, and a sentence. Return NONE and an empty text if the
    log was read for the whole period (`was_read`) and has candidates. `touching` are readings that overlap the period.
    """
    if was_read and has_candidates:
        return _GapKind.NONE, ""
    if was_read:
        return _GapKind.NO_OPERATION, "The activity log has no operation on the resource in this time."
    unread = next((row for row in reversed(touching) if row.code), None)
    if unread is None:
        return _GapKind.NOT_READ, "The activity log was read for only a part of this time, or not at all."
    text = f"The activity log could not be read completely: {unread.message}"
    if unread.permission:
        text += f" The service principal needs the permission {unread.permission}."
    return _GapKind.UNREADABLE, text
