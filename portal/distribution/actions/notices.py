"""Notices about reports that were missed, not built or not delivered."""

from __future__ import annotations

from typing import Final

from portal import links
from portal.notify.publish import Event, publish
from tenants.actors import System
from tenants.models import Person, Tenant

SCHEDULER: Final = System("report schedule")
SENDER: Final = System("report mails")
# The event of `portal.notify.kinds`.
NOT_DELIVERED: Final = "report_not_delivered"


def tell(tenant: Tenant, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]) -> None:
    """Notify the person who made a schedule, and channels, of a report that was not built or delivered."""
    path = links.report_schedules(tenant.slug)
    event = Event(kind=NOT_DELIVERED, key=key, title=title, lines=lines, path=path)
    publish(tenant=tenant, event=event, subscribers=[person] if person else [])
