"""A person's own choices, and what they have read. Nobody else's, and no entry in the journal."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Notice, Preference
from portal.notify.schedule import due
from tenants.errors import invalid
from tenants.models import Person, Tenant


@transaction.atomic
def set_preferences(*, person: Person, tenants: Collection[Tenant], deliveries: Mapping[str, str]) -> int:
    """How the person hears of these kinds in these tenants. How many choices changed.

    What already waits follows: `off` keeps it from being mailed, another rhythm moves it there.
    """
    for kind, delivery in deliveries.items():
        if kind not in KINDS:
            raise invalid("kind", f"There is no kind of event “{kind}”.")
        if delivery not in Delivery.values:
            raise invalid(kind, f"Choose one of {', '.join(Delivery.labels)}.")
    changed = 0
    for tenant in tenants:
        held = dict(Preference.objects.filter(tenant=tenant, person=person).values_list("kind", "delivery"))
        wanted = {
            kind: delivery
            for kind, delivery in deliveries.items()
            if held.get(kind, KINDS[kind].default) != delivery
        }
        Preference.objects.bulk_create(
            [Preference(tenant=tenant, person=person, kind=k, delivery=d) for k, d in wanted.items()],
            update_conflicts=True,
            update_fields=["delivery"],
            unique_fields=["tenant", "person", "kind"],
        )
        for kind, delivery in wanted.items():
            _plan_anew(person, tenant, kind, Delivery(delivery))
        changed += len(wanted)
    return changed


def _plan_anew(person: Person, tenant: Tenant, kind: str, delivery: Delivery) -> None:
    waiting = Notice.objects.filter(
        tenant=tenant, person=person, kind=kind, state=Notice.State.WAITING, attempts=0
    )
    if delivery == Delivery.OFF:
        waiting.update(delivery=delivery, state=Notice.State.KEPT)
    else:
        waiting.update(delivery=delivery, due_at=due(delivery, timezone.now(), tenant.timezone))


def mark_read(*, person: Person, notice: Notice | None = None) -> int:
    """Mark one of the person's notices as read, or all of them in scope. How many were not."""
    rows = Notice.objects.filter(person=person, read_at__isnull=True)
    if notice is not None:
        rows = rows.filter(pk=notice.pk)
    return rows.update(read_at=timezone.now())
