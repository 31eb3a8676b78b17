"""Give the unexpected changes of one owner to another person, for example when the owner leaves."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from portal.changes.actions.notices import notify_assigned
from portal.changes.models import ResourceChange, ReviewEvent
from portal.changes.timeline import write_events
from portal.treatment.actions.owners.assign import require_eligible
from tenants import journal
from tenants.errors import invalid
from tenants.models import Person, Tenant


def count_owned_changes(person: Person, tenants: Iterable[Tenant]) -> dict[UUID, int]:
    """Return {customer's id: number of unexpected changes that the person owns}. Customers without such a change are
    left out.
    """
    rows = _owned(person, [tenant.pk for tenant in tenants])
    return dict(rows.order_by().values_list("tenant").annotate(number=Count("pk")))


@transaction.atomic
def hand_over_changes(*, by: Person, person: Person, to: Person, tenants: Iterable[Tenant]) -> int:
    """Make `to` the owner of the changes that `count_owned_changes` counts, and return their number. Their due dates do
    not change. If a change is already overdue, notify `to`, even if the former owner was notified before. Raise
    InvalidInput, and change nothing, if `to` may not work for a customer that has such changes.
    """
    if person.pk == to.pk:
        raise invalid("to", "Choose another person.")
    total = 0
    for tenant in tenants:
        rows = list(_owned(person, [tenant.pk]).order_by("pk").select_for_update())
        if rows:
            require_eligible(tenant, to)
            _hand_over(tenant, rows, by=by, person=person, to=to)
        total += len(rows)
    return total


def _hand_over(tenant: Tenant, rows: list[ResourceChange], *, by: Person, person: Person, to: Person) -> None:
    now = timezone.now()
    for row in rows:
        row.owner, row.overdue_notified_for = to, None
    ResourceChange.objects.bulk_update(rows, ["owner", "overdue_notified_for"], batch_size=500)
    write_events(
        rows,
        ReviewEvent.Kind.ASSIGNED,
        by=by,
        at=now,
        text=f"New owner: {to.name or to.email}. Former owner: {person}",
    )
    journal.record(
        tenant=tenant,
        actor=by,
        action="change.handed_over",
        target=rows[0] if len(rows) == 1 else f"{len(rows)} changes",
        details={
            "count": len(rows),
            "changes": [str(row.pk) for row in rows[:100]],
            "from": person.email,
            "to": to.email,
        },
    )
    first = min(row.due_at for row in rows if row.due_at is not None)
    due = f"Due on {first:%Y-%m-%d}" if len(rows) == 1 else f"The first is due on {first:%Y-%m-%d}"
    notify_assigned(
        tenant=tenant,
        owner=to,
        changes=rows,
        lines=(f"Former owner: {person}.", due),
        by=by,
        now=now,
    )


def _owned(person: Person, tenant_ids: list[UUID]) -> QuerySet[ResourceChange]:
    return ResourceChange.objects.filter(
        tenant__in=tenant_ids, owner=person, state=ResourceChange.State.UNEXPECTED
    )
