"""Notices about reports that were missed, not built or not delivered."""

from __future__ import annotations

from typing import Final

from portal import links
from portal.distribution.responsible import to_be_told, to_be_told_of_portfolio
from portal.notify.publish import Event, publish
from tenants.actors import System
from tenants.models import Organization, Person, Tenant

LEFT: Final = (
    "Nobody who has access is responsible for this schedule, so the administrators get this message. Hand the schedule"
    " over under People, Offboard, or remove the schedule and add it again."
)
SCHEDULER: Final = System("report schedule")
SENDER: Final = System("report mails")
# The key of the event kind in `portal.notify.kinds`.
NOT_DELIVERED: Final = "report_not_delivered"


def tell(tenant: Tenant, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]) -> None:
    """Notify the person who is responsible for a schedule, and the customer's channels, that a report was not built or
    delivered.

    If this person has left, notify the administrators of the customer.
    """
    told, has_left = to_be_told(tenant, person)
    if has_left:
        lines = (*lines, LEFT)
    path = links.report_schedules(tenant.slug)
    event = Event(kind=NOT_DELIVERED, key=key, title=title, lines=lines, path=path)
    publish(tenant=tenant, event=event, subscribers=told)


def tell_organization(
    organization: Organization, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]
) -> None:
    """Notify the person who is responsible for a schedule of portfolio reports. If this person has left, notify the
    administrators of the organization.

    Every notice belongs to a customer, so this notice belongs to the organization's first customer. The channels of
    that customer do not get the notice.
    """
    tenants = Tenant.objects.filter(organization=organization, archived_at=None).order_by("created_at", "pk")
    tenant = tenants.first()
    if tenant is None:
        return  # An organization without customers has no portfolio reports, so there is nothing to tell.
    tenant.organization = organization
    told, has_left = to_be_told_of_portfolio(organization, person)
    event = Event(
        kind=NOT_DELIVERED,
        key=key,
        title=f"{organization.name}: {title}",
        lines=(*lines, LEFT) if has_left else lines,
        path=links.organization_report_schedules(organization.slug),
        people_only=True,
    )
    publish(tenant=tenant, event=event, subscribers=told)
