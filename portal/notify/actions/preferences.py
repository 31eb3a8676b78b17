"""Actions of a person on their own notifications: change email preferences, unsubscribe, and mark notices as read.

Preferences are private. So the journal does not record changes of preferences, even if the person unsubscribes with a
link in a mail.
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
    """Set whether and when a person gets mail about kinds of event in these tenants. Return how many settings changed.

    Notices that wait to be mailed are rescheduled or, if the new choice is `off`, not mailed. Raises InvalidInput for
    an unknown kind or preference.
    """
    for kind, delivery in deliveries.items():
        if kind not in KINDS:
            raise invalid("kind", f"There is no kind of event “{kind}”. Choose a kind from the list.")
        if delivery not in Delivery.values:
            raise invalid(kind, f"Choose one of {', '.join(Delivery.labels)}.")
    changed = 0
    for tenant in tenants:
        current = dict(
            Preference.objects.filter(tenant=tenant, person=person).values_list("kind", "delivery")
        )
        changes = {
            kind: delivery
            for kind, delivery in deliveries.items()
            if current.get(kind, KINDS[kind].default) != delivery
        }
        Preference.objects.bulk_create(
            [Preference(tenant=tenant, person=person, kind=k, delivery=d) for k, d in changes.items()],
            update_conflicts=True,
            update_fields=["delivery"],
            unique_fields=["tenant", "person", "kind"],
        )
        for kind, delivery in changes.items():
            _reschedule(person, tenant, kind, Delivery(delivery))
        changed += len(changes)
    return changed


@transaction.atomic
def unsubscribe_by_link(*, link: MailLink) -> list[str]:
    """Unsubscribe the person from the kinds of event that the link names. Return the kinds about which the person was
    mailed until now.

    A second call changes nothing. Needs the tenant's scope; raises LinkEnded if the link is no longer valid.
    """
    person, tenant = resolve_link(link)
    kinds = kinds_mailed(person, tenant, link.what)
    set_preferences(person=person, tenants=[tenant], deliveries=dict.fromkeys(kinds, str(Delivery.OFF)))
    log.info("unsubscribed", tenant=str(tenant.pk), person=str(person.pk), what=link.what, kinds=kinds)
    return kinds


@transaction.atomic
def end_links(*, person: Person, tenants: Collection[Tenant]) -> None:
    """Invalidate the unsubscribe links in all mails about these tenants that the person has got so far. Links in later
    mails are valid.
    """
    for tenant in tenants:
        MailLinks.objects.get_or_create(tenant=tenant, person=person)
        MailLinks.objects.filter(tenant=tenant, person=person).update(series=F("series") + 1)


def _reschedule(person: Person, tenant: Tenant, kind: str, delivery: Delivery) -> None:
    waiting = Notice.objects.filter(tenant=tenant, person=person, kind=kind, state=Notice.State.WAITING)
    if delivery == Delivery.OFF:
        # Notices whose mail failed and waits for another attempt are not mailed either.
        waiting.update(delivery=delivery, state=Notice.State.KEPT, findings=[])
    else:
        due_at = delivery_time(delivery, timezone.now(), person.timezone or tenant.timezone)
        waiting.filter(attempts=0).update(delivery=delivery, due_at=due_at)


def mark_read(*, person: Person, notice: Notice | None = None) -> int:
    """Mark a notice as read or, without `notice`, all of the person's notices in the open scope. Return how many were
    unread.
    """
    rows = Notice.objects.filter(person=person, read_at__isnull=True)
    if notice is not None:
        rows = rows.filter(pk=notice.pk)
    return rows.update(read_at=timezone.now())
