"""How many objects a list has, on its page and in the API."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.contrib.auth import get_user
from django.test import Client

from tenants.models import Person, Tenant
from tenants.scope import person_scope
from tests.portal.api.addresses import items
from tests.portal.api.conftest import client_with, token_for

_MATCHES = re.compile(r"(\d+) of \d+ match")
_tokens: dict[UUID, str] = {}


def listed(client: Client, url: str) -> int:
    """Return the number of matching findings that the list at this address states. The API must list as many."""
    found = _MATCHES.search(" ".join(client.get(url).content.decode().split()))
    assert found, url
    path, _, query = url.partition("?")
    assert in_api(client, path.split("/")[2], f"findings?{query}") == int(found[1]), url
    return int(found[1])


def in_api(client: Client, slug: str, path: str) -> int:
    """Return how many objects the API lists at this path of the customer, for the person of the client."""
    found = get_user(client)
    assert isinstance(found, Person)
    if found.pk not in _tokens:
        with person_scope(found):
            organization = Tenant.objects.select_related("organization").get(slug=slug).organization
        _tokens[found.pk] = token_for(found, organization)
    return len(items(client_with(_tokens[found.pk]), f"/api/v1/customers/{slug}/{path}&limit=500"))


@pytest.fixture(autouse=True)
def tokens() -> None:
    """Forget the tokens of earlier tests."""
    _tokens.clear()
