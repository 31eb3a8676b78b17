"""Write events into the timelines of findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.models import Attestation, Batch, FindingException, TreatmentEvent
from tenants.actors import Actor, System
from tenants.models import Person, Tenant

BATCH: Final = 2000
# The actor of changes that no person makes. Such changes result from new verdicts, or from the passing of time.
TREATMENT_ACTOR: Final = "treatment"
SURETY: Final = System(TREATMENT_ACTOR)


def actor_label(actor: Actor) -> str:
    """Name an actor as pages show it: the person's name and email address, or the part of Surety."""
    if isinstance(actor, System):
        return "Surety" if actor.name == TREATMENT_ACTOR else f"Surety ({actor.name})"
    return (f"{actor.name} <{actor.email}>" if actor.name else actor.email)[:320]


def format_day(moment: datetime) -> str:
    """Format the first or last day of an exception or attestation in UTC, not in the tenant's time zone.

    The forms in which people choose such a day interpret it in UTC.
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def build_event(
    *,
    tenant: Tenant,
    finding_id: Any,
    by: Actor,
    at: datetime,
    kind: TreatmentEvent.Kind,
    before: str = "",
    after: str = "",
    note: str = "",
    exception: FindingException | None = None,
    attestation: Attestation | None = None,
    batch: Batch | None = None,
    undo: dict[str, Any] | None = None,
) -> TreatmentEvent:
    """Build an event for `write_events`. Texts that are too long are cut."""
    return TreatmentEvent(
        tenant=tenant,
        finding_id=finding_id,
        by=by if isinstance(by, Person) else None,
        actor=actor_label(by),
        at=at,
        kind=kind,
        before=before[:320],
        after=after[:320],
        note=note,
        exception=exception,
        attestation=attestation,
        batch=batch,
        undo=undo,
    )


def write_events(events: Iterable[TreatmentEvent]) -> None:
    """Insert the events into the timelines of their findings."""
    TreatmentEvent.objects.bulk_create(events, batch_size=BATCH)


class Line(NamedTuple):
    """The columns that differ between the events of one action on many findings."""

    finding_id: UUID
    before: str = ""
    after: str = ""
    note: str = ""
    undo: dict[str, Any] | None = None


def write_bulk_events(
    *,
    tenant: Tenant,
    by: Actor,
    at: datetime,
    kind: TreatmentEvent.Kind,
    lines: Sequence[Line],
    batch: Batch | None = None,
) -> None:
    """Write the events of one action on many findings, thousands at once."""
    if not lines:
        return
    bulk_insert(
        TreatmentEvent,
        {
            "tenant": Constant(tenant),
            "finding": [line.finding_id for line in lines],
            "at": Constant(at),
            "by": Constant(by if isinstance(by, Person) else None),
            "actor": Constant(actor_label(by)),
            "kind": Constant(kind.value),
            "before": [line.before[:320] for line in lines],
            "after": [line.after[:320] for line in lines],
            "note": [line.note for line in lines],
            "batch": Constant(batch),
            "undo": [line.undo for line in lines],
        },
    )
