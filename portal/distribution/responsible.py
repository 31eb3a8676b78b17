"""The people who are responsible for report schedules, and are notified of reports that were not built or delivered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import ORGANIZATION_ROLES, Capability, roles_with
from tenants.selectors import people_with_role

type Schedule = ReportSchedule | OrganizationReportSchedule

_ROLES_THAT_CHANGE: Final = roles_with(Capability.REPORT)
_ROLES_THAT_CHANGE_ALL: Final = tuple(role for role in _ROLES_THAT_CHANGE if role in ORGANIZATION_ROLES)
_ADMINISTRATORS: Final = roles_with(Capability.MEMBERS)


def eligible_people(place: Tenant | Organization) -> QuerySet[Person]:
    """Return the active people who now have the right to change schedules of the customer or organization (`place`)."""
    if isinstance(place, Tenant):
        return people_with_role(place, _ROLES_THAT_CHANGE)
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()), organization=place, tenant=None, role__in=_ROLES_THAT_CHANGE_ALL
    )
    return Person.objects.filter(is_active=True, pk__in=held.order_by().values("person")).order_by("email")


def people_to_notify(tenant: Tenant, responsible: Person | None) -> tuple[list[Person], bool]:
    """Return the people to notify of a problem with a schedule, and whether these people are the customer's
    administrators.

    The administrators are notified if no person is responsible for the schedule, or if the responsible person may no
    longer change the customer's schedules.
    """
    if responsible is not None and eligible_people(tenant).filter(pk=responsible.pk).exists():
        return [responsible], False
    return list(people_with_role(tenant, _ADMINISTRATORS)), True


def people_to_notify_of_portfolio(
    organization: Organization, responsible: Person | None
) -> tuple[list[Person], bool]:
    """Return the people to notify of a problem with a schedule of portfolio reports, and whether these people are the
    organization's administrators.

    The administrators are notified if no person is responsible for the schedule, or if the responsible person may no
    longer change the organization's schedules.
    """
    if responsible is not None and eligible_people(organization).filter(pk=responsible.pk).exists():
        return [responsible], False
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()),
        organization=organization,
        tenant=None,
        role__in=_ADMINISTRATORS,
    )
    people = Person.objects.filter(is_active=True, pk__in=held.order_by().values("person"))
    return list(people.order_by("email")), True


def schedules_of(
    person: Person, tenants: Iterable[Tenant], organization: Organization | None = None
) -> list[Schedule]:
    """Return the schedules for which the person is responsible: those of the given customers and, if an organization is
    given, those of the organization.
    """
    own = ReportSchedule.objects.filter(tenant__in=[row.pk for row in tenants], origin=None, made_by=person)
    found: list[Schedule] = list(own.select_related("tenant__organization").order_by("pk"))
    if organization is not None:
        rows = OrganizationReportSchedule.objects.filter(organization=organization, made_by=person)
        found += list(rows.select_related("organization").order_by("pk"))
    return found


def eligible_successors(schedules: Sequence[Schedule]) -> set[UUID]:
    """Return the ids of the people who may be responsible for every one of the schedules."""
    places: dict[UUID, Tenant | Organization] = {}
    for row in schedules:
        place: Tenant | Organization = row.tenant if isinstance(row, ReportSchedule) else row.organization
        places[place.pk] = place
    found = [set(eligible_people(place).values_list("pk", flat=True)) for place in places.values()]
    return set.intersection(*found) if found else set()
