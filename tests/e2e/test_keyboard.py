"""Keyboard shortcuts for lists work on every page with a list. Pages and actions are opened with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from tenants.roles import Role
from tests import factories
from tests.e2e.conftest import until
from tests.e2e.pages import addresses, organization_addresses
from tests.portal.web.world import World, make_customer
from tests.signed_in import signed_in_client

pytestmark = [pytest.mark.e2e, pytest.mark.slow(seconds=80)]

# Return the number of visible rows in lists. The selectors differ from those of the tested script, so that the tests
# notice a list that the script overlooks.
ROWS = """() => {
  const rows = [...document.querySelectorAll("#main table tbody tr, .ask-list li, .across > li, .fix-groups > li")];
  return rows.filter(row => row.checkVisibility() && row.querySelector("a[href], .select [type=checkbox]")).length;
}"""
# Return facts about the row with the focus, such as the address that Enter must open and the state of its box.
FOCUSED = """() => {
  const row = document.activeElement;
  if (!row.matches("#main tr, #main li > a")) return null;
  const link = row.matches("a") ? row : row.querySelector(".row-link") ?? row.querySelector("a[href]");
  const box = row.querySelector(".select input");
  return {
    opens: row.dataset.href ?? link?.getAttribute("href") ?? null,
    group: Boolean(row.querySelector(".group-toggle, [aria-expanded]") ?? row.ariaExpanded),
    box: box ? box.checked : null,
    text: row.innerText.slice(0, 60),
    top: row.getBoundingClientRect().top,
    bottom: row.getBoundingClientRect().bottom,
  };
}"""
# Return the visible problem of the element with the focus, an empty text if there is none, or null at the end of the
# page.
FOCUS_PROBLEM = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const name = element.innerText || element.name || element.tagName;
  if (style.outlineStyle === "none" || !parseFloat(style.outlineWidth)) return `${name} has no outline`;
  if (box.height > innerHeight / 2) return "";  // A whole table, which need not be visible as a whole.
  if (!top) return `${name} is outside of the window`;
  if (!element.contains(top) && !top.contains(element)) return `${name} is behind ${top.outerHTML.slice(0, 80)}`;
  return "";
}"""
# {role: minimum number of pages with a list that the test must find}. The test skips pages without a list.
MINIMUM = {"organization_engineer": 25, "organization_administrator": 10, "approver": 3, "owner": 2}


def opens(page: Page) -> bool:
    """Press Enter. Return whether this opens another page, or the panel of a finding."""
    before = page.url
    page.keyboard.press("Enter")
    panel = page.locator("#finding-panel:not([hidden])")
    try:
        until(page, lambda: page.url != before or panel.count() > 0, seconds=15)
    except AssertionError:
        return False
    page.wait_for_load_state()
    return True


def problems_on(page: Page, address: str) -> list[str] | None:
    """Return which keys do not work on the page, or None if the page has no list."""
    page.goto(address)
    number = page.evaluate(ROWS)
    if not number:
        return None
    problems = []
    page.keyboard.press("j")
    first = page.evaluate(FOCUSED)
    if first is None:
        return ["j does not focus the first row"]
    if number > 1:
        page.keyboard.press("j")
        second = page.evaluate(FOCUSED)
        if second is None or second["top"] == first["top"]:
            problems.append("j does not focus the second row")
        page.keyboard.press("k")
        if (page.evaluate(FOCUSED) or {}).get("text") != first["text"]:
            problems.append("k does not return to the first row")
    # The browser scrolls by whole pixels, so up to one pixel of the row may be below the window of 860 pixels.
    if first["top"] < 0 or first["bottom"] >= 861:
        problems.append("the row is not in view")
    if first["box"] is not None:
        page.keyboard.press("x")
        if page.evaluate(FOCUSED)["box"] == first["box"]:
            problems.append("x does not select the row")
    page.keyboard.press("?")
    if not page.locator("#keys").is_visible():
        problems.append("? does not show the shortcuts")
    page.keyboard.press("Escape")
    if first["opens"] and not first["group"] and not opens(page):
        problems.append(f"Enter does not open {first['opens']}")
    return problems


@pytest.mark.parametrize("role", list(MINIMUM))
def test_keys_work_on_every_list(signed_in: Callable[..., Page], world: World, role: str) -> None:
    if role == "organization_engineer":
        pages = addresses(world)
    elif role == "organization_administrator":
        pages = organization_addresses(world)
    else:
        names = {"inbox": (), "my": (), "findings": (world.home.slug,), "exceptions": (world.home.slug,)}
        pages = {name: reverse(name, args=args) for name, args in names.items()}
    page = signed_in(world.people[role])
    found = {name: problems_on(page, address) for name, address in pages.items()}
    lists = {name: problems for name, problems in found.items() if problems is not None}
    assert {name: problems for name, problems in lists.items() if problems} == {}
    assert len(lists) >= MINIMUM[role], sorted(lists)


def test_keys_lead_through_the_inbox(signed_in: Callable[..., Page], world: World) -> None:
    sister, _ = make_customer(world.organization, "Sister Shipping", world.people["organization_engineer"])
    factories.member(Role.APPROVER, sister, world.people["approver"])
    page = signed_in(world.people["approver"])
    page.goto(reverse("inbox"))
    asks = page.locator("a.ask")
    expect(asks).to_have_count(2)
    asks.last.click()
    expect(asks.last).to_have_attribute("aria-current", "true")
    page.keyboard.press("b")
    expect(page.locator("#decision-note")).to_be_focused()
    page.reload()
    page.keyboard.press("k")
    expect(asks.first).to_be_focused()


def test_a_note_about_a_request_is_kept_while_another_request_is_shown(
    signed_in: Callable[..., Page], world: World
) -> None:
    sister, _ = make_customer(world.organization, "Sister Shipping", world.people["organization_engineer"])
    factories.member(Role.APPROVER, sister, world.people["approver"])
    page = signed_in(world.people["approver"])
    page.goto(reverse("inbox"))
    asks, note = page.locator("a.ask"), page.locator("#decision-note")
    asks.first.click()
    expect(asks.first).to_have_attribute("aria-current", "true")
    note.fill("Fix it this week.")
    asks.last.click()
    expect(asks.last).to_have_attribute("aria-current", "true")
    expect(note).to_have_value("")
    asks.first.click()
    expect(asks.first).to_have_attribute("aria-current", "true")
    expect(note).to_have_value("Fix it this week.")
    page.get_by_role("button", name="Refuse").click()
    page.wait_for_url(lambda address: "refuse" not in address)
    # The message about the decision does not cover the buttons for the next request.
    expect(page.locator(".toast")).to_contain_text("refused")
    for name in ("Approve", "Refuse"):
        page.get_by_role("button", name=name).click(trial=True)
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft:'))") == []


@pytest.mark.parametrize("width", [1280, 390])
def test_messages_do_not_cover_the_action_on_selected_rows(
    signed_in: Callable[..., Page], world: World, width: int
) -> None:
    page = signed_in(world.people["organization_engineer"], width=width, height=400)
    page.goto(reverse("attestations", args=[world.home.slug]))
    page.locator(".toasts").evaluate(
        "list => list.innerHTML = '<li class=\"toast\"><div>Answered.</div></li>'"
    )
    page.locator("input[data-select]").first.check()
    button = page.get_by_role("button", name="Answer selected")
    expect(button).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    assert button.evaluate(
        """button => {
          const { x, y, width, height } = button.getBoundingClientRect();
          return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )


def test_a_typed_note_is_shown_to_nobody_else(signed_in: Callable[..., Page], world: World) -> None:
    other = factories.member(Role.APPROVER, world.home)
    page = signed_in(world.people["approver"])
    ask, note = page.locator("a.ask").first, page.locator("#decision-note")
    page.goto(reverse("inbox"))
    ask.click()
    expect(ask).to_have_attribute("aria-current", "true")
    note.fill("Fix it this week.")
    page.reload()
    expect(note).to_have_value("Fix it this week.")
    cookie = signed_in_client(other).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": page.url}])
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-person", str(other.pk))
    expect(note).to_have_value("")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_focus_is_marked_and_not_covered(
    signed_in: Callable[..., Page], world: World, width: int
) -> None:
    """The window is low, so Tab must scroll. The heads of tables and the bar at the bottom must not cover the focus."""
    page = signed_in(world.people["organization_engineer"], width=width, height=500)
    problems = {}
    for name in ("tenant", "inventory", "attestations", "exceptions", "reports"):
        page.goto(reverse(name, args=[world.home.slug]))
        steps = 0
        for key in ("Tab", "Shift+Tab"):
            for _ in range(60):
                page.keyboard.press(key)
                problem = page.evaluate(FOCUS_PROBLEM)
                if problem is None:
                    break
                steps += 1
                if problem:
                    problems[name, key, steps] = problem
        assert steps > 30, name
    assert problems == {}


@pytest.mark.parametrize("width", [1280, 390])
def test_the_selection_bar_does_not_cover_the_focused_row(
    signed_in: Callable[..., Page], world: World, width: int
) -> None:
    page = signed_in(world.people["organization_engineer"], width=width, height=700)
    page.goto(reverse("findings", args=[world.home.slug]) + "?layout=list")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".bulk")).to_be_visible()
    problems = []
    for _ in range(25):
        page.keyboard.press("j")
        problems.append(page.evaluate(FOCUS_PROBLEM))
    assert set(problems) == {""}
    assert page.evaluate("scrollY") > 0


def test_head_and_actions_of_the_panel_do_not_cover_the_focus(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_engineer"], height=440)
    page.goto(reverse("findings", args=[world.home.slug]) + "?state=open&layout=list")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.locator("#finding-panel")
    expect(panel.locator(".panel-foot")).to_be_visible()
    inside = "document.activeElement.closest('#finding-panel') !== null"
    for key in ("Tab", "Shift+Tab"):
        steps: list[str] = []
        while len(steps) < 30:
            page.keyboard.press(key)
            if not page.evaluate(inside):
                break
            steps.append(page.evaluate(FOCUS_PROBLEM))
        assert set(steps) == {""}, key


def test_enter_in_the_selection_bar_presses_only_the_button_of_its_menu(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("findings", args=[world.home.slug]) + "?state=open&layout=list")
    box = page.locator("input[data-select]").first
    box.focus()
    page.keyboard.press("Space")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if one.method == "POST" else None)
    page.keyboard.press("Enter")
    expect(box).to_be_checked()
    page.locator(".bulk summary", has_text="Acknowledge").click()
    day = page.get_by_label("Planned for")
    day.fill("2000-01-01")
    day.press("Enter")
    # The browser refuses a day in the past, so the selection and the plan remain.
    assert page.evaluate("document.querySelector('#bulk_planned_for').validity.rangeUnderflow")
    day.fill("2999-01-01")
    day.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Acknowledged 1 finding.")
    assert len(sent) == 1
    assert "action=acknowledge" in sent[0]


def test_g_and_a_letter_open_pages_from_a_row(signed_in: Callable[..., Page], world: World) -> None:
    """After g, even j, k and x open pages, although alone they move the focus or select rows."""
    page = signed_in(world.people["organization_engineer"])
    start = reverse("exceptions", args=[world.home.slug])
    page.goto(start)
    targets = page.evaluate(
        "[...document.querySelectorAll('[data-go]')].map(link => [link.dataset.go, link.getAttribute('href')])"
    )
    assert len(targets) >= 15
    assert reverse("journal", args=[world.home.slug]) in dict(targets)["j"]
    for key, target in targets:
        page.goto(start)
        page.keyboard.press("j")
        page.keyboard.press("g")
        # One of the letters opens the current page again, without a new address. So wait for a navigation.
        with page.expect_navigation(url=f"**{target}"):
            page.keyboard.press(key)


def test_the_palette_starts_actions_from_a_row(signed_in: Callable[..., Page], world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    for name in ("exceptions", "findings", "attestations"):
        for words, target in (
            ("build report", reverse("reports", args=[world.home.slug])),
            ("request exception by rule", reverse("exception-request", args=[world.home.slug])),
        ):
            page.goto(reverse(name, args=[world.home.slug]))
            page.keyboard.press("j")
            page.keyboard.press("Control+k")
            page.keyboard.type(words)
            expect(page.locator(".palette-results .menu-item").first).to_contain_text(
                words.split()[0].capitalize()
            )
            page.keyboard.press("Enter")
            page.wait_for_url(f"**{target}")


def test_a_long_list_of_boxes_is_one_stop_and_can_be_filtered(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_administrator"])
    page.goto(organization_addresses(world)["ticket-rule-add"])
    fold = page.locator("#id_controls_label + details.choices")
    fold.locator("summary").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "labels"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("ssh open")
    expect(fold.locator("label:visible")).to_have_text(["SSH open to the Internet"])
    page.keyboard.press("Enter")
    # Ticking a box sends two requests for the preview, 350 ms apart. Answer both immediately, because a first request
    # without an answer would be aborted by the second one.
    page.route("**/rules/add/?*", lambda route: route.fulfill(body=""))
    fold.get_by_label("SSH open to the Internet").check()
    expect(fold.locator("[data-count]")).to_have_text("1")
    page.wait_for_timeout(500)
