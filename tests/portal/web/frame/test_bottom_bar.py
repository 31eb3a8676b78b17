"""The bar on phones: four entries of the navigation, and all other entries of the rail under “More”."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.portal.web.world import SignIn, World

CUSTOMER, GENERAL = "tenant", "portfolio"


def bar(world: World, sign_in: SignIn, role: str, page: str) -> tuple[list[str], list[str], set[str]]:
    """Return the labels of the four entries, the labels under “More”, and the rail's addresses that the bar lacks."""
    address = reverse(page, args=[world.home.slug] if page == CUSTOMER else [])
    html = sign_in(world.people[role]).get(address).content.decode()
    rail = html[html.index('<nav class="rail"') : html.index('<nav class="bottom"')]
    rest = html[html.index('<nav class="bottom"') :]
    shown = rest[: rest.index("</nav>")]
    places, more = shown[: shown.index("<details")], shown[shown.index("more-body") :]
    links = set(re.findall(r'class="nav" href="([^"]+)"', rail))
    return _labels(places), _labels(more), links - set(re.findall(r'href="([^"]+)"', shown))


def _labels(html: str) -> list[str]:
    return re.findall(r"</svg>\s*([A-Z][^<]+?)\s*(?:<|$)", html)


@pytest.mark.parametrize(
    ("role", "page", "expected"),
    [
        ("organization_engineer", CUSTOMER, ["Portfolio", "Findings", "Reports", "Exceptions"]),
        ("organization_engineer", GENERAL, ["Portfolio", "All findings", "My findings", "Controls"]),
        ("owner", CUSTOMER, ["Portfolio", "Findings", "Exceptions", "My findings"]),
        ("owner", GENERAL, ["Portfolio", "My findings", "Controls", "Verify"]),
    ],
)
def test_there_are_four_places_and_nothing_of_the_rail_is_missing(
    world: World, sign_in: SignIn, role: str, page: str, expected: list[str]
) -> None:
    places, more, missing = bar(world, sign_in, role, page)
    assert places == expected
    assert missing == set()
    assert not set(places) & set(more)


def test_more_is_marked_on_a_page_below_it(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["organization_engineer"])
    marked = 'class="place current"'
    assert marked in client.get(reverse("tenant-settings", args=[world.home.slug])).content.decode()
    assert marked not in client.get(reverse("reports", args=[world.home.slug])).content.decode()
