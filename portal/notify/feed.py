"""Read the events of several tenants in order, from a cursor on, so that nothing is lost between two reads.

A cursor is a position in the feed, and a time at which all events up to this position were in the feed. A cursor is
refused if events after its position may have been deleted. A cursor is also refused if a backup was restored after the
cursor's time, because positions repeat after a restore.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from portal.notify.errors import CursorExpired
from portal.notify.event_positions import assign_positions
from portal.notify.models import PublishedEvent
from tenants.errors import invalid

KEPT: Final = timedelta(days=30)
"""The maximum age of the events that a program gets if it reads the feed without a cursor."""
CURSOR_VALID: Final = KEPT + timedelta(days=1)
"""The age up to which a cursor is valid. The age is counted from the reading or, if more events follow the page, from
the last event on the page. That event can be as old as `KEPT`. The further day is the client's time to use the cursor.
"""
DELETED_AFTER: Final = CURSOR_VALID + timedelta(days=1)
"""The age at which events are deleted. Cursors become invalid earlier, so that the events after a valid cursor still
exist.
"""
LATEST: Final = "latest"
_FORM: Final = re.compile(r"1:(\d{1,18}):(\d{1,17})", re.ASCII)
_MAX_CURSOR: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the feed. At the time `at` of the database's clock, the feed had all events up to `position`."""

    position: int
    at: datetime

    def __str__(self) -> str:
        text = f"1:{self.position}:{(self.at - _EPOCH) // timedelta(microseconds=1)}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Parse the text of a cursor. Raise InvalidInput for an invalid text."""
        try:
            padded = text[:_MAX_CURSOR] + "=" * (-len(text[:_MAX_CURSOR]) % 4)
            found = _FORM.fullmatch(base64.b64decode(padded, b"-_", validate=True).decode("ascii"))
            if found is not None:
                return cls(int(found[1]), _EPOCH + timedelta(microseconds=int(found[2])))
        except (binascii.Error, ValueError):
            pass
        raise invalid("after", "The cursor is invalid. Send the value of “cursor” from the previous answer.")


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events in order, the cursor after them, and whether the feed has more events now."""

    events: list[PublishedEvent]
    cursor: str
    more: bool


def read_feed(*, tenant_ids: Collection[UUID], after: str | None, limit: int) -> FeedPage:
    """Return at most `limit` events after a cursor, for these tenants, which must be in scope.

    If no cursor is given, begin with the oldest events. If the cursor is `latest`, return no events, only a cursor
    after which later events can be read. Raise InvalidInput for an invalid cursor. Raise CursorExpired for a cursor
    that is too old, or that was made before a backup was restored.
    """
    assign_positions()
    now = timezone.now()
    rows = PublishedEvent.objects.filter(tenant__in=list(tenant_ids), position__isnull=False)
    if after == LATEST:
        return FeedPage([], str(Cursor(_last_position(rows), _database_time())), more=False)
    start = None if after is None else Cursor.parse(after)
    if start is None:
        rows = rows.filter(positioned_at__gte=now - KEPT)
    else:
        _refuse_expired(start, rows, now)
        rows = rows.filter(position__gt=start.position)
    found = list(rows.filter(payload__isnull=False).order_by("position")[: limit + 1])
    events, more = found[:limit], len(found) > limit
    last = events[-1] if events else None
    position = last.position if last else start.position if start else 0
    # `at` must not be earlier than any `positioned_at` up to `position`, so read the time after the rows.
    at = last.positioned_at if last and more else _database_time()
    assert position is not None
    assert at is not None
    return FeedPage(events, str(Cursor(position, at)), more=more)


def _refuse_expired(start: Cursor, rows: QuerySet[PublishedEvent], now: datetime) -> None:
    if start.at < now - CURSOR_VALID:
        raise CursorExpired(
            f"This cursor is more than {CURSOR_VALID.days} days old, so some events after it may have been deleted."
            " Read the current state of findings and other objects from the API. Then read the events again without"
            " the parameter “after”."
        )
    known = rows.filter(position__lte=start.position).order_by("-position")
    last = known.values_list("positioned_at", flat=True).first()
    if last is not None and last > start.at:
        raise CursorExpired(
            "This cursor was created before a backup was restored. Read the current state of findings and other"
            " objects from the API. Then read the events again without the parameter “after”."
        )


def _last_position(rows: QuerySet[PublishedEvent]) -> int:
    return rows.order_by("-position").values_list("position", flat=True).first() or 0


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment
