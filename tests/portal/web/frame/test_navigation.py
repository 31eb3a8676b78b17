"""The entries of the navigation, and the addresses that are declared to belong to them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from portal.web.frame import navigation
from portal.web.frame.navigation import Area, Page
from tests.portal.web.world import SignIn, World

# Names of the URLs that belong to no entry of the navigation: parts of the frame, files, links from mails, and pages
# that interrupt the sign-in.
WITHOUT_ENTRY = {
    "palette",
    "home",
    "notices",
    "notice-read",
    "evidence-file",
    "theme",
    "report-link",
    "unsubscribe",
    "gallery",
    "invitation",
    "invitation-sso",
    "emergency",
    "first-start",
    "second-factor-required",
    "confirm-with-sso",
}
# Pages of allauth, which has its own URLconf.
OF_ALLAUTH = {
    navigation.EMAIL_ADDRESS,
    navigation.PASSWORD,
    navigation.SECOND_FACTOR,
    navigation.SINGLE_SIGN_ON,
}


def declared() -> dict[str, Page | None]:
    """Return {URL name: the entry of the navigation that its view declares, or None}."""
    from portal.web.urls import urlpatterns

    return {
        str(pattern.name): getattr(pattern.callback, navigation.PAGE_ATTRIBUTE, None)
        for pattern in urlpatterns
    }


def current(html: str) -> list[str]:
    """Return the labels of those entries of the rail that are marked as current."""
    rail = html[html.index('class="rail"') : html.index("rail-foot")]
    marked = re.findall(r'aria-current="page"[^>]*>(?:<svg.*?</svg>)?([^<]+)', rail, re.DOTALL)
    return [label.strip() for label in marked]


def test_each_address_is_under_an_entry_or_listed_as_without_one() -> None:
    assert {name for name, page in declared().items() if page is None} - WITHOUT_ENTRY == set()


def test_each_entry_leads_to_an_address_that_is_declared_under_it() -> None:
    under = declared()
    for page in navigation.PAGES:
        if page not in OF_ALLAUTH:
            assert under[page.url_name] == page, page.label
    assert get_resolver().reverse_dict


def test_keys_of_pages_are_unique() -> None:
    """People press g and then a letter to open an entry of the rail. Not every entry has a letter."""
    pages = [page for page in navigation.PAGES if page.key]
    assert {page.area for page in pages} == {Area.EVERYWHERE, Area.CUSTOMER}
    keys = [page.key for page in pages]
    assert all(re.fullmatch("[a-z]", key) for key in keys)
    assert sorted(keys) == sorted(set(keys)), "another entry has the same letter"
    assert not {"g", "x"} & set(keys), "g begins a shortcut, and x selects a row"


def test_entries_are_listed_once() -> None:
    names = [page.url_name for page in navigation.PAGES]
    assert len(names) == len(set(names))
    assert all(page.description for page in navigation.PAGES if page.area == Area.SETTINGS)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("tenant", "Overview"),
        ("changes", "Overview"),
        ("findings", "Findings"),
        ("exception-request", "Exceptions"),
        ("journal-verify", "Journal"),
        ("tenant-settings", "Settings"),
        ("service-principal-add", "Settings"),
        ("policy", "Settings"),
        ("owner-rule-add", "Settings"),
        ("dead-letters", "Settings"),
    ],
)
def test_the_rail_marks_the_entry_of_the_address(
    world: World, engineer: Client, name: str, label: str
) -> None:
    html = engineer.get(reverse(name, args=[world.home.slug])).content.decode()
    assert current(html) == [label]


@pytest.mark.parametrize(("name", "label"), [("portfolio", "Portfolio"), ("my", "My findings")])
def test_the_rail_marks_the_entry_of_a_general_address(
    world: World, engineer: Client, name: str, label: str
) -> None:
    assert current(engineer.get(reverse(name)).content.decode()) == [label]


def test_an_address_without_an_entry_marks_none(world: World, engineer: Client) -> None:
    assert current(engineer.get(reverse("notices")).content.decode()) == []


def test_the_people_of_a_customer_are_a_page_of_the_customer(world: World, sign_in: SignIn) -> None:
    """As on all pages of a customer, the rail links to the organization's settings, but does not list their pages."""
    client = sign_in(world.people["organization_administrator"])
    html = client.get(reverse("tenant-people", args=[world.home.slug])).content.decode()
    assert "Settings" in current(html)
    assert 'aria-label="Organization settings"' in html
    assert reverse("organization-retention", args=[world.organization.slug]) not in html


def test_the_settings_list_shows_what_the_person_may_open(world: World, sign_in: SignIn) -> None:
    """The settings page and the palette list the same entries."""
    shown = {
        "tenant_administrator": {"policy", "owner-rules", "parameters", "channels", "tenant-people"},
        "auditor": {"parameters"},
    }
    for role, names in shown.items():
        client = sign_in(world.people[role])
        page = client.get(reverse("tenant-settings", args=[world.home.slug])).content.decode()
        palette = client.get(reverse("palette"), {"tenant": world.home.slug}).content.decode()
        for name in ("policy", "owner-rules", "parameters", "channels", "tenant-people"):
            link = f'href="{reverse(name, args=[world.home.slug])}"'
            assert (link in page) is (name in names), (role, name)
            assert (link in palette) is (name in names), (role, name)


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("role", ["owner", "approver", "auditor", "organization_engineer"])
def test_rail_only_links_pages_the_person_may_open(world: World, sign_in: SignIn, role: str) -> None:
    client = sign_in(world.people[role])
    html = client.get(reverse("findings", args=[world.home.slug])).content.decode()
    rail = html[html.index('<nav class="rail"') : html.index("</nav>")]
    addresses = re.findall(r'class="nav" href="([^"]+)"', rail)
    assert len(addresses) >= 8
    assert {unescape(address): client.get(unescape(address)).status_code for address in addresses} == {
        unescape(address): 200 for address in addresses
    }
