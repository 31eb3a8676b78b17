"""Queries on notifications for pages, limited to the tenants of the open scope."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final, Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from portal.notify.kinds import KINDS
from portal.notify.models import Channel, Notice, Post, Preference
from tenants import scope
from tenants.models import Person, Tenant
from tenants.values.stale_values import Part

MAX_UNREAD_COUNTED: Final = 100


def notices(person: Person) -> QuerySet[Notice]:
    """Return the person's notices with their tenants, newest first."""
    rows = Notice.objects.filter(person=person).select_related("tenant").defer("findings")
    return rows.order_by("-created_at", "-pk")


def unread(person: Person) -> int:
    """Count the person's unread notices, up to 100."""
    current = scope.current()
    if current.key is None or not current.tenant_ids:
        return _unread(person.pk).count()
    sql, parameters = _unread_query(person.pk, current.key)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) unread", parameters)  # noqa: S608 - SQL of the code only
        return int(cursor.fetchone()[0])


def _unread(person: UUID) -> QuerySet[Notice, Any]:
    rows = Notice.objects.filter(person=person, read_at__isnull=True).order_by().values("pk")
    return rows[:MAX_UNREAD_COUNTED]


@lru_cache(maxsize=512)
def _unread_query(person: UUID, _of_scope: tuple[object, ...]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL that selects the person's unread notices in the open scope. The SQL is cached, because building it
    takes longer than running it.
    """
    sql, parameters = _unread(person).query.sql_with_params()
    return sql, tuple(parameters)


def deliveries(person: Person, tenants: Collection[Tenant]) -> dict[str, set[str]]:
    """Return {kind of event: the values of `Delivery`, such as `off`, that apply to the person in these tenants}.

    If the person has chosen nothing for a kind in a tenant, the kind's default applies. A set has several values if
    the person's delivery differs between the tenants.
    """
    chosen: dict[tuple[UUID, str], str] = {
        (tenant_id, kind): delivery
        for tenant_id, kind, delivery in Preference.objects.filter(
            person=person, tenant__in=tenants
        ).values_list("tenant_id", "kind", "delivery")
    }
    by_kind: dict[str, set[str]] = defaultdict(set)
    for tenant in tenants:
        for key, kind in KINDS.items():
            by_kind[key].add(str(chosen.get((tenant.pk, key), kind.default)))
    return by_kind


def address_digest(sealed: Any) -> str:
    """Return a shortened hash of a channel's encrypted URL. The hash does not reveal the URL, and changes whenever the
    URL is saved.
    """
    return hashlib.sha256(bytes(sealed)).hexdigest()[:16]


class StoredChannel(Protocol):
    """A channel of a customer or of a baseline."""

    name: Any
    host: Any
    kinds: Any
    address: Any


def channel_part(channel: StoredChannel) -> Part:
    """Return the values that the form of a channel shows. Actions compare them with the stored values to detect changes
    by others.
    """
    return {
        "name": channel.name,
        "host": channel.host,
        "kinds": sorted(channel.kinds),
        "address": address_digest(channel.address),
    }


def channels(tenant: Tenant) -> QuerySet[Channel]:
    """Return the channels with the numbers of waiting and failed posts, and the time of the last delivery."""
    rows = Channel.objects.filter(tenant=tenant).defer("address", "secret", "previous_secret")
    return rows.annotate(
        waiting=Count("posts", filter=Q(posts__state=Post.State.WAITING)),
        dead=Count("posts", filter=Q(posts__state=Post.State.DEAD)),
        last_delivered=Max("posts__delivered_at"),
    ).order_by("name", "pk")


def posts(channel: Channel) -> QuerySet[Post]:
    """Return the channel's posts, newest first."""
    return Post.objects.filter(channel=channel).order_by("-created_at", "-pk")


def dead_posts(tenant: Tenant) -> QuerySet[Post]:
    """Return failed posts with their channels, newest first."""
    rows = Post.objects.filter(tenant=tenant, state=Post.State.DEAD).select_related("channel")
    return rows.defer("channel__address", "channel__secret", "channel__previous_secret").order_by(
        "-created_at", "-pk"
    )


def failed_mails(tenant: Tenant) -> QuerySet[Notice]:
    """Return notices whose mail failed, with their people, newest first."""
    rows = Notice.objects.filter(tenant=tenant, state=Notice.State.FAILED).select_related("person")
    return rows.defer("findings").order_by("-created_at", "-pk")
