"""The policy page in a browser: preview while typing, saving, and concurrent edits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import Finding
from tenants import journal
from tenants.models import Tenant
from tests import factories
from tests.e2e.conftest import Open, picture, sign_in
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e

type SignedIn = Callable[..., Page]


@pytest.fixture
def late(world: World) -> int:
    """Let the high-severity findings have failed for ten days. Return their number."""
    since = timezone.now() - timedelta(days=10)
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(tenant=world.home, state="open", severity="high")
        return rows.update(failing_since=since)


def row(page: Page, severity: str) -> str:
    return page.locator("#preview tr").filter(has_text=severity).inner_text()


def previewed(page: Page) -> None:
    """Leave the field and wait for the preview. If a test left the page before the preview is loaded, the browser would
    log an error.
    """
    page.keyboard.press("Tab")
    page.wait_for_load_state("networkidle")


@pytest.mark.slow(seconds=1)
def test_a_stricter_policy_is_previewed_and_saved(world: World, signed_in: SignedIn, late: int) -> None:
    assert late > 0
    page = signed_in(world.people["tenant_administrator"])
    page.goto(reverse("tenant-settings", args=[world.home.slug]))
    picture(page, "settings-policy")
    page.get_by_role("link", name="Policy", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Policy")
    expect(page.get_by_role("link", name="Settings", exact=True).first).to_have_attribute(
        "aria-current", "page"
    )
    assert re.search(rf"{late}\s+0\s+0$", row(page, "High"))
    high = page.get_by_label("High")
    high.press("Control+a")
    high.press_sequentially("5")
    expect(page.locator("#preview")).to_contain_text(f"{late} more")
    expect(page.locator("#preview")).to_contain_text(
        "Owners of findings that become overdue are notified once."
    )
    cap = page.get_by_label("Maximum length of exceptions")
    cap.fill("30")
    expect(page.locator("#preview")).to_contain_text("No exception in force is longer than 30 days.")
    expect(page.locator("#preview")).to_contain_text("choose an earlier end date")
    page.get_by_label("Time zone").fill("Europe/Lisbon")
    previewed(page)
    picture(page, "policy-typed")
    page.get_by_role("button", name="Save policy").press("Enter")
    expect(page.get_by_text("High: 30 days → 5 days", exact=False).first).to_be_visible()
    page.goto(reverse("findings", args=[world.home.slug]) + "?due=overdue&severity=high")
    expect(page.get_by_text(f"{late} of", exact=False).first).to_be_visible()
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        assert (tenant.due_days["high"], tenant.exception_cap_days) == (5, 30)
        assert tenant.timezone == "Europe/Lisbon"
        assert journal.verify(tenant) == []


@pytest.mark.slow(seconds=1)
def test_concurrent_edits_show_a_conflict(world: World, signed_in: SignedIn) -> None:
    address = reverse("policy", args=[world.home.slug])
    mine, other = (
        signed_in(world.people["organization_engineer"]),
        signed_in(world.people["tenant_administrator"]),
    )
    mine.goto(address)
    other.goto(address)
    other.get_by_label("Medium").fill("60")
    previewed(other)
    other.get_by_role("button", name="Save policy").click()
    expect(other.get_by_text("Medium: 90 days → 60 days", exact=False).first).to_be_visible()
    mine.get_by_label("Medium").fill("45")
    mine.get_by_label("Low").fill("120")
    previewed(mine)
    mine.get_by_role("button", name="Save policy").click()
    expect(mine.get_by_text("Your changes were not saved", exact=False).first).to_be_visible()
    expect(mine.get_by_label("Medium")).to_have_value("45")
    picture(mine, "policy-meanwhile")
    mine.get_by_role("link", name="discard your changes").click()
    expect(mine.get_by_label("Medium")).to_have_value("60")
    expect(mine.get_by_label("Low")).to_have_value("180")


@pytest.mark.slow(seconds=1)
def test_the_policy_page_works_on_a_phone_and_without_javascript(world: World, open_page: Open) -> None:
    page = open_page(width=390, javascript=False)
    sign_in(page, world.people["organization_engineer"])
    page.goto(reverse("policy", args=[world.home.slug]))
    page.get_by_label("Critical").fill("2")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_label("Critical")).to_have_value("2")
    picture(page, "policy-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Reset to defaults").click()
    expect(page.get_by_label("Critical")).to_have_value("7")
    expect(page.get_by_text("The form below contains the defaults", exact=False)).to_be_visible()
    page.get_by_label("Critical").fill("3")
    page.get_by_role("button", name="Save policy").click()
    expect(page.get_by_text("Critical: 7 days → 3 days", exact=False).first).to_be_visible()
