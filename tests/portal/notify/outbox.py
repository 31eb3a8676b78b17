"""Publish events in tests, and read and change the notices and posts of these events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.notify.actions import channels
from portal.notify.kinds import KINDS
from portal.notify.models import Channel, Notice, Post
from portal.notify.publish import Event, publish
from tenants.models import Person, Tenant
from tests import factories
from tests.factories import BY


def add_channel(
    tenant: Tenant,
    url: str,
    *,
    kind: str = Channel.Kind.WEBHOOK,
    name: str = "Tickets",
    kinds: Collection[str] = tuple(KINDS),
) -> tuple[Channel, str]:
    """Add a channel, by default a webhook that gets all kinds of event; return it with its secret."""
    with factories.in_tenant(tenant):
        return channels.add_channel(tenant=tenant, by=BY, name=name, kind=kind, address=url, kinds=kinds)


def publish_event(
    tenant: Tenant, *people: Person, kind: str = "exception_decided", key: str = "1", **fields: Any
) -> int:
    """Publish an event in a transaction of its own; return the number of new notices and posts."""
    values = {"title": "Exception 12 was approved", "lines": ("It covers 3 findings.",), **fields}
    path = values.pop("path", f"/t/{tenant.slug}/exceptions/")
    with factories.in_tenant(tenant):
        return publish(
            tenant=tenant, event=Event(kind=kind, key=key, path=path, **values), subscribers=people, by=BY
        )


def only_notice(tenant: Tenant) -> Notice:
    with factories.in_tenant(tenant):
        return Notice.objects.get(tenant=tenant)


def only_post(tenant: Tenant) -> Post:
    with factories.in_tenant(tenant):
        return Post.objects.get(tenant=tenant)


def make_mail_due(tenant: Tenant) -> None:
    """Make all waiting notices due, as if the time of the digest or of the next attempt had come."""
    with factories.in_tenant(tenant):
        Notice.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


def make_posts_due(tenant: Tenant) -> None:
    """Make all waiting posts due, as if the time of the next attempt had come."""
    with factories.in_tenant(tenant):
        Post.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))
