"""When an owner of findings has lost access, notify the people who can assign another owner."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max, Q

from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.naming import count_of_findings
from portal.treatment.selectors.orphaned_owners import FormerOwner, former_owners_with_work
from portal.treatment.states import ACTIONABLE
from tenants.models import Membership, Tenant
from tenants.roles import Capability, roles_with
from tenants.selectors import members, people_with_role

_ASSIGNING_ROLES: Final = roles_with(Capability.ASSIGN)


def notify_former_owners(*, tenant: Tenant, now: datetime) -> int:
    """Publish one event for each owner who has lost access but owns findings that need work. Return the number of new
    notices and channel posts.

    This function runs when the tenant's treatments are refreshed, up to a day after an owner has lost access.
    """
    owners = former_owners_with_work(tenant, now)
    if not owners:
        return 0
    subscribers = list(people_with_role(tenant, _ASSIGNING_ROLES))
    ends = _access_ends(tenant, [owner.person.pk for owner in owners], now)
    viewing = set(members(tenant).order_by().values_list("person_id", flat=True))
    return sum(
        publish(
            tenant=tenant,
            event=_event(
                tenant,
                owner,
                ends.get(owner.person.pk, ""),
                may_view=owner.person.pk in viewing and owner.person.is_active,
            ),
            subscribers=subscribers,
        )
        for owner in owners
    )


def _access_ends(tenant: Tenant, people: list[UUID], now: datetime) -> dict[UUID, str]:
    """Map each person without a valid membership to the time when their last membership ended."""
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    memberships = Membership.objects.filter(place, person__in=people, valid_from__lte=now)
    present = set(memberships.filter(Membership.valid_at(now)).values_list("person_id", flat=True))
    rows = (
        memberships.exclude(person__in=present)
        .order_by()
        .values_list("person_id")
        .annotate(end=Max("valid_until"))
    )
    return {person: end.isoformat() for person, end in rows if end}


def _event(tenant: Tenant, owner: FormerOwner, access_end: str, *, may_view: bool) -> Event:
    name = owner.person.get_full_name()
    change = "can only view findings now" if may_view else "has lost access"
    return Event(
        kind="owner_left",
        key=f"left:{owner.person.pk}:{access_end or ('role' if may_view else 'account')}",
        title=f"{name} {change} and still owns {count_of_findings(owner.count)}",
        lines=("Nobody is notified about these findings until you assign them to another person.",),
        path=links.findings(tenant.slug, owner=owner.person.pk, state=list(ACTIONABLE)),
        data={"owner": owner.person.email, "count": owner.count},
        standing=True,
    )
