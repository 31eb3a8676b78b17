"""The main tasks of users in a real browser, with mouse and keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from assessments.actions.units.finish import end_unit
from assessments.models import Assessment, Unit
from tests import factories
from tests.e2e.conftest import Open, sign_in, until
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e
type SignedIn = Callable[..., Page]


@pytest.fixture
def engineer(signed_in: SignedIn, world: World) -> Page:
    return signed_in(world.people["organization_engineer"])


def test_an_engineer_finds_the_command_that_fixes_a_finding(engineer: Page, world: World) -> None:
    page, name = engineer, world.of(world.home)["finding"].subject_name
    page.get_by_role("region", name="Customers").get_by_role("link", name=world.home.name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(world.home.name)
    page.get_by_role("link", name=re.compile(r"^Findings\b")).first.click()
    assert "state=open" in page.url
    page.locator("#facet-severity summary").click()
    page.locator("#facet-severity").get_by_role("link", name="High").click()
    assert "state=open" in page.url
    assert "severity=high" in page.url
    page.locator("a.group-toggle").filter(has_text="allows anonymous blob access").click()
    page.get_by_role("row", name=name).first.get_by_role("link").click()
    expect(page.locator(".panel-body .verdict-sentence")).to_contain_text(f"{name} fails")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy fix command").first.click()
    expect(page.get_by_role("button", name="Copied fix command")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("az storage account update")
    assert "--resource-group rg-prod" in copied


def test_filters_survive_a_reload_and_are_removed_one_by_one(engineer: Page, world: World) -> None:
    page = engineer
    page.goto(reverse("findings", args=[world.home.slug]) + "?severity=high&verdict=fail")
    page.reload()
    filters = page.get_by_role("group", name="Filters")
    page.wait_for_load_state("networkidle")
    expect(filters.locator("[aria-current=true]")).to_have_count(2)
    page.locator("#facet-severity summary").click()
    filters.get_by_role("link", name="High").click()
    expect(filters.locator("[aria-current=true]")).to_have_count(1)
    assert "severity" not in page.url


def test_rows_open_with_enter_and_are_selected_with_space(engineer: Page, world: World) -> None:
    row = engineer.locator("tr[data-href]").first
    row.focus()
    engineer.keyboard.press("Space")
    expect(row.get_by_role("checkbox")).to_be_checked()
    row.focus()
    engineer.keyboard.press("Enter")
    engineer.wait_for_url(f"**/t/{world.home.slug}/")


def test_the_palette_finds_a_finding_by_its_id(engineer: Page, world: World) -> None:
    finding = world.of(world.home)["finding"]
    engineer.keyboard.press("Control+k")
    box = engineer.get_by_role(
        "searchbox", name="Actions, findings, people, exceptions, customers, controls, pages"
    )
    expect(box).to_be_focused()
    box.fill(str(finding.pk))
    engineer.keyboard.press("Enter")
    engineer.wait_for_url(f"**{reverse('finding', args=[world.home.slug, finding.pk])}")


def test_the_tenant_switcher_lists_own_tenants(engineer: Page, world: World) -> None:
    engineer.locator("#tenant-switcher summary").click()
    engineer.locator("#tenant-options").get_by_role("link", name=world.home.name, exact=True).click()
    engineer.wait_for_url(f"**/t/{world.home.slug}/")


def test_the_theme_changes_immediately_and_is_remembered(engineer: Page) -> None:
    before = engineer.evaluate("getComputedStyle(document.body).backgroundColor")
    engineer.locator("summary", has_text="Your account and theme").click()
    engineer.get_by_role("button", name="Dark").click()
    expect(engineer.locator("html")).to_have_attribute("data-theme", "dark")
    engineer.wait_for_load_state("networkidle")
    engineer.reload()
    expect(engineer.locator("html")).to_have_attribute("data-theme", "dark")
    assert engineer.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_a_running_assessment_shows_progress_and_can_be_cancelled(engineer: Page, world: World) -> None:
    page = engineer
    page.goto(reverse("assessments", args=[world.home.slug]))
    page.get_by_role("button", name="Start assessment").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Assessment 3")
    expect(page.locator("#progress")).to_contain_text("Waiting for a worker")
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        begun = Assessment.objects.get(tenant=world.home, number=3)
        unit = Unit.objects.create(
            tenant=world.home,
            assessment=begun,
            kind="subscription",
            azure_id=own["subscription"].subscription_id,
            name="Production",
            directory=own["directory"],
            state="running",
            lease_until=timezone.now() + timedelta(minutes=1),
            steps_planned=8,
            steps_done=3,
            step="Storage accounts",
        )
        begun.state, begun.started_at, begun.units_total = "running", timezone.now(), 1
        begun.save()
    # The page updates itself without a reload.
    expect(page.locator("#progress")).to_contain_text("Storage accounts")
    expect(page.locator("#progress")).to_contain_text("3 of 8")
    page.get_by_role("button", name="Cancel assessment", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Cancelling")
    with factories.in_tenant(world.home):
        end_unit(unit=unit, state=Unit.State.CANCELLED)
    expect(page.locator("h1")).to_contain_text("Cancelled")
    expect(page.get_by_role("button", name="Retry incomplete units")).to_be_visible()
    assert page.locator("#progress").get_attribute("hx-get") is None


def test_a_new_service_principal_signs_in_first_and_its_secret_is_not_shown(
    engineer: Page, world: World
) -> None:
    page = engineer
    page.goto(reverse("service-principal-add", args=[world.home.slug]))
    page.get_by_label("Directory ID").fill(world.of(world.home)["directory"].directory_id)
    page.get_by_label("Client ID").fill("5f3b0b9e-58c3-4d0e-8f6e-0c9a4a2f1d11")
    page.get_by_label("Name", exact=False).last.fill("second-reader")
    page.get_by_role("button", name="Sign in and register").click()
    expect(page.get_by_text("Enter the client secret or upload a certificate.")).to_be_visible()
    page.get_by_label("Client secret").fill("Zq8~very.secret-value")
    page.get_by_label("Start an assessment after the sign-in").uncheck()
    page.get_by_role("button", name="Sign in and register").click()
    expect(page.get_by_text("Signing in since")).to_be_visible()
    assert "very.secret" not in page.content()


def test_pages_can_be_read_without_javascript(open_page: Open, world: World) -> None:
    page = open_page(javascript=False)
    sign_in(page, world.people["auditor"])
    expect(page.get_by_role("heading", name="Audit room", level=1)).to_be_visible()
    page.get_by_role("link", name="Portfolio", exact=True).click()
    page.get_by_role("region", name="Customers").get_by_role("link", name=world.home.name, exact=True).click()
    page.get_by_role("link", name=re.compile(r"^Findings\b")).first.click()
    page.locator("#facet-severity summary").click()
    expect(page.locator("#facet-severity").get_by_role("link", name="High")).to_be_visible()
    page.get_by_role("link", name="Search or go to a page").click()
    page.get_by_role("searchbox").last.fill("transfer")
    page.get_by_role("button", name="Search").click()
    control = page.locator("main").get_by_role("link", name=re.compile("^Secure transfer is required"))
    expect(control).to_be_visible()


def test_the_first_tab_stop_skips_to_the_content(engineer: Page) -> None:
    engineer.keyboard.press("Tab")
    expect(engineer.get_by_role("link", name="Skip to content")).to_be_focused()
    engineer.keyboard.press("Enter")
    expect(engineer.locator("main")).to_be_focused()


def test_a_wrong_password_does_not_reveal_whether_the_account_exists(open_page: Open, world: World) -> None:
    page = open_page()
    page.goto("/accounts/login/")
    for address in (world.people["auditor"].email, "nobody@example.com"):
        page.get_by_label("Email").fill(address)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_have_text("The email address or the password is wrong.")


def test_signing_out_ends_the_session(engineer: Page) -> None:
    engineer.locator("summary", has_text="Your account and theme").click()
    engineer.get_by_role("button", name="Sign out").click()
    engineer.wait_for_url("**/accounts/login/")
    engineer.goto("/")
    assert "/accounts/login/" in engineer.url


def test_printed_pages_contain_only_the_content(engineer: Page, world: World) -> None:
    engineer.goto(reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk]))
    engineer.emulate_media(media="print")
    for hidden in (".rail", ".top"):
        expect(engineer.locator(hidden)).to_be_hidden()
    expect(engineer.get_by_role("heading", name="Observed vs. expected")).to_be_visible()


def type_and_wait(page: Page, keys: str, url: str) -> bool:
    """Type the keys, and return whether the page then has this address."""
    page.keyboard.type(keys)
    with suppress(PlaywrightTimeout):
        page.wait_for_url(url, timeout=5_000)
        return True
    return False


def test_keys_open_pages_and_one_escape_closes_the_palette(engineer: Page, world: World) -> None:
    page, slug = engineer, world.home.slug
    page.goto(reverse("tenant", args=[slug]))
    page.keyboard.press("Control+k")
    page.keyboard.type("start")
    expect(page.locator("#palette").get_by_role("button", name="Start assessment")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Attestations")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    # On a busy machine, the second key can come too late after the first one. So press both keys again until it works.
    until(page, lambda: type_and_wait(page, "gt", f"**{reverse('attestations', args=[slug])}"))


def test_box_of_the_head_follows_the_boxes_of_the_rows(engineer: Page, world: World) -> None:
    """Select all controls, clear one of them, and answer the others together."""
    page = engineer
    page.goto(reverse("attestations", args=[world.home.slug]))
    every, boxes = page.locator("[data-select-all]"), page.locator("input[data-select]")
    bar = page.locator(".select-bar")
    expect(bar).not_to_be_visible()
    every.check()
    count = boxes.count()
    expect(bar).to_contain_text(f"{count} selected")
    boxes.nth(1).uncheck()
    expect(every).not_to_be_checked()
    expect(bar).to_contain_text(f"{count - 1} selected")
    bar.get_by_role("button", name="Answer selected").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Answer {count - 1} controls")
