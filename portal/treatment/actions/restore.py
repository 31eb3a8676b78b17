"""Restore the values that findings had before a batch changed them.

Each function skips findings that have changed since the batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from portal.notify.publish import retract
from portal.treatment import timeline
from portal.treatment.actions._text import names_by_id, owner_name
from portal.treatment.actions._treatment_rows import (
    ACKNOWLEDGED_FIELDS,
    OWNER_FIELDS,
    owner_before,
    upsert_treatments,
)
from portal.treatment.models import Batch, OwnerRule, Treatment, TreatmentEvent
from portal.treatment.selectors.owners import eligible_owners
from tenants.models import Person


def restore_owners(batch: Batch, by: Person, at: datetime) -> int:
    """Restore the previous owners. If a previous owner has lost access in the meantime, the finding becomes unassigned.

    Return the number of changed findings.
    """
    tenant = batch.tenant
    owner = batch.values["owner"]
    unchanged = Treatment.objects.filter(owner_id=owner)
    if owner is not None:
        unchanged = unchanged.filter(_since_event(batch, "owned_at"))
    else:
        # A treatment has no time at which its finding became unassigned, so `_since_event` cannot be used. Instead,
        # leave out findings whose timeline has a later change of the owner by Surety or by another person than `by`.
        later = batch.events.filter(finding=OuterRef("finding"), at__lt=OuterRef("at"))
        others = TreatmentEvent.objects.filter(
            Exists(later),
            tenant=tenant,
            kind=TreatmentEvent.Kind.OWNER,
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
            # Do not restore a rule that was deleted in the meantime.
            _id(was["owner_rule"] if was["owner_rule"] in existing_rules else None),
            _moment(was["owned_at"]),
        )
        if was["owner"] in eligible
        # If the previous owner has lost access in the meantime, the finding becomes unassigned.
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
        at=at,
        kind=TreatmentEvent.Kind.OWNER,
        lines=[
            timeline.Line(
                pk,
                owner_name(names, _id(owner)),
                owner_name(names, before),
                "Undone",
                owner_before(_id(owner)),
            )
            for pk, before, *_ in rows
        ],
    )
    return len(rows)


def restore_acknowledgements(batch: Batch, by: Person, at: datetime) -> int:
    """Restore the previous acknowledgements with their plans."""
    tenant = batch.tenant
    unchanged = Treatment.objects.filter(_since_event(batch, "acknowledged_at"), acknowledged_by=by)
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
        at=at,
        kind=TreatmentEvent.Kind.UNACKNOWLEDGED,
        lines=[timeline.Line(pk, "Acknowledged", before, "Undone") for pk, _, before in events],
    )
    return len(events)


def _since_event(batch: Batch, column: str) -> Exists:
    """Return a query condition: `column` of a finding's treatment still has the time that the batch wrote.

    The event that the batch wrote to the finding's timeline has the same time. In a large batch, findings can have
    different times, because a worker writes such a batch in steps.
    """
    return Exists(batch.events.filter(finding=OuterRef("finding"), at=OuterRef(column)))


def _events(batch: Batch, unchanged: QuerySet[Treatment]) -> Iterable[tuple[UUID, dict[str, Any], str]]:
    """Yield (finding, values to restore, text of these values in the timeline) for the findings that have not changed
    since the batch.
    """
    rows = batch.events.filter(undo__isnull=False, finding__in=unchanged.values("finding"))
    return rows.order_by().values_list("finding_id", "undo", "before")  # type: ignore[return-value]


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
