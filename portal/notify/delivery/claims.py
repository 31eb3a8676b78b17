"""Claim due rows, so that for five minutes no other worker sends them, and record the result."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from portal.notify.attempts import LEASE, WORKER_DIED
from portal.notify.kinds import DIGESTS
from portal.notify.models import Notice, Post
from tenants.locks import Lock, lock

MAX_NOTICES_PER_DIGEST: Final = 500
MAX_MAIL_ATTEMPTS: Final = 12
MAX_POST_ATTEMPTS: Final = 20


def claim_mail(tenant_id: UUID) -> list[Notice]:
    """Claim the notices of the next mail: one immediate notice, or the due notices of one person's digest."""
    lock(Lock.DELIVERIES, tenant_id)
    now = timezone.now()
    waiting = Notice.objects.filter(tenant_id=tenant_id, state=Notice.State.WAITING, due_at__lte=now)
    waiting.filter(attempts__gte=MAX_MAIL_ATTEMPTS).update(state=Notice.State.FAILED, error=WORKER_DIED)
    rows = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("person", "tenant")
    rows = rows.order_by("due_at", "pk")
    first = rows.first()
    if first is None:
        return []
    claimed = [first]
    if first.delivery in DIGESTS:
        claimed = list(rows.filter(person=first.person_id, delivery__in=DIGESTS)[:MAX_NOTICES_PER_DIGEST])
    Notice.objects.filter(pk__in=[row.pk for row in claimed]).update(
        attempts=F("attempts") + 1, due_at=now + LEASE
    )
    for row in claimed:
        row.attempts += 1
    return claimed


def claim_post(tenant_id: UUID, *, excluded_channels: Collection[UUID] = ()) -> Post | None:
    """Claim the next post to an enabled channel, and return the post with its channel. Return None if no post
    is due.
    """
    lock(Lock.DELIVERIES, tenant_id)
    now = timezone.now()
    waiting = Post.objects.filter(tenant_id=tenant_id, state=Post.State.WAITING, due_at__lte=now)
    waiting.filter(attempts__gte=MAX_POST_ATTEMPTS).update(state=Post.State.DEAD, error=WORKER_DIED)
    rows = waiting.filter(channel__enabled=True).exclude(channel__in=list(excluded_channels))
    post = (
        rows.select_for_update(skip_locked=True, of=("self",))
        .select_related("channel", "tenant")
        .order_by("due_at", "pk")
        .first()
    )
    if post is None:
        return None
    Post.objects.filter(pk=post.pk).update(attempts=F("attempts") + 1, due_at=now + LEASE)
    post.attempts += 1
    return post


def record_mail(notices: Iterable[Notice], **fields: object) -> int:
    """Write `fields` to the notices whose claim this worker still holds; return the number of these notices."""
    by_attempt: dict[int, list[UUID]] = {}
    for notice in notices:
        by_attempt.setdefault(notice.attempts, []).append(notice.pk)
    return sum(
        Notice.objects.filter(pk__in=pks, attempts=attempt, state=Notice.State.WAITING).update(**fields)
        for attempt, pks in by_attempt.items()
    )


def record_post(post: Post, **fields: object) -> bool:
    """Write `fields` to the post if this worker still holds its claim; return whether they were written."""
    claimed = Post.objects.filter(pk=post.pk, attempts=post.attempts, state=Post.State.WAITING)
    return claimed.update(**fields) == 1
