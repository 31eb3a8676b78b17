"""Settings of a customer and pages of an organization. Beside each page is a list of the others, in groups."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from portal.web.frame import navigation, settings_groups
from portal.web.frame.navigation import PAGES, Area
from portal.web.frame.settings_groups import Groups
from tests.portal.web.world import SignIn, World


def listed(html: str) -> dict[str, list[str]]:
    """Return {title of a group: labels of its entries} from the list of settings beside the page."""
    return _groups(html.split('<nav aria-label="Settings">')[1].split("</nav>", maxsplit=1)[0])


def of_rail(html: str) -> dict[str, list[str]]:
    return _groups(html.split('<nav class="rail"')[1].split("</nav>", maxsplit=1)[0])


def _groups(html: str) -> dict[str, list[str]]:
    found = {}
    for part in html.split('<div class="group-title"')[1:]:
        key, title = re.findall(r'id="([^"]+)">\s*([^<]+?)\s*</div>', part)[0]
        assert f'<ul aria-labelledby="{key}">' in part
        entries = part.split("</ul>")[0].split("<a")[1:]
        found[title] = [" ".join(re.sub("<[^>]*>", " ", entry.split(">", 1)[1]).split()) for entry in entries]
    return found


@pytest.mark.parametrize(
    ("groups", "area", "more"),
    [
        (settings_groups.OF_CUSTOMER, Area.SETTINGS, {navigation.SETTINGS}),
        (settings_groups.OF_ORGANIZATION, Area.ORGANIZATION, set()),
    ],
)
def test_each_page_is_in_one_group(groups: Groups, area: Area, more: set[navigation.Page]) -> None:
    pages = [page for _, found in groups for page in found]
    assert len(pages) == len(set(pages))
    assert set(pages) == {page for page in PAGES if page.area == area} | more
    titles = [title for title, _ in groups]
    assert len(titles) == len(set(titles))
    assert all(2 <= len(found) <= 6 for _, found in groups)


@pytest.mark.slow(seconds=1)
def test_pages_of_settings_list_each_other_and_mark_themselves(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["organization_administrator"])
    for name, label, group in (
        ("tenant-settings", "Connection", "Access to Azure"),
        ("owner-rules", "Owner rules", "Findings and changes"),
        ("dead-letters", "Channels", "Notifications and reports"),
    ):
        html = client.get(reverse(name, args=[world.home.slug])).content.decode()
        groups = listed(html)
        assert list(groups) == [title for title, _ in settings_groups.OF_CUSTOMER]
        assert sum(map(len, groups.values())) == 15
        nav = html.split('<nav aria-label="Settings">')[1].split("</nav>")[0]
        assert re.findall(r'aria-current="page"\s*>\s*([^<]+?)\s*<', nav) == [label]
        assert label in groups[group]
        # On phones, a button names the page and its group, and opens the list.
        button = html.split('<details class="page-groups">')[1].split("</summary>")[0]
        assert re.sub(r"\s+", " ", re.sub("<[^>]*>", "", button)).strip() == f"{group}: {label}"
    html = client.get(reverse("reports", args=[world.home.slug])).content.decode()
    assert 'aria-label="Settings"' not in html


def test_only_pages_that_a_person_may_open_are_listed(world: World, sign_in: SignIn) -> None:
    html = sign_in(world.people["organization_engineer"]).get(reverse("watch", args=[world.home.slug]))
    groups = listed(html.content.decode())
    assert groups["Assessment"] == ["Schedule", "Watch", "Profile of controls", "Control parameters"]
    # An engineer may neither administer people nor erase a customer.
    assert {"People", "Leaving"}.isdisjoint(groups.get("Customer", []))
    assert [] not in groups.values()


def test_settings_of_an_organization_are_grouped_in_the_sidebar_and_under_more(
    world: World, sign_in: SignIn
) -> None:
    client = sign_in(world.people["organization_administrator"])
    html = client.get(reverse("organization-roles", args=[world.organization.slug])).content.decode()
    groups = of_rail(html)
    assert list(groups) == [title for title, _ in settings_groups.OF_ORGANIZATION]
    assert "Roles" in groups["People and access"]
    more = html.split('class="more-body"')[1].split("</nav>")[0]
    assert re.findall(r'class="menu-head">([^<]+)<', more)[: len(groups)] == list(groups)
    elsewhere = client.get(reverse("portfolio")).content.decode()
    assert of_rail(elsewhere) == {}
