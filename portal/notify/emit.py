"""`tell`: the one way in. Writes who is to hear of an event, in the transaction of what happened.

    tell(
        tenant=tenant,
        happening=Happening(
            kind="exception_decided",
            key=f"exception:{exception.pk}:approved:{exception.decided_at.isoformat()}",
            title="Exception 12 was approved",
            lines=("It covers 3 findings until 2027-03-01.",),
            path=f"/t/{tenant.slug}/exceptions/{exception.pk}/",
        ),
        people=[exception.requested_by],
        by=approver,
    )

Sending follows when the transaction commits; what is lost with the broker, the tick sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from assessments.actions.dispatch import enqueue
from assessments.models import Finding
from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Channel, Notice, Post, Preference
from portal.notify.schedule import due
from tenants.actors import Actor, describe
from tenants.models import Person, Tenant

SEND = "portal.notify.tasks.send"


@dataclass(frozen=True, slots=True)
class Happening:
    """An event. `kind` is one of `portal.notify.kinds`; `key` is the same for the same event and no other.

    `data` is what signed webhooks get besides: text, numbers, lists; never secrets.
    """

    kind: str
    key: str
    title: str
    path: str
    lines: tuple[str, ...] = ()
    finding: Finding | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def tell(
    *, tenant: Tenant, happening: Happening, people: Iterable[Person] = (), by: Actor | None = None
) -> int:
    """Note the event for these people and for the channels that want its kind. How many rows were new.

    Who did it (`by`) is not told of it. KeyError for a kind that is not in `KINDS`.
    """
    kind = KINDS[happening.kind]
    now = timezone.now()
    wanted = {person.pk: person for person in people if person.is_active and person != by}
    chosen = dict(
        Preference.objects.filter(tenant=tenant, kind=kind.key, person__in=list(wanted)).values_list(
            "person_id", "delivery"
        )
    )
    notices = []
    for pk in wanted:
        delivery = Delivery(chosen.get(pk, kind.default))
        notices.append(
            Notice(
                tenant=tenant,
                person_id=pk,
                kind=kind.key,
                key=happening.key[:200],
                title=happening.title[:300],
                body="\n".join(happening.lines),
                path=happening.path,
                finding=happening.finding,
                created_at=now,
                delivery=delivery,
                state=Notice.State.KEPT if delivery == Delivery.OFF else Notice.State.WAITING,
                due_at=due(delivery, now, tenant.timezone),
            )
        )
    payload = {
        "event": kind.key,
        "key": happening.key,
        "at": now.isoformat(),
        "tenant": {"id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name},
        "title": happening.title,
        "lines": list(happening.lines),
        "path": happening.path,
        "by": describe(by) if by else "",
        "data": dict(happening.data),
    }
    posts = [
        Post(
            tenant=tenant, channel=channel, kind=kind.key, key=happening.key[:200], payload=payload,
            created_at=now, due_at=now,
        )
        for channel in Channel.objects.filter(tenant=tenant, enabled=True, kinds__contains=[kind.key])
    ]  # fmt: skip
    before = _count(tenant, kind.key, happening.key)
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    Post.objects.bulk_create(posts, ignore_conflicts=True)
    new = _count(tenant, kind.key, happening.key) - before
    if new:
        enqueue(SEND, tenant.pk)
    return new


def _count(tenant: Tenant, kind: str, key: str) -> int:
    found = {"tenant": tenant, "kind": kind, "key": key[:200]}
    return Notice.objects.filter(**found).count() + Post.objects.filter(**found).count()
