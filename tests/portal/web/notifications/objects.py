"""Channels, a failed post and a failed mail for the tests of pages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from portal.notify.actions.channels import add_channel
from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Notice, Post
from tenants.models import Person, Tenant


def make_notifications(tenant: Tenant, by: Person) -> dict[str, Any]:
    """Make the objects in the tenant's scope; return them as channel, old_channel, post and mail."""
    made = [
        add_channel(
            tenant=tenant,
            by=by,
            name=f"{name} of {tenant.slug}",
            kind="webhook",
            address=f"https://hooks.example.com/{name}",
            kinds=list(KINDS),
        )[0]
        for name in ("tickets", "old")
    ]
    now = timezone.now()
    path = f"/t/{tenant.slug}/"
    title = f"Exception 1 of {tenant.slug} was approved"
    post = Post.objects.create(
        tenant=tenant,
        channel=made[0],
        kind="exception_decided",
        key="world",
        payload={
            "event": "exception_decided",
            "title": title,
            "lines": [],
            "path": path,
            "tenant": {"name": tenant.name},
        },
        created_at=now,
        due_at=now,
        attempts=12,
        state=Post.State.DEAD,
        error="The receiver answered 503.",
    )
    mail = Notice.objects.create(
        tenant=tenant,
        person=by,
        kind="exception_decided",
        key="world",
        title=title,
        path=path,
        created_at=now,
        due_at=now,
        delivery=Delivery.IMMEDIATE,
        state=Notice.State.FAILED,
        error="The mail server refused the address: 550 no such user",
    )
    return {"channel": made[0], "old_channel": made[1], "post": post, "mail": mail}
