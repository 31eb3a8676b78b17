"""Publish events: write an event, its notices and its posts in the transaction of the change that the event reports.

    publish(
        tenant=tenant,
        event=Event(
            kind="exception_decided",
            key=f"exception:{exception.pk}:approved:{exception.decided_at.isoformat()}",
            title="Exception 12 was approved",
            lines=("It covers 3 findings until 2027-03-01.",),
            path=links.exception(tenant.slug, exception.pk),
        ),
        subscribers=[exception.requested_by],
        by=approver,
    )

Workers send mails and posts after the commit, or at the next periodic task (“tick”) if the broker loses the task.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from assessments.models import Finding
from portal.notify.access import people_with_access
from portal.notify.kinds import KINDS, Delivery, Kind
from portal.notify.models import Channel, DedupKey, Notice, Post, Preference, PublishedEvent
from portal.notify.schedule import delivery_time
from portal.notify.signing import event_id
from tenants.actors import Actor, describe
from tenants.dispatch import enqueue
from tenants.locks import Lock, lock
from tenants.models import Person, Tenant

SEND: Final = "portal.notify.tasks.send"
MAX_KEY_CHARACTERS: Final = 200
MAX_TITLE_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Event:
    """Something that people and channels are notified of.

    - `kind`: one of `portal.notify.kinds`
    - `key`: identifies the event; publishing the same kind and key again has no effect
    - `path`: the page to open, as a path that begins with a slash
    - `finding`: the finding that the event is about
    - `findings`: the ids of the findings, if the event is about several. Before a notice is mailed,
      `portal.notify.notice_validity` checks these findings again
    - `data`: additional JSON for signed webhooks, never secrets
    - `title_to_all`, `path_to_all`: the title and path for channels, if `title` and `path` are for one person only
      ("yours", `/my/`)
    - `standing`: whether the event is published again as long as its cause exists, so that its key must be kept
      (`portal.notify.actions.prune`)
    - `people_only`: whether the event is kept out of the customer's channels and event feed, because it is about the
      organization
    """

    kind: str
    key: str
    title: str
    path: str
    lines: tuple[str, ...] = ()
    finding: Finding | None = None
    findings: tuple[UUID, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    title_to_all: str = ""
    path_to_all: str = ""
    standing: bool = False
    people_only: bool = False


def publish(
    *, tenant: Tenant, event: Event, subscribers: Iterable[Person] = (), by: Actor | None = None
) -> int:
    """Write notices for subscribers, and posts for the channels that chose the event's kind. Return the total number of
    notices and posts. Needs the tenant's scope.

    If the tenant is archived, an automatic event is published only if its kind has `if_archived`. The person who caused
    the event (`by`) and people without access get no notice. Raises KeyError for an unknown kind, and ValueError for a
    path that does not start with a single slash.
    """
    kind = KINDS[event.kind]
    if tenant.is_archived and kind.automatic and not kind.if_archived:
        return 0
    for path in (event.path, event.path_to_all or "/"):
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError(f"{path!r} is not a path of a page of Surety.")
    now = timezone.now()
    notified = _already_notified(tenant, event) if event.standing else frozenset()
    notices = _notices(
        tenant, kind, event, (person for person in subscribers if person.pk not in notified), by, now
    )
    posts = [] if event.people_only else _posts(tenant, kind, event, by, now)
    posts = [post for post in posts if post.channel_id not in notified]
    if not event.people_only:
        _add_to_feed(tenant, event, by, now)
    new = 0
    if notices:
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        new += Notice.objects.filter(pk__in=[notice.pk for notice in notices]).count()
    if posts:
        Post.objects.bulk_create(posts, ignore_conflicts=True)
        new += Post.objects.filter(pk__in=[post.pk for post in posts]).count()
    # Do not enqueue the task if only digests have new notices, because the periodic task (“tick”) sends digests.
    if new and (posts or any(notice.delivery == Delivery.IMMEDIATE for notice in notices)):
        enqueue(SEND, tenant.pk)
    return new


def retract(*, tenant: Tenant, kind: str, key: str) -> int:
    """Delete the notices of an event whose cause was undone, if they were neither read nor mailed. Return how many.

    Posts to channels are not retracted, because they are usually sent already.
    """
    rows = Notice.objects.filter(tenant=tenant, kind=kind, key=stored_key(key))
    unseen = rows.filter(read_at__isnull=True, attempts=0).exclude(state=Notice.State.SENT)
    return unseen.delete()[0]


def replace_lines(*, tenant_id: UUID, kinds: Collection[str], key: str, lines: Iterable[str]) -> None:
    """Replace the lines of events whose keys begin with `key`: in notices, in the event feed and in posts to channels.
    Messages that were already sent do not change. Needs the tenant's scope.
    """
    shown = list(map(one_line, lines))
    Notice.objects.filter(tenant=tenant_id, kind__in=kinds, key__startswith=key).update(body="\n".join(shown))
    for model in (PublishedEvent, Post):
        for row in model.objects.filter(tenant=tenant_id, kind__in=kinds, payload__key__startswith=key):
            row.payload = {**(row.payload or {}), "lines": shown}
            row.save(update_fields=["payload"])


def one_line(text: str) -> str:
    """Replace line breaks and other control characters by spaces, for subjects and headings."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def stored_key(key: str) -> str:
    """Return the key as it is stored. A long key is shortened, and then ends with the hash of the whole key."""
    if len(key) <= MAX_KEY_CHARACTERS:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: MAX_KEY_CHARACTERS - len(digest) - 1]}:{digest}"


def _already_notified(tenant: Tenant, event: Event) -> frozenset[UUID]:
    """Return the ids of the people and channels that got the event earlier, and whose notice or post was deleted since.
    If the notice or post still exists, no check is needed, because a unique constraint prevents a second one.
    """
    lock(Lock.DEDUP_KEYS, tenant.pk)
    rows = DedupKey.objects.filter(tenant=tenant, kind=event.kind, key=stored_key(event.key))
    ids: Any = rows.values_list("person_id", "channel_id")
    return frozenset(pk for pair in ids for pk in pair if pk is not None)


def _notices(
    tenant: Tenant,
    kind: Kind,
    event: Event,
    people: Iterable[Person],
    by: Actor | None,
    now: datetime,
) -> list[Notice]:
    recipients = {person.pk: person for person in people if person.is_active and person != by}
    wanted = people_with_access(tenant, recipients.keys()) if recipients else set()
    if not wanted:
        return []
    chosen = dict(
        Preference.objects.filter(tenant=tenant, kind=kind.key, person__in=wanted).values_list(
            "person_id", "delivery"
        )
    )
    notices = []
    for pk in sorted(wanted):
        delivery = Delivery(chosen.get(pk, kind.default))
        notices.append(
            Notice(
                tenant=tenant,
                person_id=pk,
                kind=kind.key,
                key=stored_key(event.key),
                title=one_line(event.title)[:MAX_TITLE_CHARACTERS],
                body="\n".join(map(one_line, event.lines)),
                path=event.path,
                finding=event.finding,
                created_at=now,
                delivery=delivery,
                state=Notice.State.KEPT if delivery == Delivery.OFF else Notice.State.WAITING,
                due_at=delivery_time(delivery, now, recipients[pk].timezone or tenant.timezone),
                standing=event.standing,
                findings=[] if delivery == Delivery.OFF else list(event.findings),
            )
        )
    return notices


def _posts(tenant: Tenant, kind: Kind, event: Event, by: Actor | None, now: datetime) -> list[Post]:
    channels = Channel.objects.filter(tenant=tenant, enabled=True, kinds__contains=[kind.key])
    return [new_post(channel, tenant, event, by, now) for channel in channels.only("pk")]


def _add_to_feed(tenant: Tenant, event: Event, by: Actor | None, now: datetime) -> None:
    row = PublishedEvent(
        id=event_id(tenant.pk, event.kind, stored_key(event.key)),
        tenant=tenant,
        kind=event.kind,
        payload=_payload(tenant, event, by, now),
        created_at=now,
        standing=event.standing,
    )
    PublishedEvent.objects.bulk_create([row], ignore_conflicts=True)


def new_post(channel: Channel, tenant: Tenant, event: Event, by: Actor | None, now: datetime) -> Post:
    """Return an unsaved post of the event to the channel."""
    return Post(
        tenant=tenant,
        channel=channel,
        kind=event.kind,
        key=stored_key(event.key),
        payload=_payload(tenant, event, by, now),
        created_at=now,
        due_at=now,
        standing=event.standing,
    )


def _payload(tenant: Tenant, event: Event, by: Actor | None, now: datetime) -> dict[str, Any]:
    return {
        "event": event.kind,
        "event_id": str(event_id(tenant.pk, event.kind, stored_key(event.key))),
        "key": event.key,
        "at": now.isoformat(),
        "tenant": {"id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name},
        "title": one_line(event.title_to_all or event.title)[:MAX_TITLE_CHARACTERS],
        "lines": list(map(one_line, event.lines)),
        "path": event.path_to_all or event.path,
        "by": describe(by) if by else "",
        "data": dict(event.data),
    }
