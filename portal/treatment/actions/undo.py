"""Undoing what was done to one finding or many: by who did it, soon, and only where nobody changed it since."""

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
    if now - batch.at > UNDO_WINDOW:
        minutes = UNDO_WINDOW // timedelta(minutes=1)
        raise WrongState(f"This was done more than {minutes} minutes ago. Change it by hand.")
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
    still = Treatment.objects.filter(owner_id=owner)
    if owner is not None:
        still = still.filter(owned_at=batch.at)
    else:
        # Nobody owns it since a moment that no column keeps: what others did to its owner meanwhile stays.
        others = TreatmentEvent.objects.filter(
            tenant=tenant,
            kind=TreatmentEvent.Kind.OWNER,
            at__gt=batch.at,
            finding__in=batch.events.values("finding"),
        ).exclude(by=by)
        still = still.exclude(finding__in=others.values("finding"))
    there = {str(pk) for pk in OwnerRule.objects.filter(tenant=tenant).values_list("pk", flat=True)}
    may_own = {str(who.pk) for who in eligible_owners(tenant)}
    rows: list[tuple[Any, ...]] = [
        (
            pk,
            _id(was["owner"]),
            was["owner_source"],
            # Undoing does not bring a rule back that was deleted meanwhile.
            _id(was["owner_rule"] if was["owner_rule"] in there else None),
            _moment(was["owned_at"]),
        )
        if was["owner"] in may_own
        # Nor an owner back who has lost access.
        else (pk, None, "", None, None)
        for pk, was, _ in _events(batch, still)
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
    still = Treatment.objects.filter(acknowledged_by=by, acknowledged_at=batch.at)
    events = list(_events(batch, still))
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


def _events(batch: Batch, still: QuerySet[Treatment]) -> Iterable[tuple[UUID, dict[str, Any], str]]:
    """(finding, what to put back, what was before in words) of those that are still as the batch left them."""
    rows = batch.events.filter(undo__isnull=False, finding__in=still.values("finding"))
    return rows.order_by().values_list("finding_id", "undo", "before")  # type: ignore[return-value]


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
