"""Notify the owners of unexpected changes whose due date has passed, once for each due date. If an owner may no longer
work for the customer, notify the people who can assign findings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet

from portal import links
from portal.changes.models import ResourceChange
from portal.notify.publish import Event, publish
from portal.treatment.selectors.owners import is_eligible_owner
from tenants.models import Person, Tenant
from tenants.roles import Capability, roles_with
from tenants.selectors import people_with_role

_ASSIGNING_ROLES: Final = roles_with(Capability.ASSIGN)


def overdue_changes(tenant: Tenant, now: datetime) -> QuerySet[ResourceChange]:
    """Return the unexpected changes whose due date has passed, if nobody was notified of this due date yet. Leave out
    changes of archived customers.
    """
    rows = ResourceChange.objects.filter(
        tenant=tenant, state=ResourceChange.State.UNEXPECTED, due_at__lte=now
    ).exclude(overdue_notified_for=F("due_at"))
    return rows.none() if tenant.is_archived else rows


@transaction.atomic
def notify_overdue(*, tenant: Tenant, now: datetime) -> int:
    """Publish overdue changes that were not published before; return their number. Needs the tenant's scope."""
    rows = overdue_changes(tenant, now).select_for_update(of=("self",))
    found = list(rows.select_related("owner"))
    for change in found:
        event = Event(
            kind="change_overdue",
            key=overdue_key(change),
            title=f"Overdue: unexpected change of {change.name} ({change.summary})",
            path=links.resource_change(tenant.slug, change.pk),
            data={"change": str(change.pk), "owner": change.owner.email if change.owner else ""},
        )
        publish(tenant=tenant, event=event, subscribers=_people_to_notify(tenant, change.owner))
        change.overdue_notified_for = change.due_at
    ResourceChange.objects.bulk_update(found, ["overdue_notified_for"])
    return len(found)


def overdue_key(change: ResourceChange) -> str:
    """Return the key of the event about this overdue change: `change:<id>:<due date>`."""
    return f"change:{change.pk}:{change.due_at.isoformat() if change.due_at else ''}"


def _people_to_notify(tenant: Tenant, owner: Person | None) -> list[Person]:
    if owner is not None and is_eligible_owner(tenant, owner):
        return [owner]
    return list(people_with_role(tenant, _ASSIGNING_ROLES))
