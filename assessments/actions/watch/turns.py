"""Find the due turns of the watch, take a turn in a worker, and record the end of the turn."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from assessments import selectors
from assessments.actions.task_names import WATCH
from assessments.actions.units.activity import last_complete
from assessments.actions.units.reading import credential_of
from assessments.models import Assessment, Unit, Watch
from assessments.shutdown import stop_requested
from assessments.timing.watching import first_hour, hour_of, names_of_watched, watch_setting
from tenants.azure.credentials import Credential
from tenants.dispatch import enqueue
from tenants.errors import SuretyError
from tenants.models import Tenant
from tenants.scope import tenant_scope

TURN: Final = timedelta(minutes=5)
"""The maximum time of a turn. A worker that does not finish within this time counts as dead."""
MAX_SECONDS: Final = TURN.total_seconds() - 60
RESOURCES_UNREAD: Final = "resources_unread"
"""The code of a turn that read the log, but not all changed resources."""
ACTIVE: Final = (Assessment.State.QUEUED, Assessment.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the watch of a subscription or directory.

    - `base`: the last unit that judged the subscription or directory, with its assessment and directory
    - `full_since`: when the last complete reading of the subscription or directory began
    - `last_until`: the end of the period that the last stored reading of the log covers, or None
    - `credential`: None for a delegated subscription; an error if the stored credential cannot be used
    """

    tenant_id: UUID
    watch: Watch
    base: Unit
    full_since: datetime
    credential: Credential | SuretyError | None
    last_until: datetime | None
    excluded: tuple[str, ...]

    @property
    def subscription(self) -> str:
        """The GUID of the subscription."""
        return self.base.azure_id

    @property
    def is_directory(self) -> bool:
        """Whether the turn reads the audit log of a directory."""
        return self.base.kind == Unit.Kind.DIRECTORY


def send_due(*, tenant: Tenant) -> int:
    """Send a message for each subscription and directory whose turn is due; return their number. Call this in a
    transaction with the tenant's scope (`tenants.scope`).
    """
    if not watch_setting(tenant).is_on:
        return 0
    now = timezone.now()
    units = list(names_of_watched(tenant.pk))
    known = set(Watch.objects.filter(tenant=tenant).values_list("unit", flat=True))
    new = [
        Watch(tenant=tenant, unit=unit, next_at=now + _offset(unit)) for unit in units if unit not in known
    ]
    Watch.objects.bulk_create(new, ignore_conflicts=True)
    due = Watch.objects.filter(tenant=tenant, unit__in=units, next_at__lte=now)
    rows = list(due.select_for_update(skip_locked=True).order_by("pk"))
    for row in rows:
        row.next_at = now + interval()
        enqueue(WATCH, tenant.pk, row.pk)
    Watch.objects.bulk_update(rows, ["next_at"])
    return len(rows)


def interval() -> timedelta:
    """Return the time from one turn to the next (`SURETY_WATCH_MINUTES`)."""
    return timedelta(minutes=settings.SURETY_WATCH_MINUTES)


def _offset(unit: str) -> timedelta:
    """Return the delay of the first turn. Delays differ, so that not all subscriptions are read in the same minute."""
    return timedelta(minutes=zlib.crc32(unit.encode()) % settings.SURETY_WATCH_MINUTES)


def take_turn(*, tenant_id: UUID, watch_id: UUID) -> Turn | None:
    """Take the turn of a subscription or directory. Return None if another worker has taken the turn.

    Also return None if `watchable_unit` returns None, for example because an assessment of the customer is running.
    """
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        now = timezone.now()
        row = Watch.objects.select_for_update().filter(pk=watch_id).first()
        if row is None or (row.lease_until is not None and row.lease_until > now):
            return None
        base = watchable_unit(tenant, row)
        if base is None:
            return None
        row.attempt += 1
        row.lease_until = now + TURN
        row.save(update_fields=["attempt", "lease_until"])
        return Turn(
            tenant_id,
            row,
            base,
            _last_full(tenant_id, base) or now,
            credential_of(base),
            last_complete(tenant_id, row.unit),
            tuple(selectors.excluded_subscriptions(base)),
        )


def watchable_unit(tenant: Tenant, row: Watch) -> Unit | None:
    """Return the unit that judged the subscription or directory last. Return None if this unit was not completed or has
    no manifest. Also return None if the subscription or directory is not watched, or if an assessment is running.
    """
    if not watch_setting(tenant).is_on or row.unit not in names_of_watched(tenant.pk):
        return None
    if Assessment.objects.filter(tenant=tenant, state__in=ACTIVE).exists():
        return None
    base = selectors.last_units(tenant.pk, [row.unit]).get(row.unit)
    return base if base is not None and base.state == Unit.State.DONE and base.manifest_id else None


def _last_full(tenant_id: UUID, base: Unit) -> datetime | None:
    units = Unit.objects.filter(
        tenant=tenant_id, kind=base.kind, azure_id=base.azure_id, state=Unit.State.DONE
    ).exclude(assessment__trigger=Assessment.Trigger.WATCH)
    return units.order_by("-assessment__number").values_list("started_at", flat=True).first()


def deadline() -> Callable[[], bool]:
    """Return a function that tells whether the turn must stop. The turn must stop `MAX_SECONDS` after the call of
    `deadline`, or when the worker shuts down.
    """
    end = time.monotonic() + MAX_SECONDS
    return lambda: time.monotonic() > end or stop_requested()


def end_turn(turn: Turn, requests: int, **fields: object) -> bool:
    """Store the end of a turn and the number of its requests. Return False if another worker has taken over the turn.
    Call this in a transaction with the tenant's scope (`tenants.scope`).
    """
    now = timezone.now()
    row = Watch.objects.select_for_update().filter(pk=turn.watch.pk, attempt=turn.watch.attempt).first()
    if row is None:
        return False
    hours = {hour: number for hour, number in row.hours.items() if hour >= first_hour(now)}
    hours[hour_of(now)] = hours.get(hour_of(now), 0) + requests
    row.hours, row.requests, row.tried_at, row.lease_until = hours, requests, now, None
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return True
