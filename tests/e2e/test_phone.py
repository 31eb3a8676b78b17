"""On a phone, the first screen shows the most severe findings, and all filters are behind one button."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests import factories
from tests.e2e.conftest import picture, until
from tests.e2e.pages import HARD_TO_PRESS, PHONE
from tests.portal.web.random_findings import fail_every_control
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e
HEIGHT = 844
TABLET = 820
# The height of the bar that covers the bottom of the screen.
BAR = 57


def assert_on_first_screen(row: Locator, latest: int = HEIGHT - BAR) -> None:
    """Assert that the whole row is on the first screen, and begins at most `latest` pixels below the top."""
    box = row.first.bounding_box()
    assert box is not None
    assert box["y"] <= latest, box
    assert box["y"] + box["height"] <= HEIGHT - BAR, box


def open_phone(signed_in: Callable[..., Page], world: World, role: str = "organization_engineer") -> Page:
    return signed_in(world.people[role], width=PHONE, height=HEIGHT)


def test_the_first_finding_is_on_the_first_screen(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world)
    url = reverse("findings", args=[world.home.slug])
    rows = ".findings-list tr:is(.group, .finding)"
    for query in ("", "?state=open&severity=high", "?layout=list", "?state=open&owner=nobody&layout=list"):
        page.goto(url + query)
        assert_on_first_screen(page.locator(rows), HEIGHT // 2)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    page.goto(reverse("all-findings") + "?state=open")
    assert_on_first_screen(page.locator(".across > li"), HEIGHT // 2)
    for role in ("organization_engineer", "auditor"):
        home = open_phone(signed_in, world, role)
        home.goto(reverse("portfolio"))
        picture(home, f"portfolio-{role}-390")
        assert_on_first_screen(home.locator(".headline"))


def test_filters_and_views_are_behind_buttons(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world)
    page.goto(reverse("findings", args=[world.home.slug]) + "?state=open&severity=high")
    expect(page.get_by_text("Filters (2)")).to_be_visible()
    severity = page.locator(".filter-bar details.filter", has_text="Severity").locator("summary")
    expect(severity).to_be_hidden()
    page.get_by_text("Filters (2)").click()
    expect(severity).to_be_visible()
    picture(page, "findings-filters-390")
    assert page.evaluate(HARD_TO_PRESS) == []
    severity.click()
    page.get_by_role("link", name="Medium").click()
    page.wait_for_url("**severity=medium**")
    expect(page.get_by_text("Filters (3)")).to_be_visible()
    page.get_by_text("Views", exact=True).click()
    assert page.evaluate(HARD_TO_PRESS) == []
    page.get_by_label("Views").get_by_role("link", name="Overdue").click()
    page.wait_for_url("**due=overdue**")


@pytest.mark.parametrize("width", [PHONE, 1024])
def test_closed_filters_share_a_row_with_the_list(
    signed_in: Callable[..., Page], world: World, width: int
) -> None:
    page = signed_in(world.people["organization_engineer"], width=width, height=HEIGHT)
    customer = [world.home.slug]
    for url, beside in (
        (reverse("resource-changes", args=customer) + "?days=all", "p.beside-filters"),
        (reverse("journal", args=customer), ".journal-search .grow"),
        (reverse("inventory", args=customer), "input.grow"),
        (reverse("attestations", args=customer), "p.beside-filters"),
        (reverse("exceptions", args=customer), "p.beside-filters"),
        (reverse("tenant-framework", args=[*customer, "cis-5.0.0"]), "p.beside-filters"),
    ):
        page.goto(url)
        button = page.locator(".facets-toggle > summary")
        box, other = button.bounding_box(), page.locator(beside).first.bounding_box()
        assert box is not None
        assert other is not None
        assert other["x"] >= box["x"] + box["width"], url
        assert other["y"] < box["y"] + box["height"], url
        assert other["y"] + other["height"] > box["y"], url
        assert page.evaluate("document.documentElement.scrollWidth") == width
        button.click()
        facets, other = page.locator(".facets").bounding_box(), page.locator(beside).first.bounding_box()
        assert facets is not None
        assert other is not None
        assert other["y"] >= facets["y"] + facets["height"], url


def test_the_search_and_the_export_share_a_row(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world)
    for url in (
        reverse("resource-changes", args=[world.home.slug]),
        reverse("attestations", args=[world.home.slug]),
    ):
        page.goto(url)
        search = page.locator(".page-head [role='search']")
        row, export = search.bounding_box(), page.get_by_role("link", name="Export CSV").bounding_box()
        assert row is not None
        assert export is not None
        assert export["y"] == row["y"], url
        search.get_by_role("button", name="Search").click()
        page.wait_for_url("**q=**")
        assert page.evaluate(HARD_TO_PRESS) == []


def test_the_buttons_say_which_view_is_shown(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world, "owner")
    url = reverse("findings", args=[world.home.slug])
    page.goto(url + "?layout=list")
    expect(page.locator(".page-head p")).to_have_text(
        re.compile(r"^\d+ of \d+ match\. You see only your own findings$")
    )
    expect(page.locator(".phone-fold > summary").first).to_have_text(re.compile("View: All"))
    page.goto(url + "?q=nothing-is-called-so")
    expect(page.locator(".phone-fold > summary").first).to_have_text(re.compile("Views"))


def assert_menus_on_the_screen(page: Page, menus: str, width: int) -> None:
    """Open each visible menu, and assert that the whole menu is on the screen."""
    found = [menu for menu in page.locator(menus).all() if menu.locator("summary").is_visible()]
    assert found, page.url
    for menu in found:
        menu.locator("summary").click()
        box = menu.locator(".menu-body").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width, (page.url, box)
        page.keyboard.press("Escape")


def test_menus_stay_on_the_screen(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world)
    findings = reverse("findings", args=[world.home.slug]) + "?state=open&severity=high"
    for url in (findings, reverse("all-findings"), reverse("portfolio"), reverse("all-resources")):
        page.goto(url)
        for fold in page.locator(".phone-fold > summary").all():
            fold.click()
        assert_menus_on_the_screen(page, ":is(.views, .portfolio-filters) .menu", PHONE)
    page.set_viewport_size({"width": TABLET, "height": HEIGHT})
    page.goto(reverse("all-findings"))
    assert_menus_on_the_screen(page, ".portfolio-filters .menu", TABLET)
    page.goto(findings + "&layout=list")
    page.locator(".findings-list tbody input[type=checkbox]").first.check()
    assert_menus_on_the_screen(page, ".bulk .menu", TABLET)


def test_tablets_have_space_for_the_name_of_the_customer(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_engineer"], width=TABLET, height=HEIGHT)
    page.goto(reverse("tenant", args=[world.home.slug]))
    name = page.locator("#tenant-switcher .tenant-name")
    expect(name).to_have_text(world.home.name)
    assert name.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_long_names_of_views_stay_on_the_screen(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world)
    page.goto(reverse("findings", args=[world.home.slug]) + "?state=open&severity=high")
    for fold in page.locator(".phone-fold > summary").all():
        fold.click()
    page.locator(".views .menu > summary").click()
    page.get_by_label("Name of the view").fill("Open findings of high severity that nobody has looked at yet")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text(re.compile("View: Open findings of high severity"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_wide_windows_show_filters_without_the_button(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    for url in (reverse("findings", args=[world.home.slug]) + "?state=open", reverse("all-findings")):
        page.goto(url)
        expect(page.locator(".phone-fold > summary").first).to_be_hidden()
        expect(page.locator(".phone-fold .menu > summary").first).to_be_visible()


def test_the_actions_of_a_finding_stay_in_view(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world)
    page.goto(reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk]))
    acknowledge = page.locator(".treatment summary", has_text="Acknowledge")
    assert_on_first_screen(acknowledge)
    page.mouse.wheel(0, 20_000)
    until(page, lambda: page.evaluate("scrollY") > 0)
    assert_on_first_screen(acknowledge)
    # The bar does not cover the end of the page.
    last = page.locator(".finding-rest > :last-child").bounding_box()
    bar = page.locator(".acts").bounding_box()
    assert last is not None
    assert bar is not None
    assert last["y"] + last["height"] <= bar["y"]
    acknowledge.click()
    expect(page.get_by_role("button", name="Acknowledge", exact=True)).to_be_in_viewport()
    assert page.evaluate(HARD_TO_PRESS) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    picture(page, "finding-actions-390")


def test_the_decision_on_a_request_is_above_the_bar(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world, "approver")
    page.goto(reverse("inbox-request", args=[world.of(world.home)["exception"].pk]))
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    picture(page, "inbox-request-390")
    for name in ("Approve", "Refuse"):
        assert_on_first_screen(page.get_by_role("button", name=name))


def test_the_box_of_a_customer_is_at_the_right_edge(signed_in: Callable[..., Page], world: World) -> None:
    page = open_phone(signed_in, world)
    page.goto(reverse("portfolio"))
    box = page.locator("tr[data-href] td.select input").first.bounding_box()
    link = page.locator("tr[data-href] td.urgent a").first.bounding_box()
    assert box is not None
    assert link is not None
    assert abs(box["x"] + box["width"] - link["x"] - link["width"]) <= 1


def test_long_names_in_texts_do_not_widen_the_page(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_engineer"], width=PHONE, height=HEIGHT)
    page.goto(reverse("parameter", args=[world.home.slug, "monitoring-alert-nsg-rule-delete"]))
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_the_overview_shows_the_worst_sections_and_folds_the_others(
    signed_in: Callable[..., Page], world: World
) -> None:
    with factories.in_tenant(world.home):
        fail_every_control(world.home, timezone.now())
    for javascript in (True, False):
        person = world.people["organization_engineer"]
        page = signed_in(person, width=PHONE, height=HEIGHT, javascript=javascript)
        page.goto(reverse("tenant", args=[world.home.slug]))
        rows = page.locator("section", has=page.get_by_role("heading", name="By section")).locator("tbody tr")
        further = page.locator("#further-sections")
        expect(further.locator("tbody tr").first).to_be_hidden()
        shown = rows.and_(page.locator(":visible")).all()
        assert len(shown) <= 9
        # Most sections are two lines high: a line with the name and the numbers, and a line with the bar.
        heights = [box["height"] for row in shown if (box := row.bounding_box())]
        assert sorted(heights)[len(heights) // 2] <= 64
        expect(shown[0].get_by_role("cell", name=re.compile(r"^Open \d+$"))).to_be_visible()
        coming = page.get_by_role("heading", name="Coming up").bounding_box()
        assert coming is not None
        assert coming["y"] < 6 * HEIGHT
        picture(page, f"overview-folded-{PHONE}")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE
        further.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(further.locator("tbody tr").last).to_be_visible()
        expect(further.get_by_role("link").first).to_be_visible()
        picture(page, f"overview-open-{PHONE}")


def test_keys_of_lists_skip_folded_sections(signed_in: Callable[..., Page], world: World) -> None:
    with factories.in_tenant(world.home):
        fail_every_control(world.home, timezone.now())
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("tenant", args=[world.home.slug]))
    picture(page, "overview-folded-1280")
    shown = page.locator("tbody tr[data-href]:visible")
    folded = page.locator("#further-sections tbody tr")
    shown.nth(7).focus()
    page.keyboard.press("j")
    assert page.evaluate("!document.activeElement.closest('#further-sections, body > :not(.frame)')")
    page.locator("#further-sections summary").click()
    shown.nth(7).focus()
    page.keyboard.press("j")
    expect(folded.first).to_be_focused()


def test_settings_are_behind_a_button_that_the_keyboard_opens(
    signed_in: Callable[..., Page], world: World
) -> None:
    for javascript in (True, False):
        person = world.people["organization_administrator"]
        page = signed_in(person, width=PHONE, height=HEIGHT, javascript=javascript)
        page.goto(reverse("watch", args=[world.home.slug]))
        settings = page.get_by_role("navigation", name="Settings")
        button = page.locator(".page-groups > summary")
        expect(button).to_have_text(re.compile(r"Assessment:\s+Watch"))
        expect(settings).to_be_hidden()
        heading = page.get_by_role("heading", level=1).bounding_box()
        assert heading is not None
        assert heading["y"] < HEIGHT / 3
        button.focus()
        page.keyboard.press("Enter")
        link = settings.get_by_role("link", name="Owner rules")
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE
        picture(page, f"settings-open-{PHONE}")
        link.press("Enter")
        page.wait_for_url("**" + reverse("owner-rules", args=[world.home.slug]))
        expect(settings).to_be_hidden()


def test_settings_are_listed_beside_the_page_on_wide_screens(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_administrator"], javascript=False)
    for name in ("tenant-settings", "policy", "leaving", "dead-letters"):
        page.goto(reverse(name, args=[world.home.slug]))
        settings = page.get_by_role("navigation", name="Settings")
        expect(settings.get_by_role("link")).to_have_count(15)
        expect(page.locator(".page-groups > summary")).to_be_hidden()
        beside = page.locator(".page-groups").bounding_box()
        heading = page.get_by_role("heading", level=1).bounding_box()
        assert beside is not None
        assert heading is not None
        assert beside["x"] + beside["width"] < heading["x"]
        assert heading["y"] < beside["y"] + 100
        assert page.evaluate("document.documentElement.scrollWidth") == 1280
        picture(page, f"{name}-1280")


def test_the_current_page_of_an_organization_is_in_view_in_the_sidebar(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_administrator"], height=600)
    page.goto(reverse("erasures", args=[world.organization.slug]))
    current = page.locator(".rail [aria-current]")
    expect(current).to_be_in_viewport()
    page.goto(reverse("portfolio-reports", args=[world.organization.slug]))
    expect(page.locator(".rail .brand")).to_be_in_viewport()
