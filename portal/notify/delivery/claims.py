"""Claiming rows that are due: for five minutes they are one worker's."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from portal.notify.kinds import DIGESTS
from portal.notify.models import Notice, Post
from tenants.locks import Lock, lock

# Longer than any sending takes: the mail server's twenty seconds a step, a receiver's fifteen in all.
LEASE: Final = timedelta(minutes=5)
MAX_NOTICES_PER_DIGEST: Final = 500
MAIL_TRIES: Final = 12
POST_TRIES: Final = 12
WORKER_DIED: Final = "Given up: each time the worker that sent it died. See the worker's log."


def claim_mail(tenant_id: UUID) -> list[Notice]:
    """The notices of the next mail: one that is to go at once, or all due ones of one person's digest."""
    lock(Lock.DELIVERIES, tenant_id)
    now = timezone.now()
    waiting = Notice.objects.filter(tenant_id=tenant_id, state=Notice.State.WAITING, due_at__lte=now)
    waiting.filter(attempts__gte=MAIL_TRIES).update(state=Notice.State.FAILED, error=WORKER_DIED)
    rows = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("person", "tenant")
    rows = rows.order_by("due_at", "pk")
    first = rows.first()
    if first is None:
        return []
    found = [first]
    if first.delivery in DIGESTS:
        found = list(rows.filter(person=first.person_id, delivery__in=DIGESTS)[:MAX_NOTICES_PER_DIGEST])
    Notice.objects.filter(pk__in=[row.pk for row in found]).update(
        attempts=F("attempts") + 1, due_at=now + LEASE
    )
    for row in found:
        row.attempts += 1
    return found


def claim_post(tenant_id: UUID, *, not_to: Collection[UUID] = ()) -> Post | None:
    """The next post of a channel that is switched on, its channel with it."""
    lock(Lock.DELIVERIES, tenant_id)
    now = timezone.now()
    waiting = Post.objects.filter(tenant_id=tenant_id, state=Post.State.WAITING, due_at__lte=now)
    waiting.filter(attempts__gte=POST_TRIES).update(state=Post.State.DEAD, error=WORKER_DIED)
    rows = waiting.filter(channel__enabled=True).exclude(channel__in=list(not_to))
    found = (
        rows.select_for_update(skip_locked=True, of=("self",))
        .select_related("channel", "tenant")
        .order_by("due_at", "pk")
        .first()
    )
    if found is None:
        return None
    Post.objects.filter(pk=found.pk).update(attempts=F("attempts") + 1, due_at=now + LEASE)
    found.attempts += 1
    return found


def record_mail(notices: Iterable[Notice], **fields: object) -> int:
    """Write what became of them, each only while it is still this worker's. How many were."""
    by_attempt: dict[int, list[UUID]] = {}
    for notice in notices:
        by_attempt.setdefault(notice.attempts, []).append(notice.pk)
    return sum(
        Notice.objects.filter(pk__in=pks, attempts=attempt, state=Notice.State.WAITING).update(**fields)
        for attempt, pks in by_attempt.items()
    )


def record_post(post: Post, **fields: object) -> bool:
    """Write what became of it, only while it is still this worker's."""
    mine = Post.objects.filter(pk=post.pk, attempts=post.attempts, state=Post.State.WAITING)
    return mine.update(**fields) == 1


def retry_time(attempts: int, *, first: float, most: float, least: float = 0) -> datetime:
    """When to try again: twice as long after each try, a fifth more or less so that not all come at once."""
    seconds = min(first * 2 ** (attempts - 1), most) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
    return timezone.now() + timedelta(seconds=max(seconds, least))
