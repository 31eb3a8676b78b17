"""Addresses of findings and exceptions in the API, and requests that read an object and then change it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tenants.models import JournalEntry, Tenant
from tests import factories
from tests.portal.api.changes import post
from tests.portal.web.world import World


def customer_address(world: World, path: str, tenant: Tenant | None = None) -> str:
    own = world.of(world.home)
    place = tenant or world.home
    names = ("finding", "manual", "owned", "comment", "change", "resource")
    return f"/api/v1/customers/{place.slug}/" + path.format(**{name: own[name].pk for name in names})


def read_and_change(client: Client, path: str, body: Any = None) -> Any:
    """Read an object, then send the action at `path`, an address below that of the object."""
    etag = client.get(path.rpartition("/")[0]).headers["ETag"]
    return post(client, path, body, etag)


def actions_of(tenant: Tenant) -> list[str]:
    with factories.in_tenant(tenant):
        return list(JournalEntry.objects.order_by("-sequence").values_list("action", flat=True)[:3])
