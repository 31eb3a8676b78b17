"""Pages say which words of a long search were ignored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import Person
from tests.portal.web.world import World

MANY = " ".join(f"word{number}" for number in range(10, 25))


@pytest.mark.parametrize("page", ["findings", "attestations"])
@pytest.mark.parametrize(
    ("q", "said"), [(MANY, "Words that were ignored: 3"), ("http", ""), ("a " * 100, "")]
)
def test_ignored_words_are_counted(
    world: World, sign_in: Callable[[Person], Client], page: str, q: str, said: str
) -> None:
    client = sign_in(world.people["organization_engineer"])
    text = client.get(reverse(page, args=[world.home.slug]), {"q": q}).content.decode()
    assert ("were ignored" in text) == bool(said)
    assert said in text
