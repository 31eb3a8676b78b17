"""Give positions in the feed to events whose transactions have committed.

Transactions may commit in another order than the order in which they have published their events. If events got their
positions when they are published, the event at position 8 could be committed before the event at position 7. A program
that has read up to position 8 would then miss the event at position 7. So events get their positions only after the
commit, when a program reads the feed. A lock makes readers take turns, so positions become visible in ascending order.
"""

from __future__ import annotations

from django.db import connection

from portal.notify.models import PublishedEvent
from tenants.locks import Lock, lock

# Row-level security limits the rows to the scope. The inner query sorts the rows by creation, and nextval follows this
# order.
_ASSIGN = """
WITH numbered AS MATERIALIZED (
    SELECT id, nextval('notify_event_position') AS position
    FROM (
        SELECT id FROM notify_publishedevent WHERE position IS NULL ORDER BY created_at, id OFFSET 0
    ) AS waiting
)
UPDATE notify_publishedevent AS event
SET position = numbered.position, positioned_at = clock_timestamp()
FROM numbered WHERE event.id = numbered.id
"""


def assign_positions() -> int:
    """Give positions to committed events that have none, for the tenants in scope; return how many.

    If there are such events, the lock EVENT_POSITIONS is held until the transaction ends.
    """
    if not PublishedEvent.objects.filter(position__isnull=True).exists():
        return 0
    lock(Lock.EVENT_POSITIONS, "")
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGN)
        return int(cursor.rowcount)
