"""What the tests of posts ask of a post, and of what arrived."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import timedelta

from django.utils import timezone

from portal.notify.models import Post
from tenants.models import Tenant
from tests import factories


def the_post(tenant: Tenant) -> Post:
    with factories.in_tenant(tenant):
        return Post.objects.get(tenant=tenant)


def come_due(tenant: Tenant) -> None:
    """As if the time until the next try had passed."""
    with factories.in_tenant(tenant):
        Post.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


def verified(secret: str, headers: dict[str, str], body: bytes, now: float | None = None) -> bool:
    """What a receiver does, as docs/webhooks.md shows it."""
    signed = headers["Surety-Timestamp"].encode() + b"." + body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs((now or time.time()) - int(headers["Surety-Timestamp"])) < 300
    return fresh and hmac.compare_digest(expected, headers["Surety-Signature"])
