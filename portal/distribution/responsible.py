"""The people who are responsible for a schedule of reports. They are told when a report was not built or delivered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability, Role
from tenants.selectors import people_with_role

type Schedule = ReportSchedule | OrganizationReportSchedule

_CHANGE: Final = tuple(role for role in Role if Capability.REPORT in CAPABILITIES[role])
_CHANGE_FOR_ALL: Final = tuple(role for role in _CHANGE if role in ORGANIZATION_ROLES)
_ADMINISTER_PEOPLE: Final = tuple(role for role in Role if Capability.MEMBERS in CAPABILITIES[role])


def possible(place: Tenant | Organization) -> QuerySet[Person]:
    """Return the active people who may change schedules of the customer, or of the organization, now."""
    if isinstance(place, Tenant):
        return people_with_role(place, _CHANGE)
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()), organization=place, tenant=None, role__in=_CHANGE_FOR_ALL
    )
    return Person.objects.filter(is_active=True, pk__in=held.order_by().values("person")).order_by("email")


def to_be_told(tenant: Tenant, responsible: Person | None) -> tuple[list[Person], bool]:
    """Return the people to tell about a schedule's problem, and whether its responsible person has left.

    If the responsible person may still change schedules of the customer, only this person is told, otherwise the
    customer's administrators.
    """
    if responsible is not None and possible(tenant).filter(pk=responsible.pk).exists():
        return [responsible], False
    return list(people_with_role(tenant, _ADMINISTER_PEOPLE)), True


def to_be_told_of_portfolio(
    organization: Organization, responsible: Person | None
) -> tuple[list[Person], bool]:
    """Return the people to tell about a schedule of portfolio reports, and whether its responsible person has left.

    If the responsible person has left, the organization's administrators are told.
    """
    if responsible is not None and possible(organization).filter(pk=responsible.pk).exists():
        return [responsible], False
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()),
        organization=organization,
        tenant=None,
        role__in=_ADMINISTER_PEOPLE,
    )
    people = Person.objects.filter(is_active=True, pk__in=held.order_by().values("person"))
    return list(people.order_by("email")), True


def schedules_of(
    person: Person, tenants: Iterable[Tenant], organization: Organization | None = None
) -> list[Schedule]:
    """Return the schedules of these customers and (if given) of the organization for which a person is responsible."""
    own = ReportSchedule.objects.filter(tenant__in=[row.pk for row in tenants], origin=None, made_by=person)
    found: list[Schedule] = list(own.select_related("tenant__organization").order_by("pk"))
    if organization is not None:
        rows = OrganizationReportSchedule.objects.filter(organization=organization, made_by=person)
        found += list(rows.select_related("organization").order_by("pk"))
    return found


def successors(schedules: Sequence[Schedule]) -> set[UUID]:
    """Return the ids of the people who may be responsible for all of the schedules."""
    places: dict[UUID, Tenant | Organization] = {}
    for row in schedules:
        place: Tenant | Organization = row.tenant if isinstance(row, ReportSchedule) else row.organization
        places[place.pk] = place
    found = [set(possible(place).values_list("pk", flat=True)) for place in places.values()]
    return set.intersection(*found) if found else set()
