"""Notices about reports that were missed, not built or not delivered."""

from __future__ import annotations

from typing import Final

from portal import links
from portal.distribution.responsible import to_be_told
from portal.notify.publish import Event, publish
from tenants.actors import System
from tenants.models import Person, Tenant

LEFT: Final = (
    "Nobody who has access is responsible for this schedule, so the administrators get this message. Hand the schedule"
    " over under People, Offboard, or remove the schedule and add it again."
)
SCHEDULER: Final = System("report schedule")
SENDER: Final = System("report mails")
# The key of the event kind in `portal.notify.kinds`.
NOT_DELIVERED: Final = "report_not_delivered"


def tell(tenant: Tenant, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]) -> None:
    """Notify the person who is responsible for a schedule, and channels, of a report that was not built or delivered.

    If this person has left, notify the administrators of the customer.
    """
    told, has_left = to_be_told(tenant, person)
    if has_left:
        lines = (*lines, LEFT)
    path = links.report_schedules(tenant.slug)
    event = Event(kind=NOT_DELIVERED, key=key, title=title, lines=lines, path=path)
    publish(tenant=tenant, event=event, subscribers=told)
