"""Mention a person in a comment with the keyboard, with the pointer, or without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.treatment.models import Comment
from tests import factories
from tests.e2e.conftest import Open, picture, sign_in
from tests.e2e.pages import violations
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e
type SignedIn = Callable[..., Page]


def address(world: World) -> str:
    return reverse("finding", args=[world.home.slug, world.of(world.home)["owned"].pk])


def newest(world: World) -> Comment:
    with factories.in_tenant(world.home):
        return Comment.objects.order_by("-at").first()  # type: ignore[return-value]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_a_mention_is_chosen_with_the_keyboard(
    signed_in: SignedIn, world: World, theme: str, width: int
) -> None:
    page = signed_in(world.people["organization_engineer"], theme=theme, width=width)
    page.goto(address(world))
    box = page.get_by_role("textbox", name="Comment")
    people = page.get_by_role("listbox", name="People to mention")
    box.click()
    page.keyboard.type("Please look, @")
    expect(people.get_by_role("option")).to_have_count(5)
    expect(people.get_by_role("option", selected=True)).to_have_count(1)
    picture(page, f"mentions-{theme}-{width}")
    # Scroll to the top: at other scroll positions, the bar at the top of phones can cover half of a button.
    page.evaluate("window.scrollTo(0, 0)")
    assert violations(page, theme) == []
    expect(people).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    first = box.get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") != first
    page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == first
    page.keyboard.press("ArrowUp")  # Up from the first option selects the last one.
    page.keyboard.type("audi")
    expect(people.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="1 person.")).to_be_attached()
    page.keyboard.press("Enter")
    expect(box).to_have_value("Please look, @auditor@example.com ")
    expect(people).to_be_hidden()
    page.keyboard.type("and @")
    expect(people).to_be_visible()
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")  # The list is closed, so Enter inserts a line break.
    page.keyboard.type("mail me@example.com")  # An @ inside a word starts no mention.
    page.wait_for_timeout(300)
    expect(people).to_be_hidden()
    page.get_by_role("button", name="Add comment").click()
    page.wait_for_url("**#comment-*")
    comment = newest(world)
    assert comment.body == "Please look, @auditor@example.com and \r\nmail me@example.com".replace("\r", "")
    assert comment.mentions == [world.people["auditor"].pk]


def test_a_mention_is_chosen_by_pointer_in_the_middle_of_a_text(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(address(world))
    box = page.get_by_role("textbox", name="Comment")
    box.fill("Ask about it.")
    for _ in range(len(" about it.")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type(" @tenant")
    people = page.get_by_role("listbox", name="People to mention")
    people.get_by_role("option").filter(has_text="tenant_administrator@example.com").click()
    expect(box).to_have_value("Ask @tenant_administrator@example.com about it.")
    expect(box).to_be_focused()


def test_an_owner_is_suggested_only_people_named_on_the_page(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["owner"])
    page.goto(address(world))
    page.get_by_role("textbox", name="Comment").click()
    page.keyboard.type("@")
    people = page.get_by_role("listbox", name="People to mention")
    expect(people.get_by_role("option")).to_have_text(["Mira Okafor engineer@example.com"])
    page.keyboard.type("audi")
    expect(page.get_by_role("status").filter(has_text="No matching people")).to_be_attached()
    expect(people).to_be_hidden()


def test_without_javascript_the_address_is_typed(open_page: Open, world: World) -> None:
    page = open_page(javascript=False)
    sign_in(page, world.people["organization_engineer"])
    page.goto(address(world))
    page.get_by_role("textbox", name="Comment").fill("Please look, @auditor@example.com")
    page.get_by_role("button", name="Add comment").click()
    assert newest(world).mentions == [world.people["auditor"].pk]
