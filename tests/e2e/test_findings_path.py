"""The findings page in a browser: groups, keys, selection, bulk actions and their undo; also without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, Route, expect

from assessments.models import Finding, Resource
from portal.treatment.models import SavedView, Treatment
from tests import factories
from tests.e2e.conftest import until
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e
type SignedIn = Callable[..., Page]


def findings(world: World, query: str = "verdict=fail") -> str:
    return reverse("findings", args=[world.home.slug]) + f"?{query}"


def owned(world: World, email: str) -> int:
    with factories.in_tenant(world.home):
        return Treatment.objects.filter(owner__email=email).count()


def test_an_engineer_works_with_the_keyboard_alone(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(findings(world))
    page.keyboard.press("j")
    group = page.locator("tr.group").first
    expect(group).to_be_focused()
    toggle = group.locator("a.group-toggle")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    rows = page.locator("tbody:not([hidden]) tr.finding")
    expect(rows.first).to_be_visible()
    group.focus()
    page.keyboard.press("j")
    expect(rows.first).to_be_focused()
    page.keyboard.press("x")
    bar = page.get_by_role("region", name="Selected findings")
    expect(bar.get_by_text("1 selected", exact=True)).to_be_visible()
    expect(rows.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("b")
    expect(bar.get_by_role("button", name="Assign to me")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    # Enter shows a finding in the panel beside the list, and adds it to the address. j shows the next one in the panel.
    rows.first.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Finding")
    expect(panel.locator(".verdict-sentence")).to_contain_text("fails")
    first = panel.locator(".verdict-sentence").inner_text()
    expect(page).to_have_url(re.compile(r"open=.*finding=[0-9a-f-]{36}$"))
    page.keyboard.press("j")
    expect(panel.locator(".verdict-sentence")).not_to_have_text(first)
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    # Escape closes the open menu, but not the panel.
    page.locator(".filter-bar summary").first.click()
    expect(page.locator("details.menu[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.menu[open]")).to_have_count(0)
    expect(panel.locator(".verdict-sentence")).to_be_visible()
    # Reloading keeps the open group, the panel and the selection. Escape then closes the panel and focuses the row.
    page.reload()
    expect(panel.locator(".verdict-sentence")).to_be_visible()
    expect(bar.get_by_text("1 selected", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page).not_to_have_url(re.compile("finding="))
    expect(rows.nth(1)).to_be_focused()
    # The browser's back button closes the panel, too.
    page.keyboard.press("Enter")
    expect(panel.locator(".verdict-sentence")).to_be_visible()
    page.go_back()
    expect(panel).to_be_hidden()
    expect(page).to_have_url(re.compile("open="))


def test_the_place_in_the_list_survives_opening_a_finding_and_acting(
    signed_in: SignedIn, world: World
) -> None:
    page = signed_in(world.people["organization_engineer"], height=500)
    page.goto(findings(world, "verdict=fail&sort=subject"))
    toggles = page.locator("a.group-toggle")
    toggles.nth(1).click()
    rows = page.locator("tr.finding")
    expect(rows.first).to_be_visible()
    # A tap on the cell around a checkbox also ticks it, because the checkbox is too small for a finger.
    rows.first.locator("td.select").click(position={"x": 1, "y": 1})
    # The finding's own page links to its neighbours in the list, and back to the same view of the list.
    rows.first.click()
    expect(page.locator(".panel-body")).to_be_visible()
    page.evaluate("scrollTo(0, 150)")
    page.get_by_role("link", name="Open the page of this finding").click()
    expect(page.get_by_role("navigation", name="Neighbours in the list")).to_be_visible()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("verdict=fail.*sort=subject.*open="))
    expect(rows.first).to_be_visible()
    expect(rows.first.locator("input[data-select]")).to_be_checked()
    assert page.evaluate("scrollY") == 150
    # After an action in the panel, the list opens again with the same panel.
    page.locator("tr.finding").first.click()
    panel = page.get_by_role("complementary", name="Finding")
    panel.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_text("Assigned to you.")).to_be_visible()
    expect(page).to_have_url(re.compile("open=.*finding="))
    expect(panel.locator("dt:text-is('Owner') + dd")).to_contain_text("Mira Okafor")


def test_all_matching_findings_are_assigned_and_undone(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    administrator = world.people["tenant_administrator"]
    page.goto(findings(world, "verdict=fail&layout=list"))
    count = int(page.locator(".page-head p").inner_text().split()[0])
    bar = page.get_by_role("region", name="Selected findings")
    expect(bar).to_be_hidden()
    page.get_by_role("button", name=f"Select all {count} matching").click()
    expect(bar.get_by_text("All matching findings selected")).to_be_visible()
    expect(page.get_by_label(f"Select all {count} matching", exact=True)).to_be_checked()
    bar.locator("summary", has_text="Assign").click()
    bar.get_by_label("Owner").select_option(str(administrator.pk))
    bar.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text(f"Assigned {count} findings to")).to_be_visible()
    assert owned(world, administrator.email) == count
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Undone for {count} findings")).to_be_visible()
    assert owned(world, administrator.email) == 0


def test_names_in_the_list_are_not_cut_in_a_window_of_1280_pixels(signed_in: SignedIn, world: World) -> None:
    long = "storage-account-of-the-invoices"
    with factories.in_tenant(world.home):
        Finding.objects.filter(tenant=world.home).update(subject_name=long)
    page = signed_in(world.people["organization_engineer"], width=1280)
    page.goto(findings(world, "layout=list"))
    rows = page.locator("tr.finding")
    expect(rows.first).to_be_visible()
    cut = rows.locator(":is(.c-subject, .c-control, .c-place)").evaluate_all(
        "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth"
        " || cell.scrollHeight > cell.clientHeight + 1).map(cell => cell.innerText)"
    )
    assert cut == []
    heights = set(rows.evaluate_all("rows => rows.map(row => row.getBoundingClientRect().height)"))
    assert max(heights) <= 41


def test_the_actions_of_the_panel_are_in_view(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"], width=1280, height=720)
    page.goto(findings(world, f"finding={world.of(world.home)['finding'].pk}"))
    foot = page.locator(".panel-foot")
    expect(foot).to_be_in_viewport(ratio=1)
    # Scroll down in three steps.
    page.mouse.move(640, 650)
    for _ in range(3):
        page.mouse.wheel(0, 100)
        expect(foot).to_be_in_viewport(ratio=1)


def test_a_plan_that_is_not_saved_is_kept_while_other_findings_are_shown(
    signed_in: SignedIn, world: World
) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(findings(world, "verdict=fail&state=open&layout=list"))
    rows = page.locator("tr.finding")
    panel = page.get_by_role("complementary", name="Finding")
    plan = panel.locator("textarea[name=plan]")
    fold = panel.locator("summary", has_text="Acknowledge")

    def show(number: int) -> None:
        rows.nth(number).click()
        expect(rows.nth(number)).to_have_attribute("aria-current", "true")
        expect(panel.get_by_role("link", name="Open the page of this finding")).to_have_attribute(
            "href", re.compile(rows.nth(number).get_attribute("data-id") or "")
        )

    show(0)
    fold.click()
    plan.fill("Replace it in March.")
    show(1)
    expect(plan).to_be_hidden()
    fold.click()
    expect(plan).to_have_value("")
    page.keyboard.press("Escape")
    show(0)
    expect(plan).to_be_visible()
    expect(plan).to_have_value("Replace it in March.")
    # Show another finding than the one with the unsaved entry. Surety still asks before the person leaves the page.
    # After the entry is deleted, Surety does not ask.
    show(1)
    questions: list[str] = []

    def stay(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("location.reload()")
    until(page, lambda: questions == ["beforeunload"])
    show(0)
    plan.fill("")
    show(1)
    page.reload()
    expect(panel.locator(".verdict-sentence")).to_be_visible()
    assert questions == ["beforeunload"]


def test_entries_for_other_findings_are_kept_when_a_finding_is_acknowledged(
    signed_in: SignedIn, world: World
) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(findings(world, "verdict=fail&layout=list"))
    rows = page.locator("tr.finding")
    panel = page.get_by_role("complementary", name="Finding")
    plan = panel.locator("textarea[name=plan]")
    fold = panel.locator("summary", has_text="Acknowledge")
    first, second = (rows.nth(number).get_attribute("data-id") or "" for number in (0, 1))

    def show(finding: str) -> None:
        page.locator(f"tr.finding[data-id='{finding}']").click()
        expect(panel.get_by_role("link", name="Open the page of this finding")).to_have_attribute(
            "href", re.compile(finding)
        )

    show(first)
    fold.click()
    plan.fill("Replace it in March.")
    show(second)
    fold.click()
    plan.fill("Delete it.")
    questions: list[str] = []

    def leave(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    panel.locator("button.primary", has_text="Acknowledge").click()
    expect(page.locator(".toast")).to_contain_text("Acknowledged")
    assert questions == []
    show(first)
    expect(plan).to_have_value("Replace it in March.")
    # The message about the acknowledgement is still shown, but does not cover the actions of the finding in the panel.
    fold.click()
    expect(plan).to_be_hidden()
    fold.click()
    panel.locator("button.primary", has_text="Acknowledge").click()
    expect(panel).to_contain_text("Replace it in March.")
    assert questions == []


def test_shift_and_click_selects_what_lies_between(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(findings(world, "verdict=fail&layout=list"))
    boxes = page.locator("input[data-select]")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selected findings")
    expect(bar.get_by_text("4 selected", exact=True)).to_be_visible()
    bar.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()
    expect(page.get_by_label("Select all on this page")).to_be_focused()
    assert page.locator("input[data-select]:checked").count() == 0


def hold_counts(page: Page) -> list[Route]:
    """Hold the page's requests for counts until the test continues them. Return the list of these requests."""
    held: list[Route] = []
    page.route("**/findings/facets/**", lambda route: held.append(route))  # noqa: PLW0108  # Playwright needs a function
    return held


def deliver_counts(page: Page, held: list[Route]) -> None:
    """Continue the held requests for counts, and wait until the browser has all answers."""
    assert held
    for route in held:
        with page.expect_response(route.request.url):
            route.continue_()
    page.unroute("**/findings/facets/**")
    page.wait_for_load_state("networkidle")


def all_counts_are_shown(page: Page) -> None:
    expect(page.locator(".facet [aria-busy]")).to_have_count(0)
    expect(page.get_by_role("link", name="Show all counts")).to_have_count(0)


def test_counts_are_fetched_after_the_page(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(findings(world, "verdict=fail&layout=list"))
    due = page.locator("#facet-due")
    due.locator("summary").click()
    expect(due.locator("a").first).to_be_visible()
    # The options are loaded after the page. Choosing one adds its filter to the page's address.
    due.locator("a").first.click()
    expect(page).to_have_url(re.compile(r"verdict=fail&layout=list&due="))
    page.locator("#facet-due summary").click()
    on = page.locator("#facet-due a[aria-current]")
    expect(on).to_have_count(1)
    # The counts replace the options when they arrive. Wait for them, so that the click does not hit an old option.
    expect(page.locator(".facet [aria-busy]")).to_have_count(0)
    on.click()
    expect(page).not_to_have_url(re.compile("due="))


def test_a_click_that_began_before_the_counts_arrived_is_not_lost(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    # The filter `due` is in the bar. The filter `age` is in the menu, below filters whose height changes when their
    # counts arrive.
    for name, in_menu in (("due", False), ("age", True)):
        held = hold_counts(page)
        page.goto(findings(world, "layout=list&due=overdue"))
        facet = page.locator(f"#facet-{name}")
        if in_menu:
            page.locator("#more-filters > summary").click()
        expect(facet.locator("ul")).to_have_attribute("aria-busy", "true")
        was_open = facet.evaluate("facet => facet.open")
        facet.locator("summary").hover()
        page.mouse.down()
        deliver_counts(page, held)
        page.mouse.up()
        assert facet.evaluate("facet => facet.open") is not was_open
        expect(facet.locator("summary")).to_be_focused()
        all_counts_are_shown(page)
        assert facet.evaluate("facet => facet.open") is not was_open
        expect(facet.locator("summary")).to_be_focused()


def test_a_menu_that_was_opened_and_the_focus_stay_when_counts_arrive(
    signed_in: SignedIn, world: World
) -> None:
    page = signed_in(world.people["organization_engineer"])
    held = hold_counts(page)
    page.goto(findings(world, "layout=list&due=overdue"))
    due = page.locator("#facet-due")
    due.locator("summary").focus()
    page.keyboard.press("Enter")
    chosen = due.locator("a[aria-current]")
    expect(chosen).to_be_visible()
    page.keyboard.press("Tab")
    expect(chosen).to_be_focused()
    expect(chosen).to_have_attribute("id", "facet-due-overdue")
    deliver_counts(page, held)
    all_counts_are_shown(page)
    assert due.evaluate("facet => facet.open")
    expect(chosen).to_be_focused()


def test_other_tags_are_fetched_if_a_tag_is_chosen(signed_in: SignedIn, world: World) -> None:
    with factories.in_tenant(world.home):
        found = world.of(world.home)["finding"]
        tags = {"env": "prod", "team": "web"}
        assert Resource.objects.filter(key=found.subject_key).update(tags=tags) == 1
    page = signed_in(world.people["organization_engineer"])
    page.goto(findings(world, "tag=env%3Dprod"))
    facet = page.locator("#facet-tag")
    facet.locator("summary").click()
    expect(facet.locator("a[aria-current]")).to_contain_text("env=prod")
    expect(facet.get_by_role("link", name=re.compile("team=web"))).to_be_visible()
    expect(page.locator(".facet [aria-busy]")).to_have_count(0)
    facet.locator("a[aria-current]").click()
    expect(page).not_to_have_url(re.compile("tag="))


def test_the_findings_page_works_without_javascript(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(javascript=False)
    engineer, administrator = world.people["organization_engineer"], world.people["tenant_administrator"]
    page.goto(findings(world))
    page.get_by_label("Email").fill(engineer.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#facet-due a")).to_have_count(0)
    page.get_by_role("link", name="Show all counts").click()
    page.locator("#facet-due summary").click()
    expect(page.locator("#facet-due a").first).to_be_visible()
    expect(page.locator(".facet [aria-busy]")).to_have_count(0)
    page.locator("a.group-toggle").first.click()
    page.locator("input[name=finding]").first.check()
    bar = page.get_by_role("region", name="Selected findings")
    bar.locator("summary", has_text="Assign").click()
    bar.get_by_label("Owner").select_option(str(administrator.pk))
    bar.get_by_role("button", name="Assign", exact=True).click()
    assert owned(world, administrator.email) == 1
    # The group is still open.
    expect(page.locator("input[name=finding]").first).to_be_visible()


def test_a_saved_view_becomes_a_tab(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(findings(world, "severity=high&state=open"))
    page.get_by_text("Save view", exact=True).first.click()
    page.get_by_label("Name of the view").fill("High first")
    page.get_by_role("button", name="Save view").click()
    tab = page.get_by_role("navigation", name="Views").get_by_role("link", name="High first")
    expect(tab).to_have_attribute("aria-current", "page")
    with factories.in_tenant(world.home):
        assert SavedView.objects.get(name="High first").query == "severity=high&state=open"


def test_an_owner_starts_with_their_own_findings(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=390)
    page.goto(reverse("account_login"))
    page.get_by_label("Email").fill(world.people["owner"].email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="My findings", level=1)).to_be_visible()
    page.locator("tr[data-href] a.row-link").first.click()
    expect(page).to_have_url(re.compile("/findings/[0-9a-f-]{36}/$"))


def test_actions_keep_the_scroll_position_of_the_list(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"], height=400)
    page.goto(reverse("findings", args=[world.home.slug]) + "?layout=list")
    page.wait_for_load_state("networkidle")
    page.locator("input[data-select]").last.check()
    page.evaluate("scrollTo(0, 300)")
    assert page.evaluate("scrollY") == 300
    page.get_by_role("button", name="Assign to me", exact=True).click()
    expect(page.get_by_text("Assigned 1 finding to you.")).to_be_visible()
    assert page.evaluate("scrollY") >= 300
    page.goto(reverse("findings", args=[world.home.slug]) + "?layout=list")
    assert page.evaluate("scrollY") == 0
