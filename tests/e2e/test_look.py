"""Visible details of pages: dates and hashes on one line, contrast themes, printing, and the marked search result."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.treatment.models import Snapshot
from tests import factories
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


def test_contrast_themes_mark_the_current_page(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_engineer"], width=1280)
    page.emulate_media(forced_colors="active")
    page.goto(reverse("findings", args=[world.home.slug]))
    current = page.get_by_label("Views").get_by_role("link", name="All")
    expect(current).to_have_css("outline-style", "solid")
    expect(page.get_by_label("Views").get_by_role("link", name="Overdue")).to_have_css(
        "outline-style", "none"
    )


def test_printed_tables_are_complete(signed_in: Callable[..., Page], world: World) -> None:
    with factories.in_tenant(world.home):
        today = timezone.now().date()
        for days in (0, 1):
            Snapshot.objects.update_or_create(
                tenant=world.home, day=today - timedelta(days=days), defaults={"score": 50}
            )
    page = signed_in(world.people["organization_engineer"], width=1280)
    page.goto(reverse("tenant", args=[world.home.slug]))
    table = page.locator(".table-wrap.scroll").first
    expect(table).not_to_have_css("max-height", "none")
    page.emulate_media(media="print")
    expect(table).to_have_css("max-height", "none")


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
