"""Send a tenant's due mails, then its due posts, within a time limit."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

import structlog
from django.utils import timezone

from portal.notify.delivery.mails import send_mails
from portal.notify.delivery.posts import send_posts
from portal.notify.models import Notice, Post
from tenants.models import Tenant

log = structlog.get_logger(__name__)

# The time limit for one tenant, so that other tenants need not wait. The periodic task (“tick”) sends the remaining
# messages.
SECONDS: Final = 45.0


def send_due(*, tenant_id: UUID | str, seconds: float = SECONDS) -> tuple[int, int]:
    """Send due messages; return the numbers of delivered mails and posts. Opens the tenant's scope itself."""
    ends = time.monotonic() + seconds
    identifier = UUID(str(tenant_id))
    try:
        mails = send_mails(identifier, until=ends)
    finally:
        # An exception while rendering a mail stops the mails but not the posts.
        posts = send_posts(identifier, until=ends)
    if mails or posts:
        log.info("notifications sent", tenant=str(tenant_id), mails=mails, posts=posts)
    return mails, posts


def is_due(tenant: Tenant) -> bool:
    """Return whether a mail or post is due now. Needs the tenant's scope."""
    now = timezone.now()
    return (
        Notice.objects.filter(tenant=tenant, state=Notice.State.WAITING, due_at__lte=now).exists()
        or Post.objects.filter(
            tenant=tenant, state=Post.State.WAITING, due_at__lte=now, channel__enabled=True
        ).exists()
    )
