"""A search of more words than are looked for says so, and shows what the words that count find."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import Person
from tests.portal.web.world import World

MANY = " ".join(f"word{number}" for number in range(10, 25))


@pytest.mark.parametrize("page", ["findings", "attestations"])
@pytest.mark.parametrize(("q", "said"), [(MANY, "3 more were left out"), ("http", ""), ("a " * 100, "")])
def test_words_that_are_left_out_are_said(
    world: World, sign_in: Callable[[Person], Client], page: str, q: str, said: str
) -> None:
    client = sign_in(world.people["organization_engineer"])
    text = client.get(reverse(page, args=[world.home.slug]), {"q": q}).content.decode()
    assert ("left out" in text) == bool(said)
    assert said in text
