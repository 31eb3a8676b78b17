"""Notices about reports that were missed, not built or not delivered."""

from __future__ import annotations

from typing import Final

from portal import links
from portal.distribution.responsible import people_to_notify, people_to_notify_of_portfolio
from portal.notify.publish import Event, publish
from tenants.actors import System
from tenants.models import Organization, Person, Tenant

RESPONSIBLE_LEFT: Final = (
    "The administrators get this message, because the person who is responsible for this schedule may no longer change"
    " it. Hand the schedule over to another person under People, Offboard, or remove the schedule and add it again."
)
ADDED_BY_OPERATOR: Final = (
    "The administrators get this message, because the operator added this schedule, so no person is responsible for it."
    " To become responsible for the schedule, remove it and add it again on a page of Surety."
)
SCHEDULER: Final = System("report schedule")
SENDER: Final = System("report mails")
# The key of the event kind in `portal.notify.kinds`.
NOT_DELIVERED: Final = "report_not_delivered"


def notify_responsible(
    tenant: Tenant, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]
) -> None:
    """Send a notice about a report that was missed, not built or not delivered. The notice goes to the customer's
    channels, and to the people whom `people_to_notify` returns: the responsible person or the administrators.
    """
    people, are_administrators = people_to_notify(tenant, person)
    if are_administrators:
        lines = (*lines, _why_administrators(person))
    path = links.report_schedules(tenant.slug)
    event = Event(kind=NOT_DELIVERED, key=key, title=title, lines=lines, path=path)
    publish(tenant=tenant, event=event, subscribers=people)


def notify_responsible_of_portfolio(
    organization: Organization, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]
) -> None:
    """Send a notice about a portfolio report to the people whom `people_to_notify_of_portfolio` returns: the
    responsible person or the administrators.

    Every notice must belong to a customer, so this notice is stored with the first customer of the organization. The
    notice is not sent to that customer's channels.
    """
    tenants = Tenant.objects.filter(organization=organization, archived_at=None).order_by("created_at", "pk")
    tenant = tenants.first()
    if tenant is None:
        return  # An organization without customers has no portfolio reports.
    tenant.organization = organization
    people, are_administrators = people_to_notify_of_portfolio(organization, person)
    event = Event(
        kind=NOT_DELIVERED,
        key=key,
        title=f"{organization.name}: {title}",
        lines=(*lines, _why_administrators(person)) if are_administrators else lines,
        path=links.organization_report_schedules(organization.slug),
        people_only=True,
    )
    publish(tenant=tenant, event=event, subscribers=people)


def _why_administrators(responsible: Person | None) -> str:
    """Return why administrators are notified: either the operator added the schedule, so nobody is responsible for it,
    or the responsible person may no longer change the schedule.
    """
    return ADDED_BY_OPERATOR if responsible is None else RESPONSIBLE_LEFT
