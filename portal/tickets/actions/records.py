"""Journal entries about an organization's ticket systems and ticket rules."""

from __future__ import annotations

from portal.tickets.models import TicketRule, TicketSystem
from tenants import journal
from tenants.actors import Actor


def record(row: TicketSystem | TicketRule, by: Actor, action: str, **details: object) -> None:
    journal.record(
        organization=row.organization,
        actor=by,
        action=action,
        target=row,
        details=details,
    )
