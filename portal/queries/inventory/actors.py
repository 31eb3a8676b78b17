"""Find in the activity log who may have made each change of a resource.

A change happened between two assessments that read the resource. So every operation on the resource in that time may
have made the change, and Surety names all actors of these operations. The activity log identifies applications and
managed identities only by id. Their names come from assessments of the directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from assessments.collect.activity.activity_log import DELAY
from assessments.display.names import Kind, Name, Names, Status
from assessments.display.text import Named, Text
from assessments.estate.ids import fold
from assessments.estate.logs.activity import ActorKind
from assessments.estate.touched import is_writing
from assessments.models import ActivityEvent, ActivityReading, Assessment, Resource, ResourceVersion, Unit
from assessments.presentation.actor_names import guid_of_actor
from assessments.presentation.finding_names import Mentions, names_for

MAX_EVENTS: Final = 500
MAX_SHOWN: Final = 10
# The character after "/" in the order of bytes. An id that is at least `<id>/`, and less than `<id>` followed by this
# character, begins with `<id>/`: it is the id of a part of the resource.
_AFTER_SLASH: Final = chr(ord("/") + 1)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, which the log may describe with several events.

    `target` is the part of the resource that the operation is about, such as `securityRules/ssh`. `address` is the IP
    address of the request, empty if unknown. If the actor is an application, `named` is its id with its name, or with
    the reason why the name is missing. For all other kinds of actors, `named` is empty.
    """

    at: datetime
    action: str
    target: str
    actor_kind: ActorKind
    actor: str
    actor_name: str
    address: str
    named: Text


@dataclass(frozen=True, slots=True)
class Attribution:
    """The operations that may have made a change: those between the times `since` and `until`, oldest first.

    - `unread`: a failed reading of the activity log, or None; operations that this reading missed may be missing here
    - `was_read`: the log was read for the whole time from `since` to `until`
    - `is_early`: the log was read so soon after the change that some operations may not have been in the log yet
    - `is_pending`: the log was not read up to `until` yet; the next reading will cover the rest
    """

    since: datetime
    until: datetime
    operations: Sequence[Operation]
    unread: ActivityReading | None
    was_read: bool
    is_early: bool
    is_pending: bool

    @property
    def actors(self) -> int:
        """Number of different actors."""
        return len({(one.actor_kind, one.actor) for one in self.operations})

    @property
    def shown(self) -> Sequence[Operation]:
        """The last operations, at most MAX_SHOWN."""
        return self.operations[-MAX_SHOWN:]

    @property
    def more(self) -> int:
        """Number of operations that are not shown."""
        return len(self.operations) - len(self.shown)


def attributions(
    resource: Resource, shown: Sequence[ResourceVersion], older: ResourceVersion | None = None
) -> dict[UUID, Attribution]:
    """Return {primary key of a version: who may have made the change that led to this version}.

    `older` is the version before the shown ones, or None. The result has no versions from the first assessment of the
    subscription, because that assessment cannot tell when the resource changed.
    """
    return _attributed(resource, _times(resource, shown, older))


def deletion(resource: Resource) -> Attribution | None:
    """Return who may have deleted the resource. Return None if the resource exists, or if Surety has no assessment of
    the subscription from before the deletion.
    """
    if resource.gone_at is None:
        return None
    chosen = Q(started_at__lte=resource.gone_at, ended_at__gte=resource.gone_at)
    for _, before, ended in _readings(resource, chosen):
        if before is not None:
            return _attributed(resource, {resource.pk: (before, ended)})[resource.pk]
    return None


def _attributed(
    resource: Resource, times: Mapping[UUID, tuple[datetime, datetime]]
) -> dict[UUID, Attribution]:
    if not times:
        return {}
    first, last = min(since for since, _ in times.values()), max(until for _, until in times.values())
    events = _events(resource, first, last)
    readings = list(
        ActivityReading.objects.filter(
            tenant_id=resource.tenant_id, unit=resource.unit, until__gt=first, since__lt=last + 2 * DELAY
        ).order_by("until")
    )
    names = _names(resource, events)
    return {
        pk: _attribution(since, until, events, readings, names, resource)
        for pk, (since, until) in times.items()
    }


def _names(resource: Resource, events: Iterable[ActivityEvent]) -> Names:
    """Return the names of the actors that the events give only by id. If there are no such actors, send no query."""
    guids = sorted({guid for event in events if (guid := _guid(event))})
    return names_for(resource.tenant_id, [Mentions("", {"principal": guids})], places={})


def _guid(event: ActivityEvent) -> str:
    return guid_of_actor(event.actor_kind, event.actor, event.actor_name, event.object_id)


def _readings(resource: Resource, chosen: Q) -> list[tuple[UUID, datetime | None, datetime]]:
    """Return (assessment's id, start of the previous unit or None, end of the unit) for each finished unit that matches
    `chosen` and read the resource's subscription.

    Units of the watch read only some resources, so they do not count as previous units.
    """
    units = Unit.objects.filter(
        tenant_id=resource.tenant_id,
        kind=Unit.Kind.SUBSCRIPTION,
        azure_id=resource.unit.removeprefix("/subscriptions/"),
        state=Unit.State.DONE,
    )
    complete = units.exclude(assessment__trigger=Assessment.Trigger.WATCH)
    before = complete.filter(ended_at__lt=OuterRef("ended_at")).order_by("-ended_at").values("started_at")[:1]
    rows = units.filter(chosen).annotate(before=Subquery(before))
    found = rows.values_list("assessment_id", "before", "ended_at")
    return [(assessment, start, ended) for assessment, start, ended in found if ended is not None]


def _times(
    resource: Resource, shown: Sequence[ResourceVersion], older: ResourceVersion | None
) -> Mapping[UUID, tuple[datetime, datetime]]:
    """Return {version: (start, end)}. The change that led to the version happened between these two times.

    `start` is the start of the previous assessment or, if later, the time at which the previous version was read. `end`
    is the end of the assessment that found the version. Versions without a previous assessment are left out.
    """
    readings = _readings(resource, Q(assessment_id__in=[row.assessment_id for row in shown]))
    own = {assessment: (before, ended) for assessment, before, ended in readings if before is not None}
    earlier = {row.pk: before.at for row, before in pairwise([*shown, *([older] if older else [])])}
    return {
        row.pk: (max(before, earlier.get(row.pk, before)), ended)
        for row in shown
        if row.assessment_id in own
        for before, ended in [own[row.assessment_id]]
    }


def _events(resource: Resource, first: datetime, last: datetime) -> Sequence[ActivityEvent]:
    """Return the newest MAX_EVENTS events of `events_about`, oldest first."""
    return list(events_about(resource, first, last).order_by("-at", "-id")[:MAX_EVENTS])[::-1]


def events_about(resource: Resource, first: datetime, last: datetime) -> QuerySet[ActivityEvent]:
    """Return the events about the resource or a part of it between two times."""
    name = fold(resource.resource_id)
    return ActivityEvent.objects.filter(
        Q(folded=name) | Q(folded__gte=f"{name}/", folded__lt=f"{name}{_AFTER_SLASH}"),
        tenant_id=resource.tenant_id,
        at__gte=first,
        at__lte=last,
    )


def _attribution(
    since: datetime,
    until: datetime,
    events: Iterable[ActivityEvent],
    readings: Sequence[ActivityReading],
    names: Names,
    resource: Resource,
) -> Attribution:
    operations: dict[tuple[str, ...], Operation] = {}
    for event in events:
        if since <= event.at <= until and is_writing(event.operation):
            key = (event.correlation_id or event.event_id, fold(event.operation), fold(event.resource_id))
            operations.setdefault(key, _operation(event, names, resource))
    touching = [row for row in readings if row.since < until and row.until > since]
    complete = [row for row in touching if not row.code]
    reached = _reached(since, complete)
    unread = next((row for row in reversed(touching) if row.code), None) if reached < until else None
    return Attribution(
        since,
        until,
        list(operations.values()),
        unread,
        was_read=reached >= until,
        is_early=not any(row.until >= until + DELAY for row in readings if not row.code),
        is_pending=since < reached < until and all(row.until <= reached for row in readings),
    )


def _reached(since: datetime, complete: Iterable[ActivityReading]) -> datetime:
    """Return the time up to which the readings cover the log without interruption, beginning at `since`.

    `complete` has the readings without an error, ordered by their end.
    """
    reached = since
    for row in complete:
        if row.since <= reached < row.until:
            reached = row.until
    return reached


def _operation(event: ActivityEvent, names: Names, resource: Resource) -> Operation:
    guid = _guid(event)
    name = names.get(guid) or Name(guid, Kind.APPLICATION, Status.WANTED)
    return Operation(
        at=event.at,
        action=event.operation,
        target=event.resource_id[len(resource.resource_id) :].strip("/"),
        actor_kind=ActorKind(event.actor_kind),
        actor=event.actor,
        actor_name=event.actor_name if event.actor_name != event.actor else "",
        address=event.address or "",
        named=Text(Named(guid, name)) if guid else Text(),
    )
