"""Accessibility check of the trend's chart, and of the pages that need no sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from portal.treatment.actions.figures.snapshots import take_snapshot
from tests import factories
from tests.e2e.conftest import Open
from tests.e2e.pages import check_pages, problems_of
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


def test_the_trend_has_no_violation(signed_in: Callable[..., Page], world: World) -> None:
    """Check the overview of a tenant with 60 recorded days, with the chart's table open."""
    with factories.in_tenant(world.home):
        for days in range(60):
            take_snapshot(tenant=world.home, now=timezone.now() - timedelta(days=days))
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("tenant", args=[world.home.slug]) + "?days=90")
    page.get_by_text("Show as a table").click()
    assert page.get_by_role("row", name=f"{timezone.now():%Y-%m-%d}").is_visible()
    assert problems_of(page, "trend") == {}


SAMPLE = """<!doctype html><html lang="en"><title>Sample</title><style>
  :root { color-scheme: light dark; color: #000; background: #fff }
  .phone { display: none }
  @media (prefers-color-scheme: dark) { :root { color: #fff; background: #000 } .dark { color: #222 } }
  @media (max-width: 400px) { .phone { display: block; color: #ddd } .narrow { color: #eee } }
</style><main><h1>Sample</h1>
<p>One</p><p>Two</p><p class="dark">Three</p><p class="phone">Four</p><p class="narrow">Five</p></main></html>"""


def test_contrast_is_checked_in_both_themes_and_on_phones(browser: Browser) -> None:
    page = browser.new_page()
    page.goto("data:text/html," + quote(SAMPLE))
    found = problems_of(page, "sample")
    page.close()
    assert {
        place: sorted(text.split(">")[1].split("<")[0] for text in texts) for place, texts in found.items()
    } == {
        "sample, dark, 1280": ["Three"],
        "sample, light, 390": ["Five", "Four"],
    }


def test_no_page_without_an_account_has_a_violation(open_page: Open, transactional_db: None) -> None:
    names = ("account_login", "account_reset_password", "verify")
    check_pages(open_page(), {name: reverse(name) for name in names})
