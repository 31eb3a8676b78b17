"""Send the messages that let workers run the units of an assessment, a few at a time.

At most `MESSAGES` units of an assessment wait in the queue, so that a large assessment does not delay the units of
other assessments. When a worker takes a unit, the message of the next unit is sent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from assessments.actions.task_names import RUN_UNIT
from assessments.models import Assessment, Unit
from tenants.dispatch import enqueue

# The maximum number of an assessment's units that wait in the queue.
MESSAGES: Final = 2
# A message that no worker has taken after this time counts as lost.
LOST_AFTER: Final = timedelta(seconds=45)


def dispatch(assessment: Assessment) -> int:
    """Send the messages of the next waiting units, and send lost messages again. Return the number of sent messages.
    The caller holds `Lock.VERDICTS`.

    For a waiting unit, `lease_until` is the time at which its message counts as lost, or None if no message was sent
    yet. Sending a message twice is harmless, because only one worker can claim a unit.
    """
    now = timezone.now()
    # Units run in the order of their ids, which is the order of creation. The units of directories were created first,
    # because they are few and slow.
    waiting = list(
        Unit.objects.select_for_update()
        .filter(assessment=assessment, state=Unit.State.WAITING)
        .order_by("pk")
        .only("pk", "tenant_id", "lease_until")
    )
    lost = [unit for unit in waiting if unit.lease_until is not None and unit.lease_until <= now]
    sent = sum(unit.lease_until is not None for unit in waiting)
    new = [unit for unit in waiting if unit.lease_until is None][: max(0, MESSAGES - sent)]
    for unit in [*lost, *new]:
        enqueue(RUN_UNIT, unit.tenant_id, unit.pk)
    due = [unit.pk for unit in (*lost, *new)]
    Unit.objects.filter(pk__in=due).update(lease_until=now + LOST_AFTER)
    return len(due)
