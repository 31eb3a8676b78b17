"""Undo a batch: by the person who did it, within 30 minutes, for the findings not changed since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.notify.publish import retract
from portal.treatment import timeline
from portal.treatment.actions._text import names_by_id, owner_name
from portal.treatment.actions._treatment_rows import ACKNOWLEDGED_FIELDS, OWNER_FIELDS, upsert_treatments
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Batch, OwnerRule, Treatment, TreatmentEvent
from portal.treatment.selectors.owners import eligible_owners
from tenants import journal
from tenants.errors import PermissionDenied
from tenants.models import Person, Tenant

UNDO_WINDOW: Final = timedelta(minutes=30)


@transaction.atomic
def undo(*, batch: Batch, by: Person) -> int:
    """Restore the values before the batch; return for how many findings.

    Findings whose value was changed after the batch are skipped. Raises PermissionDenied for another person's batch,
    and WrongState if the batch was undone already or is older than 30 minutes.
    """
    if batch.by_id != by.pk:
        raise PermissionDenied("Only the person who made a change can undo it.", code="not_yours")
    tenant = batch.tenant
    lock_treatments(tenant.pk)
    batch.refresh_from_db()
    now = timezone.now()
    if batch.undone_at is not None:
        raise WrongState("This change was already undone.")
    if now - batch.at > UNDO_WINDOW:
        minutes = UNDO_WINDOW // timedelta(minutes=1)
        raise WrongState(f"Changes can be undone for {minutes} minutes only. Change the findings by hand.")
    restore = _restore_owners if batch.kind == Batch.Kind.ASSIGN else _restore_acknowledgements
    count = restore(tenant, batch, by, now)
    batch.undone_at = now
    batch.save(update_fields=["undone_at"])
    journal.record(
        tenant=tenant,
        actor=by,
        action="finding.undone",
        target=f"batch:{batch.pk}",
        details={"kind": batch.kind, "count": count, "left": batch.count - count},
    )
    return count


def _restore_owners(tenant: Tenant, batch: Batch, by: Person, now: datetime) -> int:
    owner = batch.values["owner"]
    unchanged = Treatment.objects.filter(owner_id=owner)
    if owner is not None:
        unchanged = unchanged.filter(owned_at=batch.at)
    else:
        # The time of unassignment is not stored, so exclude findings whose owner others changed later.
        others = TreatmentEvent.objects.filter(
            tenant=tenant,
            kind=TreatmentEvent.Kind.OWNER,
            at__gt=batch.at,
            finding__in=batch.events.values("finding"),
        ).exclude(by=by)
        unchanged = unchanged.exclude(finding__in=others.values("finding"))
    existing_rules = {str(pk) for pk in OwnerRule.objects.filter(tenant=tenant).values_list("pk", flat=True)}
    eligible = {str(who.pk) for who in eligible_owners(tenant)}
    rows: list[tuple[Any, ...]] = [
        (
            pk,
            _id(was["owner"]),
            was["owner_source"],
            # The rule may have been deleted since.
            _id(was["owner_rule"] if was["owner_rule"] in existing_rules else None),
            _moment(was["owned_at"]),
        )
        if was["owner"] in eligible
        # The previous owner may have lost access since.
        else (pk, None, "", None, None)
        for pk, was, _ in _events(batch, unchanged)
    ]
    upsert_treatments(tenant, rows, OWNER_FIELDS)
    if owner is not None and len(rows) == batch.count:
        retract(tenant=tenant, kind="assigned", key=f"batch:{batch.pk}:{owner}")
    names = names_by_id([_id(owner), *(row[1] for row in rows)])
    timeline.write_bulk_events(
        tenant=tenant,
        by=by,
        at=now,
        kind=TreatmentEvent.Kind.OWNER,
        lines=[
            timeline.Line(pk, owner_name(names, _id(owner)), owner_name(names, before), "Undone")
            for pk, before, *_ in rows
        ],
    )
    return len(rows)


def _restore_acknowledgements(tenant: Tenant, batch: Batch, by: Person, now: datetime) -> int:
    unchanged = Treatment.objects.filter(acknowledged_by=by, acknowledged_at=batch.at)
    events = list(_events(batch, unchanged))
    upsert_treatments(
        tenant,
        [
            (
                pk,
                _id(was["acknowledged_by"]),
                _moment(was["acknowledged_at"]),
                _moment(was["acknowledged_failing_since"]),
                was["plan"],
                date.fromisoformat(was["planned_for"]) if was["planned_for"] else None,
            )
            for pk, was, _ in events
        ],
        ACKNOWLEDGED_FIELDS,
    )
    timeline.write_bulk_events(
        tenant=tenant,
        by=by,
        at=now,
        kind=TreatmentEvent.Kind.UNACKNOWLEDGED,
        lines=[timeline.Line(pk, "Acknowledged", before, "Undone") for pk, _, before in events],
    )
    return len(events)


def _events(batch: Batch, unchanged: QuerySet[Treatment]) -> Iterable[tuple[UUID, dict[str, Any], str]]:
    """(finding, values to restore, their text in the timeline) for the findings not changed since the batch."""
    rows = batch.events.filter(undo__isnull=False, finding__in=unchanged.values("finding"))
    return rows.order_by().values_list("finding_id", "undo", "before")  # type: ignore[return-value]


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
