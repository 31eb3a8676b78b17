"""Delete old notices, posts, events and expired signing secrets in batches. Deletion never causes an event to be sent
again.

A person cannot have two notices with the same event key, and a channel cannot have two posts with the same event key.
So stored notices and posts prevent their event from being sent twice. Most publishers publish an event once, or
remember what they published. Other publishers publish an event again and again as long as its cause exists, and mark
the event as `standing`. When a notice or post of a standing event is deleted, the event's key is kept in `DedupKey`.

Rows that wait to be sent are never deleted.
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

from portal.notify.actions.channels import delete_ended_secrets
from portal.notify.event_positions import assign_positions
from portal.notify.feed import DELETED_AFTER
from portal.notify.models import DedupKey, Notice, Post, PublishedEvent
from tenants.locks import Lock, lock
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

BATCH: Final = 1000
# The maximum number of rows that one run deletes; the next day's run continues.
MAX_ROWS: Final = 100_000


@dataclass(slots=True)
class Pruned:
    """The numbers of deleted rows. `events` also counts standing events of which only the content was deleted."""

    notices: int = 0
    posts: int = 0
    events: int = 0


def old_notices(now: datetime, days: int) -> Q:
    """Return the filter for notices older than `days`. Failed mails stay at least SURETY_DEAD_LETTER_DAYS."""
    before = now - timedelta(days=days)
    failed_before = now - timedelta(days=max(days, settings.SURETY_DEAD_LETTER_DAYS))
    done = Q(state__in=[Notice.State.SENT, Notice.State.KEPT], created_at__lt=before)
    return done | Q(state=Notice.State.FAILED, created_at__lt=failed_before)


def old_posts(now: datetime) -> Q:
    """Return the filter for posts whose retention period has ended. Failed posts have another period."""
    before = now - timedelta(days=settings.SURETY_POST_DAYS)
    failed_before = now - timedelta(days=settings.SURETY_DEAD_LETTER_DAYS)
    done = Q(state=Post.State.DELIVERED, delivered_at__lt=before) | Q(
        state=Post.State.DROPPED, created_at__lt=before
    )
    return done | Q(state=Post.State.DEAD, created_at__lt=failed_before)


def prune(
    *,
    tenant_id: UUID | str,
    now: datetime | None = None,
    notice_days: int | None = None,
    keep_notices: bool = False,
) -> Pruned:
    """Delete a tenant's old notices, posts and events, and expired secrets of its channels.

    `notice_days` is SURETY_NOTICE_DAYS by default. If `keep_notices` is set, no notices are deleted. Each batch has its
    own scope and transaction. If a run is interrupted or reaches MAX_ROWS, the next run continues.
    """
    now, days = now or timezone.now(), notice_days or settings.SURETY_NOTICE_DAYS
    done = Pruned(
        notices=0
        if keep_notices
        else _delete_in_batches(
            tenant_id, lambda: Notice.objects.filter(old_notices(now, days)), "person_id"
        ),
        posts=_delete_in_batches(tenant_id, lambda: Post.objects.filter(old_posts(now)), "channel_id"),
    )
    with tenant_scope(tenant_id) as scope:
        (scoped_id,) = scope.tenant_ids
        delete_ended_secrets(scoped_id, now)
    done.events = _delete_events(tenant_id, now)
    if done.notices or done.posts or done.events:
        log.info(
            "old notices pruned",
            tenant=str(tenant_id), notices=done.notices, posts=done.posts, events=done.events,
        )  # fmt: skip
    return done


def _delete_in_batches(tenant_id: UUID | str, old_rows: Callable[[], QuerySet[Any]], recipient: str) -> int:
    with tenant_scope(tenant_id):
        pks = list(old_rows().order_by("pk").values_list("pk", flat=True)[:MAX_ROWS])
    deleted = 0
    for first in range(0, len(pks), BATCH):
        with tenant_scope(tenant_id) as scope:
            (scoped_id,) = scope.tenant_ids
            lock(Lock.DEDUP_KEYS, scoped_id)
            # Filter again, because a person may have retried a row since its id was read.
            rows = old_rows().filter(pk__in=pks[first : first + BATCH]).order_by("pk")
            # Lock the rows, so that the two statements below see the same rows and no key is lost.
            rows = old_rows().filter(pk__in=list(rows.select_for_update().values_list("pk", flat=True)))
            _keep_dedup_keys(scoped_id, rows.filter(standing=True), recipient)
            deleted += rows.delete()[0]
    return deleted


def _delete_events(tenant_id: UUID | str, now: datetime) -> int:
    """Delete the events of the feed that are older than every valid cursor. If an event is standing, keep its row and
    delete only the content.
    """
    with tenant_scope(tenant_id):
        # Events normally get their positions when a program reads the feed. Assign the positions here too: if nobody
        # reads the feed, its events would otherwise never be deleted.
        assign_positions()
    deleted = 0
    while deleted < MAX_ROWS:
        with tenant_scope(tenant_id):
            old = PublishedEvent.objects.filter(positioned_at__lt=now - DELETED_AFTER, payload__isnull=False)
            pks = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
            rows = PublishedEvent.objects.filter(pk__in=pks)
            rows.filter(standing=True).update(payload=None)
            rows.filter(standing=False).delete()
            deleted += len(pks)
        if len(pks) < BATCH:
            break
    return deleted


def _keep_dedup_keys(tenant_id: UUID, standing: QuerySet[Any], recipient: str) -> None:
    keys = standing.values_list("kind", "key", recipient)
    DedupKey.objects.bulk_create(
        [DedupKey(tenant_id=tenant_id, kind=kind, key=key, **{recipient: pk}) for kind, key, pk in keys],
        ignore_conflicts=True,
    )
