"""Give positions in the feed to events that have committed.

A transaction that publishes an event may commit long after transactions that published later events. If events got
their position when they are written, a program could read position 8, and position 7 would appear afterwards and be
missed. So rows are written without a position. The first reader of the feed gives positions to all committed rows. A
lock makes simultaneous readers take turns, so that positions become visible in ascending order.
"""

from __future__ import annotations

from django.db import connection

from portal.notify.models import PublishedEvent
from tenants.locks import Lock, lock

# Row-level security limits the rows to the scope. The inner query sorts the events by the time of their creation, so
# that nextval numbers them in this order.
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

    Takes the lock EVENT_POSITIONS if there are such events, and holds it until the transaction ends.
    """
    if not PublishedEvent.objects.filter(position__isnull=True).exists():
        return 0
    lock(Lock.EVENT_POSITIONS, "")
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGN)
        return int(cursor.rowcount)
