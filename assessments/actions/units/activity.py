"""Store each reading of a subscription's activity log, with the period that was read and the events in this period."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from assessments.collect.activity.activity_log import DELAY
from assessments.collect.activity.activity_log import ActivityReading as Reading
from assessments.models import ActivityEvent, ActivityReading, Unit

BATCH: Final = 1000


def last_complete(tenant_id: UUID, unit: str) -> datetime | None:
    """Return the end of the latest period for which the subscription's activity log was read completely, or None. Call
    this in a transaction with the tenant's scope (`tenants.scope`).

    `unit` is the `Unit.scope_id` of the subscription.
    """
    rows = ActivityReading.objects.filter(tenant_id=tenant_id, unit=unit, code="")
    return rows.order_by("-until").values_list("until", flat=True).first()


def is_worth_storing(tenant_id: UUID, scope_id: str, now: datetime, *, has_new_events: bool) -> bool:
    """Return whether to store a reading of the watch. `now` is the end of the reading. `scope_id` is the
    `Unit.scope_id` of the subscription or directory.

    The first reading and readings with new events are stored. Azure can add an event to the log up to DELAY after the
    event happened. So after a stored reading with events, one reading without new events is stored too, at least DELAY
    later. It shows that the stored events of the earlier period are complete.
    """
    readings = ActivityReading.objects.filter(tenant_id=tenant_id, unit=scope_id, code="")
    last = readings.order_by("-until").first()
    return has_new_events or last is None or (last.events > 0 and now >= last.until + DELAY)


def write_activity(unit: Unit, reading: Reading) -> None:
    """Store a reading of the activity log of the unit's subscription, with its events, in the caller's transaction.
    Events that are already stored do not change.
    """
    store_reading(unit.tenant_id, unit.scope_id, reading)


def store_reading(tenant_id: UUID, scope_id: str, reading: Reading) -> None:
    """Store a reading of a log and its events. `scope_id` is the `Unit.scope_id` of the subscription or directory."""
    gap = reading.gap
    ActivityEvent.objects.bulk_create(
        [
            ActivityEvent(
                tenant_id=tenant_id,
                unit=scope_id,
                **{**asdict(event), "actor_kind": event.actor_kind.value, "address": event.address or None},
            )
            for event in reading.events
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    ActivityReading.objects.create(
        tenant_id=tenant_id,
        unit=scope_id,
        since=reading.since,
        until=reading.until,
        events=len(reading.events),
        code=(gap.code or str(gap.reason))[:80] if gap else "",
        message=gap.message if gap else "",
        permission=gap.permission if gap and gap.status == 403 else "",
    )


def old_activity(tenant_id: UUID, before: str) -> QuerySet[ActivityEvent]:
    """Return the customer's stored events that are older than `before`, a time in ISO format. Call this in a
    transaction with the tenant's scope (`tenants.scope`).
    """
    return ActivityEvent.objects.filter(tenant_id=tenant_id, at__lt=before)
