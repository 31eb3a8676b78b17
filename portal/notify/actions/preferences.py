"""A person's own choices, and what they have read. Nobody else's, and no entry in the journal.

That holds for choices made by a link in a mail as well: they are the same preferences, kept in the same rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import MailLinks, Notice, Preference
from portal.notify.schedule import delivery_time
from portal.notify.unsubscribing import MailLink, kinds_mailed, resolve_link
from tenants.errors import invalid
from tenants.models import Person, Tenant

log = structlog.get_logger(__name__)


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
            _reschedule(person, tenant, kind, Delivery(delivery))
        changed += len(wanted)
    return changed


@transaction.atomic
def unsubscribe_by_link(*, link: MailLink) -> list[str]:
    """What a link in a mail switches off, for its person and tenant: the kinds that were mailed and are no more.

    In the tenant's scope. Pressed again it does nothing more. LinkEnded where the link no longer holds.
    """
    person, tenant = resolve_link(link)
    kinds = kinds_mailed(person, tenant, link.what)
    set_preferences(person=person, tenants=[tenant], deliveries=dict.fromkeys(kinds, str(Delivery.OFF)))
    log.info("unsubscribed", tenant=str(tenant.pk), person=str(person.pk), what=link.what, kinds=kinds)
    return kinds


@transaction.atomic
def end_links(*, person: Person, tenants: Collection[Tenant]) -> None:
    """The links to unsubscribe in mails that were sent so far work no longer; those in mails to come do."""
    for tenant in tenants:
        MailLinks.objects.get_or_create(tenant=tenant, person=person)
        MailLinks.objects.filter(tenant=tenant, person=person).update(series=F("series") + 1)


def _reschedule(person: Person, tenant: Tenant, kind: str, delivery: Delivery) -> None:
    waiting = Notice.objects.filter(tenant=tenant, person=person, kind=kind, state=Notice.State.WAITING)
    if delivery == Delivery.OFF:
        # Also what a mail server has refused so far: who wants no more of it gets no more of it.
        waiting.update(delivery=delivery, state=Notice.State.KEPT, findings=[])
    else:
        moment = delivery_time(delivery, timezone.now(), tenant.timezone)
        waiting.filter(attempts=0).update(delivery=delivery, due_at=moment)


def mark_read(*, person: Person, notice: Notice | None = None) -> int:
    """Mark one of the person's notices as read, or all of them in scope. How many were not."""
    rows = Notice.objects.filter(person=person, read_at__isnull=True)
    if notice is not None:
        rows = rows.filter(pk=notice.pk)
    return rows.update(read_at=timezone.now())
