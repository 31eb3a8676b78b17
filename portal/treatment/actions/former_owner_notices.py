"""Telling those who assign owners that somebody who owns findings cannot see the tenant any more."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max, Q

from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.selectors.orphaned_owners import FormerOwner, former_owners_with_work
from portal.treatment.states import ACTIONABLE
from tenants.models import Membership, Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.selectors import people_with_role

_ASSIGNING_ROLES: Final = tuple(role for role in Role if Capability.ASSIGN in CAPABILITIES[role])


def notify_former_owners(*, tenant: Tenant, now: datetime) -> int:
    """Tell it once for each person and each time that they lose access; how many notices were new.

    Only of people who own something that is to be done. There is no event for an account that is switched
    off, so that it is told with whatever settles the tenant next, at the latest the day after.
    """
    found = former_owners_with_work(tenant, now)
    if not found:
        return 0
    people = list(people_with_role(tenant, _ASSIGNING_ROLES))
    ends = _access_ends(tenant, [left.person.pk for left in found], now)
    return sum(
        publish(tenant=tenant, event=_event(tenant, left, ends.get(left.person.pk, "")), subscribers=people)
        for left in found
    )


def _access_ends(tenant: Tenant, people: list[UUID], now: datetime) -> dict[UUID, str]:
    """Person -> when the last of their memberships ended; nothing for whoever still has one."""
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    held = Membership.objects.filter(place, person__in=people, valid_from__lte=now)
    still = set(held.filter(Membership.valid_at(now)).values_list("person_id", flat=True))
    rows = held.exclude(person__in=still).order_by().values_list("person_id").annotate(end=Max("valid_until"))
    return {person: end.isoformat() for person, end in rows if end}


def _event(tenant: Tenant, left: FormerOwner, ended: str) -> Event:
    name = left.person.get_full_name()
    one = left.count == 1
    return Event(
        kind="owner_left",
        key=f"left:{left.person.pk}:{ended or 'account'}",
        title=f"{name} has no access any more and owns {left.count} finding{'' if one else 's'} to be done",
        lines=(f"Nobody hears of {'it' if one else 'them'} until somebody else is made the owner.",),
        path=links.findings(tenant.slug, owner=left.person.pk, state=list(ACTIONABLE)),
        data={"owner": left.person.email, "count": left.count},
        standing=True,
    )
