"""The page Changes: filter, open and review a change with the keyboard; on a phone, nothing scrolls sideways."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.changes.models import ResourceChange
from tests import factories
from tests.e2e.conftest import picture
from tests.e2e.pages import HARD_TO_PRESS, PHONE
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


def test_a_change_is_filtered_opened_and_reviewed_with_the_keyboard(
    signed_in: Callable[..., Page], world: World
) -> None:
    change = world.of(world.home)["change"]
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("resource-changes", args=[world.home.slug]))
    filters = page.get_by_label("Filters")
    filters.get_by_role("link", name=re.compile("Waiting for review")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**state=waiting**")
    row = page.locator("#main tbody tr", has_text=change.name)
    expect(row).to_contain_text("Waiting for review")
    page.keyboard.press("j")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{change.pk}/")
    expect(page.get_by_role("cell", name="yes").first).to_be_visible()
    page.get_by_label("Expected", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("Reason").focus()
    page.keyboard.type("Migration of the web shop")
    page.keyboard.press("Tab")
    page.keyboard.type("CHG-7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Change reviewed as expected.")).to_be_visible()
    expect(page.get_by_text("Migration of the web shop").first).to_be_visible()
    with factories.in_tenant(world.home):
        stored = ResourceChange.objects.get(pk=change.pk)
    assert (stored.state, stored.reason, stored.ticket) == ("expected", "Migration of the web shop", "CHG-7")
    page.goto(reverse("resource-changes", args=[world.home.slug]) + "?state=waiting")
    expect(page.get_by_text("No changes match")).to_be_visible()


def test_several_changes_are_selected_and_reviewed(signed_in: Callable[..., Page], world: World) -> None:
    change = world.of(world.home)["change"]
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("resource-changes", args=[world.home.slug]))
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_label(re.compile(f"Select the change of {change.name}"))).to_be_checked()
    page.get_by_role("button", name="Review selected").click()
    expect(page.get_by_text("One decision for 1 change.")).to_be_visible()
    page.get_by_label(re.compile("Unexpected")).check()
    page.get_by_role("button", name="Save review").click()
    expect(page.get_by_text("Enter a reason.")).to_be_visible()
    page.get_by_label("Reason").fill("Nobody knows why")
    page.get_by_role("button", name="Save review").click()
    expect(page.get_by_text("Change reviewed as unexpected.")).to_be_visible()
    page.goto(reverse("my"))
    expect(page.get_by_role("region", name="Unexpected changes")).to_contain_text(change.name)
    picture(page, "my-unexpected-changes")


def test_on_a_phone_nothing_scrolls_sideways(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_engineer"], width=PHONE, height=844)
    slug, change = world.home.slug, world.of(world.home)["change"]
    addresses = {
        "changes": reverse("resource-changes", args=[slug]),
        "change": reverse("resource-change", args=[slug, change.pk]),
        "review": reverse("resource-changes-review", args=[slug]) + f"?change={change.pk}",
        "watch-rules": reverse("watch-rules", args=[slug]),
        "watch-rule": reverse("watch-rule-add", args=[slug]),
        "planned": reverse("planned-changes", args=[slug]),
    }
    for name, address in addresses.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE, name
        assert page.evaluate(HARD_TO_PRESS) == [], name
    page.goto(addresses["changes"])
    page.locator("summary", has_text="Filters").click()
    page.get_by_role("link", name=re.compile("Network exposure")).first.click()
    page.wait_for_url("**rule=Network**")
    expect(page.locator("#main tbody tr", has_text=change.name)).to_be_visible()


def test_a_row_of_the_list_is_three_lines_high(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_engineer"], width=1280)
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=world.of(world.home)["change"].pk).update(
            candidates=[], actors=[], type="microsoft.network/networksecuritygroups"
        )
    page.goto(reverse("resource-changes", args=[world.home.slug]))
    row = page.locator("#main tbody tr").first
    expect(row).to_contain_text("Actor unknown")
    box = row.bounding_box()
    assert box is not None
    assert box["height"] < 92
