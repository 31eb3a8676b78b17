"""Write events into the timelines of changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from portal.changes.models import ResourceChange, ReviewEvent
from tenants.actors import Actor, System
from tenants.models import Person

SURETY: Final = System("changes")
BATCH: Final = 1000


def write_events(
    changes: Iterable[ResourceChange], kind: ReviewEvent.Kind, *, by: Actor, at: datetime, text: str = ""
) -> None:
    """Write the same event for each of these changes."""
    person = by if isinstance(by, Person) else None
    ReviewEvent.objects.bulk_create(
        (
            ReviewEvent(tenant_id=change.tenant_id, change=change, at=at, by=person, kind=kind, text=text)
            for change in changes
        ),
        batch_size=BATCH,
    )
