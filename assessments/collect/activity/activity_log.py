"""Read the operations that have changed something in a subscription since the last reading, from its activity log.

https://learn.microsoft.com/rest/api/monitor/activity-logs/list : Azure keeps events for 90 days. Azure accepts only a
few patterns of `$filter`, all of which contain a start time. `$select` cannot name the property `caller`, so requests
do not use `$select`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from assessments.collect.activity.activity_events import event_of
from assessments.collect.activity.log_entries import LogEntries
from assessments.collect.activity.resource_changes import read_changes
from assessments.collect.delegated_errors import for_customer
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.session import Session, path_of
from assessments.estate.collection import Collection
from assessments.estate.gaps import Gap
from assessments.estate.ids import fold
from assessments.estate.logs.activity import ActivityEvent

ACTIVITY_LOG: Final = Collection(
    name="activity_log",
    path="{scope}/providers/Microsoft.Insights/eventtypes/management/values",
    permission="Microsoft.Insights/eventtypes/values/read",
    title="Activity log",
    api_version="2015-04-01",
    resource_type="Microsoft.Insights/eventtypes",
)
# Azure keeps events for 90 days. If the start time is older, Azure answers 400. A start time of exactly 90 days ago can
# become too old while the request is sent: https://github.com/Azure/azure-cli/issues/4885
MAX_AGE: Final = timedelta(days=89)
"""The maximum age of events that a reading requests."""
FIRST_READING: Final = timedelta(days=7)
"""The maximum age of events that the first reading of a subscription requests."""
DELAY: Final = timedelta(minutes=30)
"""The time that each reading overlaps with the previous reading, because Azure can list an event up to 20 minutes late.
10 minutes are added for clocks that differ.
"""
MAX_EVENTS: Final = 50_000
FROM_RESOURCE_GRAPH: Final = (
    "Surety read the operations from Azure Resource Graph instead of the activity log. Azure Resource Graph lists no"
    " operations on child resources."
)


@dataclass(frozen=True, slots=True)
class ActivityReading:
    """The result of one reading of the log, between two times.

    `gap` says why events may be missing, or is None. `is_cut` is true if the log has more events than one reading may
    read.
    """

    since: datetime
    until: datetime
    events: Sequence[ActivityEvent] = ()
    gap: Gap | None = None
    is_cut: bool = False


def start_of_reading(now: datetime, last_until: datetime | None) -> datetime:
    """Return the time from which a reading requests events. `last_until` is the end of the last complete reading."""
    if last_until is None:
        return now - FIRST_READING
    return max(last_until - DELAY, now - MAX_AGE)


def read_activity(
    session: Session,
    subscription: str,
    since: datetime,
    until: datetime,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    limit: int | None = None,
) -> ActivityReading:
    """Read the events of a subscription between two times. Raise Cancelled if `cancelled()` returns true before the
    end.

    An error, or more than `limit` events (by default MAX_EVENTS), ends the reading: the result has the events
    that were read until then, and a gap.
    """
    scope = f"/subscriptions/{fold(subscription)}"
    limit = limit or MAX_EVENTS
    asked = replace(ACTIVITY_LOG, query={"$filter": _filter(since, until)})
    entries = LogEntries(since, until, limit)

    def events_of(document: Mapping[str, Any]) -> list[ActivityEvent]:
        event = event_of(document, fold(subscription))
        return [] if event is None else [event]

    too_many = f"The log has more than {limit:,} events in the requested period; the rest was not read"
    try:
        entries.read(session.pages(asked, scope), events_of, cancelled, too_many)
    except EXPECTED as error:
        gap = gap_of(error, ACTIVITY_LOG, scope, path_of(ACTIVITY_LOG, scope))
        gap = gap and for_customer(gap, error, session)
        return ActivityReading(since, until, entries.events, gap, is_cut=entries.is_cut)
    return ActivityReading(since, until, entries.events)


def read_operations(
    session: Session,
    subscription: str,
    since: datetime,
    until: datetime,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> ActivityReading:
    """Read the events of the activity log. If Azure refuses to return the log, read the changes that Resource Graph
    lists.

    Resource Graph lists fewer changes than the log (`resource_changes`). So the reading has a gap that states the
    refusal.
    """
    reading = read_activity(session, subscription, since, until, cancelled=cancelled)
    gap = reading.gap
    if gap is None or gap.status != 403 or reading.events:
        return reading
    try:
        changes = read_changes(session, subscription, since, until)
    except EXPECTED:
        # Keep the gap that names the log's refusal, and not the error of Resource Graph: people can fix the cause of
        # the refusal.
        return reading
    if not changes:
        return reading
    message = f"{gap.message.rstrip('.')}. {FROM_RESOURCE_GRAPH}"
    return replace(reading, events=changes, gap=replace(gap, message=message))


def _filter(since: datetime, until: datetime) -> str:
    return (
        f"eventTimestamp ge '{since:%Y-%m-%dT%H:%M:%SZ}' and eventTimestamp le '{until:%Y-%m-%dT%H:%M:%SZ}'"
    )
