"""Read the operations that have changed objects of a directory since the last reading, from Entra's audit log.

https://learn.microsoft.com/graph/api/directoryaudit-list : `$filter` accepts a start and an end time. Entra keeps
entries for 7 days or, with Entra ID P1 or P2, for 30 days
(https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from assessments.collect.activity.activity_log import DELAY, ActivityReading
from assessments.collect.activity.directory_events import directory_events
from assessments.collect.activity.log_entries import LogEntries
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.session import Session, path_of
from assessments.estate.collections.declare import graph
from assessments.estate.ids import fold

DIRECTORY_AUDITS: Final = graph(
    "directory_audits",
    "auditLogs/directoryAudits",
    "AuditLog.Read.All",
    "Audit log of the directory",
    query={"$top": "999"},
    personal=True,
    reference="directoryaudit-list",
)
ALWAYS_KEPT: Final = timedelta(days=7)
"""The time for which Entra keeps entries in every directory. The first reading requests the entries of this time."""
KEPT_FOR: Final = timedelta(days=30)
"""The time for which Entra keeps entries in a directory with Entra ID P1 or P2."""
MAX_ENTRIES: Final = 50_000
MAX_WATCHED: Final = 5000
"""The maximum number of entries that a turn of the watch reads. This takes about six requests."""


def start_of_reading(now: datetime, last_until: datetime | None) -> datetime:
    """Return the time from which a reading requests entries. `last_until` is the end of the last complete reading."""
    if last_until is None:
        return now - ALWAYS_KEPT
    return max(last_until - DELAY, now - KEPT_FOR)


def read_directory_audits(
    session: Session,
    directory: str,
    since: datetime,
    until: datetime,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    limit: int | None = None,
) -> ActivityReading:
    """Read the operations on the objects of a directory between two times. An error of Azure ends the reading, and
    becomes the gap of the reading.

    Without Entra ID P1 or P2, Entra deletes entries after the time ALWAYS_KEPT, so older events may be missing. So
    `since` of the returned reading is at most ALWAYS_KEPT before `until`, even if the reading has older events.
    """
    limit = limit or MAX_ENTRIES
    asked = replace(DIRECTORY_AUDITS, query={"$filter": _filter(since, until), **DIRECTORY_AUDITS.query})
    begin = max(since, until - ALWAYS_KEPT)
    entries = LogEntries(since, until, limit)
    too_many = f"The audit log has more than {limit:,} entries in the requested period; the rest was not read"
    try:
        entries.read(
            session.pages(asked, ""),
            lambda document: directory_events(document, fold(directory)),
            cancelled,
            too_many,
        )
    except EXPECTED as error:
        gap = gap_of(error, DIRECTORY_AUDITS, "", path_of(DIRECTORY_AUDITS, ""))
        return ActivityReading(begin, until, entries.events, gap, is_cut=entries.is_cut)
    return ActivityReading(begin, until, entries.events)


def _filter(since: datetime, until: datetime) -> str:
    return (
        f"activityDateTime ge {since:%Y-%m-%dT%H:%M:%SZ} and activityDateTime le {until:%Y-%m-%dT%H:%M:%SZ}"
    )
