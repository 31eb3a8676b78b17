"""What pages read about notifications. All of them answer for the open scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from portal.notify.kinds import KINDS
from portal.notify.models import Channel, Notice, Post, Preference
from tenants.models import Person, Tenant

MAX_UNREAD_COUNTED: Final = 100


def notices(person: Person) -> QuerySet[Notice]:
    """What the person was told, newest first, with its tenant."""
    rows = Notice.objects.filter(person=person).select_related("tenant").defer("findings")
    return rows.order_by("-created_at", "-pk")


def unread(person: Person) -> int:
    """How many of them are not read, counted up to 100."""
    return Notice.objects.filter(person=person, read_at__isnull=True)[:MAX_UNREAD_COUNTED].count()


def deliveries(person: Person, tenants: Collection[Tenant]) -> dict[str, set[str]]:
    """Kind -> the deliveries that hold for the person in these tenants; more than one where they differ."""
    own: dict[tuple[UUID, str], str] = {
        (tenant_id, kind): delivery
        for tenant_id, kind, delivery in Preference.objects.filter(
            person=person, tenant__in=tenants
        ).values_list("tenant_id", "kind", "delivery")
    }
    held: dict[str, set[str]] = defaultdict(set)
    for tenant in tenants:
        for key, kind in KINDS.items():
            held[key].add(str(own.get((tenant.pk, key), kind.default)))
    return held


def channels(tenant: Tenant) -> QuerySet[Channel]:
    """The tenant's channels with how many posts wait and were given up, and when the last one was taken."""
    rows = Channel.objects.filter(tenant=tenant).defer("address", "secret")
    return rows.annotate(
        waiting=Count("posts", filter=Q(posts__state=Post.State.WAITING)),
        dead=Count("posts", filter=Q(posts__state=Post.State.DEAD)),
        last_delivered=Max("posts__delivered_at"),
    ).order_by("name", "pk")


def posts(channel: Channel) -> QuerySet[Post]:
    """What was posted to a channel, newest first."""
    return Post.objects.filter(channel=channel).order_by("-created_at", "-pk")


def dead_posts(tenant: Tenant) -> QuerySet[Post]:
    """What was given up, with its channel, newest first."""
    rows = Post.objects.filter(tenant=tenant, state=Post.State.DEAD).select_related("channel")
    return rows.defer("channel__address", "channel__secret").order_by("-created_at", "-pk")


def failed_mails(tenant: Tenant) -> QuerySet[Notice]:
    """Notices that could not be mailed, with their person, newest first."""
    rows = Notice.objects.filter(tenant=tenant, state=Notice.State.FAILED).select_related("person")
    return rows.defer("findings").order_by("-created_at", "-pk")
