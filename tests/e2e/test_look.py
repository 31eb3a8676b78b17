"""Details of the look that a person notices: dates on one line, the result that Enter opens, hashes on one line."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


def test_times_and_hashes_stay_on_one_line(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_administrator"], width=1280)
    page.goto(reverse("portfolio"))
    expect(page.locator("#main time").first).to_have_css("white-space", "nowrap")
    page.goto(reverse("reports", args=[world.home.slug]))
    hashed = page.locator("#main .hash").first
    expect(hashed).to_have_attribute("title", re.compile("^[0-9a-f]{64}$"))
    box = hashed.bounding_box()
    assert box is not None
    assert box["height"] < 24


def test_dates_with_names_of_months_stay_in_their_card(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_administrator"], width=1280)
    page.goto(reverse("tenant", args=[world.home.slug]))
    expect(page.locator(".fix-due time").first).to_have_css("white-space", "normal")


def test_the_palette_marks_the_result_that_enter_opens(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("tenant", args=[world.home.slug]))
    page.mouse.move(1, 1)
    page.keyboard.press("Control+k")
    results = page.locator("#palette .menu-item")
    expect(results.first).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(results.nth(1)).to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_the_menu_of_the_person_opens_the_keyboard_shortcuts(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_engineer"], width=1280)
    page.goto(reverse("portfolio"))
    page.locator("summary", has_text="Your account and theme").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
