"""An auditor uses the journal: finds an action, verifies the chain, and compares it with the head in a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.web.journal.check import Check
from tenants import journal
from tenants.journal import Head
from tests import factories
from tests.e2e.conftest import picture, sign_in
from tests.e2e.pages import PHONE, violations
from tests.portal.web.journal.journal_pages import note
from tests.portal.web.journal.offline_verification import verify_offline
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e
type SignedIn = Callable[..., Page]


@pytest.fixture
def printed(world: World) -> Head:
    """Return the head of the journal before its newest entry, as an older report could print it."""
    with factories.in_tenant(world.home):
        head = journal.head(world.home)
    note(world)
    return head


def test_an_auditor_follows_an_exception_and_verifies_the_chain(
    world: World, signed_in: SignedIn, printed: Head
) -> None:
    page, own = signed_in(world.people["auditor"]), world.of(world.home)
    page.goto(reverse("exception", args=[world.home.slug, own["exception"].pk]))
    page.get_by_role("link", name="History in the journal").click()
    rows = page.get_by_role("region", name="Journal entries").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Exception requested")
    expect(rows.first).to_contain_text("Mira Okafor")
    page.get_by_role("link", name="Remove this filter").click()
    expect(rows.nth(1)).to_be_visible()

    page.get_by_role("button", name="Verify chain").click()
    expect(page.get_by_text("The chain is intact.")).to_be_visible()
    page.get_by_text("Compare with a printed head").click()
    page.get_by_label("Entry number", exact=True).fill(str(printed.sequence))
    page.get_by_label("Hash", exact=True).fill(f"{printed.hash[:33]} {printed.hash[33:]}")
    page.get_by_role("button", name="Compare and verify").click()
    expect(page.get_by_text("The journal contains this head.")).to_be_visible()
    expect(page.get_by_text("1 entry was added after this one")).to_be_visible()
    picture(page, "journal-compared")
    assert violations(page) == []
    page.get_by_label("Hash", exact=True).fill("0" * 64)
    page.get_by_role("button", name="Compare and verify").click()
    expect(page.get_by_text("The journal does not contain this head.")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Hash", exact=True).fill("abc")
    page.get_by_role("button", name="Compare and verify").click()
    expect(page.get_by_text("This text with 3 characters is not a hash")).to_be_visible()


def test_verification_of_a_long_chain_shows_its_progress(
    world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Check.advance, "__defaults__", (5,))
    page = signed_in(world.people["auditor"])
    page.goto(reverse("journal", args=[world.home.slug]))
    seen: list[str] = []
    page.on("response", lambda answer: seen.append(answer.url) if "step=" in answer.url else None)
    page.get_by_role("button", name="Verify chain").click()
    expect(page.get_by_text("The chain is intact.")).to_be_visible()
    assert len(seen) > 3


def test_filters_are_in_the_address(world: World, signed_in: SignedIn) -> None:
    page = signed_in(world.people["auditor"])
    page.goto(reverse("journal", args=[world.home.slug]))
    page.get_by_role("link", name="People and access").click()
    page.get_by_label("Target or person").fill("auditor@")
    page.get_by_label("Target or person").press("Enter")
    rows = page.get_by_role("region", name="Journal entries").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("auditor@example.com as auditor")
    assert "kind=people" in page.url
    assert "q=auditor" in page.url
    rows.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Access granted")).to_be_visible()
    page.get_by_text("Show the hashed text").click()
    expect(page.get_by_text('"action":"membership.granted"')).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="View all entries about this target").click()
    expect(rows).to_have_count(1)


def test_full_chain_is_downloaded_and_verified_offline(
    world: World, signed_in: SignedIn, printed: Head, tmp_path: Path
) -> None:
    page = signed_in(world.people["auditor"])
    page.goto(reverse("journal", args=[world.home.slug]))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download full chain", exact=True).click()
    content = Path(download.value.path()).read_bytes()
    code, words = verify_offline(tmp_path, content, str(printed.sequence), printed.hash)
    assert (code, words.split(":")[0]) == (0, "Intact")


def test_the_journal_works_without_javascript(
    world: World, open_page: Callable[..., Page], printed: Head
) -> None:
    page = open_page(javascript=False)
    sign_in(page, world.people["auditor"])
    page.goto(reverse("journal", args=[world.home.slug]))
    page.get_by_text("Compare with a printed head").click()
    page.get_by_label("Entry number", exact=True).fill(str(printed.sequence))
    page.get_by_label("Hash", exact=True).fill(printed.hash)
    page.get_by_role("button", name="Compare and verify").click()
    expect(page.get_by_role("heading", name="Verify the journal")).to_be_visible()
    expect(page.get_by_text("The journal contains this head.")).to_be_visible()
    expect(page.get_by_text("The chain is intact.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
def test_the_journal_is_accessible_at_every_width_and_theme(
    world: World, signed_in: SignedIn, printed: Head, theme: str, width: int
) -> None:
    page = signed_in(world.people["auditor"], theme=theme, width=width)
    page.goto(reverse("journal", args=[world.home.slug]))
    if width == PHONE:
        page.get_by_text("Verify or compare the chain").click()
    page.get_by_role("button", name="Verify chain").click()
    expect(page.get_by_text("The chain is intact.")).to_be_visible()
    page.mouse.move(0, 0)
    picture(page, f"journal-{theme}-{width}")
    assert violations(page, theme) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
