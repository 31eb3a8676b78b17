"""In a browser, an administrator archives a customer and restores it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import picture
from tests.portal.web.world import World

pytestmark = [pytest.mark.e2e]


def test_customer_is_archived_and_restored(world: World, signed_in: Callable[..., Page]) -> None:
    administrator, slug = world.people["organization_administrator"], world.home.slug
    page = signed_in(administrator)
    page.goto(reverse("leaving", args=[slug]))
    picture(page, "leaving")
    page.get_by_role("button", name="Request new export").click()
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    picture(page, "leaving-export")
    page.get_by_role("button", name="Cancel export").click()
    page.get_by_label("Reason").fill("The contract ended on 30 November")
    page.get_by_role("button", name="Archive customer").click()
    expect(page.get_by_text("Its service principals are deleted.")).to_be_visible()
    page.goto("/")
    page.get_by_text("1 archived customer, not included above").click()
    picture(page, "portfolio-archived")
    page.get_by_role("link", name=world.home.name).click()
    expect(page.get_by_text("The contract ended on 30 November")).to_be_visible()
    dark = signed_in(administrator, theme="dark", width=390)
    dark.goto(reverse("leaving", args=[slug]))
    picture(dark, "leaving-archived-dark-phone")
    page.goto(reverse("leaving", args=[slug]))
    picture(page, "leaving-archived")
    page.get_by_role("button", name="Restore customer").click()
    expect(page.get_by_text("Register a service principal to assess the customer again.")).to_be_visible()
