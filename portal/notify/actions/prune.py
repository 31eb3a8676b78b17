"""Forgetting what was told long ago, in batches, without anything being told twice.

An event is told once because of the row that it leaves (`Notice`, `Post`: unique by its key). Most events do not
come twice by themselves: a batch, a comment or an assessment is one thing at one time, and what is derived again
and again (overdue, ending, lapsed) notes in its own table that it was told. What only its key keeps back is said
to be `standing` where it is told, and leaves a row of `DedupKey` behind: the key, without the words.

What still waits to be sent is never forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.notify.models import DedupKey, Notice, Post
from tenants.locks import Lock, lock
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

BATCH: Final = 1000
# A day's run; the next day's goes on.
MAX_ROWS: Final = 100_000


@dataclass(slots=True)
class Pruned:
    """How many rows are gone."""

    notices: int = 0
    posts: int = 0


def old_notices(now: datetime) -> Q:
    """Mailed or not to be mailed, read or not; and those whose mail was refused, after longer."""
    done = Q(state__in=[Notice.State.SENT, Notice.State.KEPT], created_at__lt=_days(now, "NOTICE"))
    return done | Q(state=Notice.State.FAILED, created_at__lt=_days(now, "DEAD_LETTER"))


def old_posts(now: datetime) -> Q:
    """Delivered, or dropped by a person; and those that were given up, after longer."""
    before = _days(now, "POST")
    done = Q(state=Post.State.DELIVERED, delivered_at__lt=before) | Q(
        state=Post.State.DROPPED, created_at__lt=before
    )
    return done | Q(state=Post.State.DEAD, created_at__lt=_days(now, "DEAD_LETTER"))


def prune(*, tenant_id: UUID | str, now: datetime | None = None) -> Pruned:
    """Forget a tenant's old notices and posts. Opens the scope for each batch by itself, so that no lock lasts.

    What is not done in one run (it dies, or there is more than `MOST`) the next one does.
    """
    now = now or timezone.now()
    done = Pruned(
        notices=_in_batches(tenant_id, lambda: Notice.objects.filter(old_notices(now)), "person_id"),
        posts=_in_batches(tenant_id, lambda: Post.objects.filter(old_posts(now)), "channel_id"),
    )
    if done.notices or done.posts:
        log.info("old notices pruned", tenant=str(tenant_id), notices=done.notices, posts=done.posts)
    return done


def _in_batches(tenant_id: UUID | str, old: Callable[[], QuerySet[Any]], whom: str) -> int:
    with tenant_scope(tenant_id):
        pks = list(old().order_by("pk").values_list("pk", flat=True)[:MAX_ROWS])
    gone = 0
    for first in range(0, len(pks), BATCH):
        with tenant_scope(tenant_id) as scope:
            (only,) = scope.tenant_ids
            lock(Lock.DEDUP_KEYS, only)
            # Asked once more by the deletion itself: one that a person retries meanwhile stays.
            rows = old().filter(pk__in=pks[first : first + BATCH]).order_by("pk")
            # Locked: what ends between these two must not go without its key.
            rows = old().filter(pk__in=list(rows.select_for_update().values_list("pk", flat=True)))
            _keep_dedup_keys(only, rows.filter(standing=True), whom)
            gone += rows.delete()[0]
    return gone


def _keep_dedup_keys(tenant_id: UUID, standing: QuerySet[Any], whom: str) -> None:
    keys = standing.values_list("kind", "key", whom)
    DedupKey.objects.bulk_create(
        [DedupKey(tenant_id=tenant_id, kind=kind, key=key, **{whom: pk}) for kind, key, pk in keys],
        ignore_conflicts=True,
    )


def _days(now: datetime, name: str) -> datetime:
    days: int = getattr(settings, f"SURETY_{name}_DAYS")
    return now - timedelta(days=days)
