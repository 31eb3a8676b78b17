"""Undoing what was done to one finding or many: by who did it, soon, and only where nobody changed it since."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.treatment import timeline
from portal.treatment.actions._rows import ACKNOWLEDGED_FIELDS, OWNER_FIELDS, name_of, names_of, upsert
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Batch, OwnerRule, Treatment, TreatmentEvent
from tenants import journal
from tenants.errors import PermissionDenied
from tenants.models import Person, Tenant

WITHIN: Final = timedelta(minutes=30)


@transaction.atomic
def undo(*, batch: Batch, by: Person) -> int:
    """Put back what the batch changed, and say for how many findings.

    Where the value is no longer what the batch set, it is left. PermissionDenied for somebody else's batch;
    WrongState if it was undone already or is older than 30 minutes.
    """
    if batch.by_id != by.pk:
        raise PermissionDenied("Only who did it can undo it.", code="not_yours")
    tenant = batch.tenant
    lock_treatments(tenant.pk)
    batch.refresh_from_db()
    now = timezone.now()
    if batch.undone_at is not None:
        raise WrongState("This was undone already.")
    if now - batch.at > WITHIN:
        minutes = WITHIN // timedelta(minutes=1)
        raise WrongState(f"This was done more than {minutes} minutes ago. Change it by hand.")
    events = {event.finding_id: event for event in batch.events.filter(undo__isnull=False)}
    held = Treatment.objects.filter(finding_id__in=batch.events.values("finding_id"))
    restore = _owners if batch.kind == Batch.Kind.ASSIGN else _acknowledgements
    written = restore(tenant, batch, events, list(held), by, now)
    timeline.write(written)
    batch.undone_at = now
    batch.save(update_fields=["undone_at"])
    journal.record(
        tenant=tenant,
        actor=by,
        action="finding.undone",
        target=f"batch:{batch.pk}",
        details={"kind": batch.kind, "count": len(written), "left": batch.count - len(written)},
    )
    return len(written)


type _Events = dict[UUID, TreatmentEvent]


def _owners(
    tenant: Tenant, batch: Batch, events: _Events, held: list[Treatment], by: Person, now: datetime
) -> list[TreatmentEvent]:
    owner = batch.values["owner"]
    still = [
        row
        for row in held
        if (str(row.owner_id) if row.owner_id else None) == owner
        and (owner is None or row.owned_at == batch.at)
    ]
    before = {row.finding_id: row.owner_id for row in still}
    there = {str(pk) for pk in OwnerRule.objects.filter(tenant=tenant).values_list("pk", flat=True)}
    for row in still:
        was: dict[str, Any] = events[row.finding_id].undo or {}
        row.owner_id = _id(was["owner"])
        row.owner_source = was["owner_source"]
        row.owner_rule_id = _id(was["owner_rule"] if was["owner_rule"] in there else None)
        row.owned_at = _moment(was["owned_at"])
    upsert(still, OWNER_FIELDS)
    names = names_of([*before.values(), *(row.owner_id for row in still)])
    return [
        timeline.event(
            tenant=tenant,
            finding_id=row.finding_id,
            by=by,
            at=now,
            kind=TreatmentEvent.Kind.OWNER,
            before=name_of(names, before[row.finding_id]),
            after=name_of(names, row.owner_id),
            note="Undone",
        )
        for row in still
    ]


def _acknowledgements(
    tenant: Tenant, batch: Batch, events: _Events, held: list[Treatment], by: Person, now: datetime
) -> list[TreatmentEvent]:
    still = [row for row in held if row.acknowledged_by_id == by.pk and row.acknowledged_at == batch.at]
    for row in still:
        was: dict[str, Any] = events[row.finding_id].undo or {}
        row.acknowledged_by_id = _id(was["acknowledged_by"])
        row.acknowledged_at = _moment(was["acknowledged_at"])
        row.acknowledged_failing_since = _moment(was["acknowledged_failing_since"])
        row.plan = was["plan"]
        row.planned_for = date.fromisoformat(was["planned_for"]) if was["planned_for"] else None
    upsert(still, ACKNOWLEDGED_FIELDS)
    return [
        timeline.event(
            tenant=tenant,
            finding_id=row.finding_id,
            by=by,
            at=now,
            kind=TreatmentEvent.Kind.UNACKNOWLEDGED,
            before="Acknowledged",
            after=events[row.finding_id].before,
            note="Undone",
        )
        for row in still
    ]


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
