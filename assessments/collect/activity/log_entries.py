"""Read a log page by page: the activity log of a subscription, or the audit log of a directory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assessments.collect.errors import BadAnswer, Cancelled
from assessments.estate.logs.activity import ActivityEvent


@dataclass(slots=True)
class LogEntries:
    """What has been read of a log so far: the events between two times, and the number of all entries."""

    since: datetime
    until: datetime
    limit: int
    found: dict[str, ActivityEvent] = field(default_factory=dict)
    entries: int = 0

    @property
    def events(self) -> tuple[ActivityEvent, ...]:
        return tuple(self.found.values())

    @property
    def is_cut(self) -> bool:
        """Whether the reading has reached `limit` entries, so that it read no further."""
        return self.entries >= self.limit

    def read(
        self,
        pages: Iterable[Sequence[Mapping[str, Any]]],
        events_of: Callable[[Mapping[str, Any]], Iterable[ActivityEvent]],
        cancelled: Callable[[], bool],
        too_many: str,
    ) -> None:
        """Read all pages. Raise Cancelled if `cancelled()` returns true before the end. Raise BadAnswer with the text
        `too_many` as soon as `limit` entries were read. Events that were read until an error stay in `events`.
        """
        for page in pages:
            for document in page:
                for event in events_of(document):
                    if self.since <= event.at <= self.until:
                        self.found[event.event_id] = event
            self.entries += len(page)
            if cancelled():
                raise Cancelled
            if self.is_cut:
                raise BadAnswer(too_many)
