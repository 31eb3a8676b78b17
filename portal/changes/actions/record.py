"""Record changes: each new version of a resource, each deletion of a resource, and each operation of the activity log
whose result no version shows. Each of them is recorded once.

Changes are recorded after each assessment and each reading of an activity log. Recording works in steps, each in its
own transaction, so an interrupted recording can be repeated. The transaction that records a change also applies the
watch rules and planned changes, and writes the notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import batched
from time import monotonic, sleep
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from assessments.actions.units.inventory import key_of as resource_key
from assessments.collect.activity.activity_log import DELAY
from assessments.estate.differences import differences
from assessments.estate.ids import fold, name_of, resource_group_of, type_of
from assessments.estate.touched import is_writing
from assessments.models import (
    ActivityEvent,
    ActivityReading,
    Assessment,
    Resource,
    ResourceVersion,
    Unit,
)
from assessments.resource_versions import read
from portal.changes.actions.catch import SECONDS, catch, expect_planned
from portal.changes.actions.reopen import reopen
from portal.changes.actions.roll_back import notice_returns, notice_rollbacks
from portal.changes.approved import compare_returned, compare_with_approved
from portal.changes.attribution import attribute, enclosing, read_log, set_candidates
from portal.changes.facts import MAX_DIFFERENCES, key_of, path_text, stored_differences
from portal.changes.globs import Budget
from portal.changes.models import ChangesCursor, ResourceChange
from portal.changes.verdicts import moved_between, moved_in, set_verdicts
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import tenant_scope

BATCH: Final = 500
MAX_STEPS: Final = 200
"""One run records at most this many assessments; the next run continues."""
MAX_WAIT: Final = 120.0
"""The time, in seconds, after which `wait_until_recorded` gives up."""
# The resource type of a change that concerns a whole subscription (False) or directory (True). It is declared here,
# because the ids of subscriptions and directories contain no type, unlike the ids of resources.
_TYPES: Final = {False: "microsoft.resources/subscriptions", True: "microsoft.graph/organization"}
Kind = ResourceChange.Kind


class _BeingRecorded(Exception):
    """Another task is recording changes of the customer at the moment."""


def record_changes(*, tenant_id: UUID | str, now: datetime | None = None) -> int:
    """Record the new changes of a customer; return their number. Call this function without an open scope.

    If another task is already recording changes of the customer, do nothing. The next recording finds the changes that
    the other task misses.
    """
    found = 0
    try:
        for number in _record(tenant_id, now or timezone.now()):
            found += number
    except _BeingRecorded:
        pass
    return found


def wait_until_recorded(*, tenant_id: UUID | str) -> None:
    """Record the new changes of a customer or, if another task is recording them, wait until it has finished. Call this
    function without an open scope.

    Raises Conflict (`changes_unrecorded`) if this takes longer than `MAX_WAIT`.
    """
    end = monotonic() + MAX_WAIT
    while True:
        record_changes(tenant_id=tenant_id)
        with tenant_scope(tenant_id):
            if not needs_recording(Tenant.objects.get(pk=tenant_id)):
                return
        if monotonic() >= end:
            raise Conflict(
                "Surety is still recording the changes that the last assessment found. Wait a few minutes, then build"
                " the report again.",
                code="changes_unrecorded",
            )
        sleep(1)


def _record(tenant_id: UUID | str, now: datetime) -> Iterator[int]:
    """Record the new changes in steps, and yield the number of new changes of each step."""
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        _cursor(tenant, now)
    for _ in range(MAX_STEPS):
        with tenant_scope(tenant_id):
            number = _record_next_assessment(tenant, now)
        if number is None:
            break
        yield number
    with tenant_scope(tenant_id):
        number = _record_readings(tenant, now)
    yield number
    with tenant_scope(tenant_id):
        _attribute_again(tenant, now)


def needs_recording(tenant: Tenant) -> bool:
    """Return whether an assessment ended or a log was read since the last recording. Needs the tenant's scope."""
    cursor = ChangesCursor.objects.filter(tenant=tenant).first()
    ended = Assessment.objects.filter(tenant=tenant, ended_at__isnull=False)
    if cursor is None:
        return ended.exists()
    if ended.filter(number__gt=cursor.assessment).exists():
        return True
    return not _waits_for_assessment(tenant, cursor) and _new_readings(tenant, cursor).exists()


def _waits_for_assessment(tenant: Tenant, cursor: ChangesCursor) -> bool:
    """Return whether an assessment is not recorded yet, for example because it is still running.

    Until the assessment is recorded, no readings of logs may be recorded, for two reasons:

    - The units of an assessment store versions and readings, but versions are recorded only after the assessment has
      ended. If the readings were recorded first, an operation and the version that shows its result would be recorded
      as two changes.
    - Units may store their readings in another order than the order in which the readings end. If a later reading were
      recorded first, an earlier reading that is stored afterwards would never be recorded.
    """
    return Assessment.objects.filter(tenant=tenant, number__gt=cursor.assessment).exists()


def _new_readings(tenant: Tenant, cursor: ChangesCursor) -> QuerySet[ActivityReading]:
    """Return the complete readings of logs that ended after the last recorded reading."""
    rows = ActivityReading.objects.filter(tenant=tenant, code="")
    return rows if cursor.read_until is None else rows.filter(until__gt=cursor.read_until)


def _cursor(tenant: Tenant, now: datetime) -> ChangesCursor:
    """Lock and return the customer's cursor, so that only one task at a time records changes of the customer.

    If another task has the lock, raise _BeingRecorded, so that tasks do not pile up behind a slow recording.
    """
    ChangesCursor.objects.get_or_create(tenant=tenant, defaults={"caught_from": now - timedelta(hours=1)})
    cursor = ChangesCursor.objects.select_for_update(skip_locked=True).filter(tenant=tenant).first()
    if cursor is None:
        raise _BeingRecorded
    return cursor


@transaction.atomic
def _record_next_assessment(tenant: Tenant, now: datetime) -> int | None:
    """Record the next ended assessment. Return the number of new changes, or None if no assessment is left."""
    cursor = _cursor(tenant, now)
    rows = Assessment.objects.filter(tenant=tenant, ended_at__isnull=False, number__gt=cursor.assessment)
    assessment = rows.defer("parameters").order_by("number").first()
    if assessment is None:
        return None
    found, budget = 0, Budget(SECONDS)
    for unit in Unit.objects.filter(
        assessment=assessment, kind=Unit.Kind.SUBSCRIPTION, state=Unit.State.DONE, ended_at__isnull=False
    ).defer("coverage", "gaps"):
        found += _record_unit(tenant, assessment, unit, cursor, now, budget)
    cursor.assessment = assessment.number
    cursor.save(update_fields=["assessment"])
    return found


def _record_unit(
    tenant: Tenant, assessment: Assessment, unit: Unit, cursor: ChangesCursor, now: datetime, budget: Budget
) -> int:
    start = _start_of_previous(unit)
    if start is None:
        return 0  # There is no earlier complete reading of the subscription with which to compare.
    made: list[ResourceChange] = []
    for pairs in batched(_versions(assessment, unit), BATCH):
        made += _of_versions(tenant, assessment, unit, pairs, start)
    gone = Resource.objects.filter(
        tenant=tenant, unit=unit.scope_id, gone_at__gte=assessment.started_at, gone_at__lte=unit.ended_at
    )
    made += [_deletion(tenant, assessment, unit, row, start) for row in gone]
    notice_returns(tenant=tenant, unit=unit.scope_id, assessment=assessment.number, now=now)
    compare_returned(tenant, unit.scope_id)
    if not made:
        return 0
    compare_with_approved(tenant, made)
    log = read_log(tenant.pk, unit.scope_id, made)
    moved = moved_in(assessment, [change.resource for change in made if change.resource])
    for change in made:
        attribute(change, log, now)
        set_verdicts(change, moved)
    stored = _store(tenant, made)
    catch(tenant=tenant, changes=stored, since=cursor.caught_from, now=now, budget=budget)
    notice_rollbacks(tenant=tenant, changes=stored, now=now)
    return len(stored)


def _start_of_previous(unit: Unit) -> datetime | None:
    """Return the start of the previous complete reading of the subscription. Assessments with the trigger `watch` read
    only some resources, so they do not count.
    """
    before = Unit.objects.filter(
        tenant_id=unit.tenant_id,
        kind=Unit.Kind.SUBSCRIPTION,
        azure_id=unit.azure_id,
        state=Unit.State.DONE,
        ended_at__lt=unit.ended_at,
    ).exclude(assessment__trigger=Assessment.Trigger.WATCH)
    return before.order_by("-ended_at").values_list("started_at", flat=True).first()


def _versions(assessment: Assessment, unit: Unit) -> Iterator[tuple[UUID, UUID | None]]:
    """Yield (id of a version, id of the previous version or None) for each resource version of this subscription that
    the assessment stored.
    """
    older = ResourceVersion.objects.filter(resource=OuterRef("resource"), at__lt=OuterRef("at"))
    rows = ResourceVersion.objects.filter(
        tenant_id=unit.tenant_id, assessment=assessment, resource__unit=unit.scope_id
    )
    rows = rows.annotate(before_id=Subquery(older.order_by("-at", "-id").values("pk")[:1]))
    yield from rows.order_by("pk").values_list("pk", "before_id").iterator(chunk_size=BATCH)


def _of_versions(
    tenant: Tenant,
    assessment: Assessment,
    unit: Unit,
    pairs: Sequence[tuple[UUID, UUID | None]],
    start: datetime,
) -> Iterator[ResourceChange]:
    rows = ResourceVersion.objects.select_related("resource")
    found = read(rows, tenant_id=tenant.pk, ids=[pk for pair in pairs for pk in pair if pk is not None])
    for pk, before_id in pairs:
        row = found[pk]
        change = _of_resource(tenant, assessment, unit, row.resource)
        change.key, change.version = key_of("version", row.pk), row.pk
        before = found.get(before_id) if before_id else None
        change.kind, change.since = (Kind.CREATED, start) if before is None else (Kind.CHANGED, start)
        if before is not None:
            change.since = max(start, before.at)
            stored = stored_differences(differences(before.document, row.document))
            change.differences, change.difference_count, change.properties = stored
            if not change.difference_count:
                continue  # Skip the version: only the order of entries or the etag differs.
        yield change


def _deletion(
    tenant: Tenant, assessment: Assessment, unit: Unit, resource: Resource, start: datetime
) -> ResourceChange:
    change = _of_resource(tenant, assessment, unit, resource)
    change.key = key_of("deleted", resource.pk, resource.gone_at)
    change.kind, change.since = Kind.DELETED, start
    return change


def _of_resource(tenant: Tenant, assessment: Assessment, unit: Unit, resource: Resource) -> ResourceChange:
    return ResourceChange(
        tenant=tenant,
        at=unit.ended_at or timezone.now(),
        resource=resource,
        azure_id=resource.resource_id,
        name=resource.name,
        # Cut after folding the case, which can lengthen a text (“ß” becomes “ss”).
        type=fold(resource.type)[:200],
        unit=resource.unit,
        resource_group=resource.resource_group,
        tags=resource.tags,
        assessment=assessment.number,
    )


def _store(tenant: Tenant, made: Sequence[ResourceChange]) -> list[ResourceChange]:
    """Store the changes that are not stored yet; return them."""
    known: set[str] = set()
    keys = [change.key for change in made]
    for first in range(0, len(keys), BATCH):
        rows = ResourceChange.objects.filter(tenant=tenant, key__in=keys[first : first + BATCH])
        known.update(rows.values_list("key", flat=True))
    new = list({change.key: change for change in made if change.key not in known}.values())
    ResourceChange.objects.bulk_create(new, batch_size=BATCH)
    return new


@transaction.atomic
def _record_readings(tenant: Tenant, now: datetime) -> int:
    """Record the operations that were read since the last recording. Leave out operations whose result a stored version
    shows. Return the number of new changes.
    """
    cursor = _cursor(tenant, now)
    if _waits_for_assessment(tenant, cursor):
        return 0
    span = _new_readings(tenant, cursor).aggregate(first=Min("since"), last=Max("until"))
    if span["last"] is None:
        return 0
    found, budget = 0, Budget(SECONDS)
    rows = ActivityEvent.objects.filter(tenant=tenant, at__gte=span["first"] - DELAY, at__lte=span["last"])
    for events in _event_batches(rows.order_by("at", "id").iterator(chunk_size=BATCH)):
        found += _record_operations(tenant, events, cursor, now, budget)
    cursor.read_until = span["last"]
    cursor.save(update_fields=["read_until"])
    return found


def _event_batches(rows: Iterable[ActivityEvent]) -> Iterator[list[ActivityEvent]]:
    batch: list[ActivityEvent] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _record_operations(
    tenant: Tenant, events: Iterable[ActivityEvent], cursor: ChangesCursor, now: datetime, budget: Budget
) -> int:
    operations: dict[str, ActivityEvent] = {}
    for event in events:
        if is_writing(event.operation):
            name = event.correlation_id or event.event_id
            key = key_of("operation", event.unit, name, fold(event.operation), fold(event.resource_id))
            operations.setdefault(key, event)
    if not operations:
        return 0
    resources = _resources(tenant, operations.values())
    shown = _shown_by_versions(tenant, resources.values(), operations.values())
    made = []
    for key, event in operations.items():
        resource = next((resources[one] for one in enclosing(event.resource_id) if one in resources), None)
        if resource is not None and any(
            since <= event.at <= until for since, until in shown.get(resource.pk, ())
        ):
            continue
        made.append(_operation(tenant, key, event, resource))
    stored = _store(tenant, made)
    moved = moved_between([change.resource for change in stored if change.resource], stored)
    for change in stored:
        set_verdicts(change, moved)
    with_verdicts = [change for change in stored if change.verdicts]
    ResourceChange.objects.bulk_update(with_verdicts, ["verdicts", "worsened"], batch_size=BATCH)
    catch(tenant=tenant, changes=stored, since=cursor.caught_from, now=now, budget=budget)
    return len(stored)


def _resources(tenant: Tenant, events: Iterable[ActivityEvent]) -> dict[str, Resource]:
    """Return the stored resources that the events concern, by id in lower case. An event about a part of a resource
    also concerns the resource.
    """
    names = {one for event in events for one in enclosing(event.resource_id) if "/providers/" in one}
    keys = {resource_key(one): one for one in names}
    rows = Resource.objects.filter(tenant=tenant, key__in=list(keys))
    return {keys[row.key]: row for row in rows}


def _shown_by_versions(
    tenant: Tenant, resources: Iterable[Resource], events: Iterable[ActivityEvent]
) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """Return the periods of the recorded changes of each resource, as pairs (since, until), by resource id.

    If an operation on the resource lies within such a period, the operation belongs to the recorded change, and is not
    recorded separately.
    """
    first = min(event.at for event in events)
    rows = ResourceChange.objects.filter(
        tenant=tenant, resource__in=list(resources), at__gte=first, since__isnull=False
    ).exclude(kind=Kind.OPERATION)
    found: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for row in rows.select_related("resource").only("resource__id", "since", "at"):
        if row.resource is not None and row.since is not None:
            found.setdefault(row.resource.pk, []).append((row.since, row.at))
    return found


def _operation(tenant: Tenant, key: str, event: ActivityEvent, resource: Resource | None) -> ResourceChange:
    identifier = event.resource_id
    change = ResourceChange(
        tenant=tenant,
        key=key,
        kind=Kind.OPERATION,
        at=event.at,
        since=event.at,
        resource=resource,
        azure_id=identifier,
        name=(event.target_name or name_of(identifier))[:300],
        type=(fold(type_of(identifier)) or _TYPES[identifier.startswith("/directories/")])[:200],
        unit=event.unit,
        resource_group=resource_group_of(identifier)[:100],
        tags=resource.tags if resource else {},
        is_attributed=True,
        differences=event.properties[:MAX_DIFFERENCES],
        difference_count=event.property_count,
        properties=[path_text(row["path"]) for row in event.properties],
    )
    set_candidates(change, [event])
    return change


def _attribute_again(tenant: Tenant, now: datetime) -> None:
    """Add operations to changes that were recorded before these operations were read from the log.

    Then apply the watch rules again to changes that no rule caught. Close the reviews of changes that a planned change
    now covers, and reopen reviews that the new operations contradict.
    """
    cursor, budget = _cursor(tenant, now), Budget(SECONDS)
    rows = ResourceChange.objects.filter(tenant=tenant, is_attributed=False).select_related("resource")
    rows = rows.order_by("at", "pk")
    by_unit: dict[str, list[ResourceChange]] = {}
    for change in rows[: 10 * BATCH]:
        by_unit.setdefault(change.unit, []).append(change)
    for unit, changes in by_unit.items():
        log = read_log(tenant.pk, unit, changes)
        changed = [change for change in changes if attribute(change, log, now)]
        columns = ["candidates", "actors", "operations", "gap", "gap_kind", "is_attributed"]
        ResourceChange.objects.bulk_update(changed, columns, batch_size=BATCH)
        again = [change for change in changed if change.state == ResourceChange.State.NOT_CAUGHT]
        expect_planned(tenant=tenant, changes=changed, now=now, budget=budget)
        catch(tenant=tenant, changes=again, since=cursor.caught_from, now=now, budget=budget)
        reopen(tenant=tenant, changes=changed, now=now, budget=budget)
