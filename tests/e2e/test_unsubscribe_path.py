"""Unsubscribing in a browser: the link in a mail, its confirmation page, and the link to the preferences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.notify.kinds import DIGESTS, KINDS
from portal.notify.models import Preference
from tests import factories
from tests.e2e.conftest import Open, picture
from tests.e2e.pages import digest_link, violations
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


def chosen(world: World) -> set[str]:
    with factories.in_tenant(world.home):
        return set(Preference.objects.filter(delivery="off").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("theme", "width", "javascript"),
    [("light", 1280, True), ("dark", 1280, True), ("light", 390, False)],
    ids=["light", "dark", "phone without javascript"],
)
def test_the_link_in_a_digest_unsubscribes(
    open_page: Open, world: World, theme: str, width: int, javascript: bool
) -> None:
    page = open_page(theme=theme, width=width, javascript=javascript)

    def looked_at(name: str) -> None:
        if javascript:
            picture(page, f"unsubscribe-{name}-{theme}-{width}")
            assert violations(page, theme) == []
        else:
            picture(page, f"unsubscribe-{name}-{theme}-{width}")

    page.goto(reverse("unsubscribe", args=[digest_link(world, "owner").token]))
    expect(page.get_by_role("heading", level=1)).to_have_text("Unsubscribe?")
    expect(page.get_by_role("main")).to_contain_text("A finding was assigned to you")
    looked_at("ask")
    assert chosen(world) == set()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")
    looked_at("done")
    assert chosen(world) == {key for key, kind in KINDS.items() if kind.default in DIGESTS}
    page.goto(reverse("unsubscribe", args=[digest_link(world, "owner").token]))
    expect(page.get_by_role("heading", level=1)).to_have_text("You are already unsubscribed")
    looked_at("nothing")
    page.get_by_role("link", name="Choose email notifications").click()
    expect(page.get_by_label("Email")).to_be_visible()  # The preferences require signing in.


def test_links_in_sent_mails_can_be_invalidated(
    signed_in: Callable[..., Page], open_page: Open, world: World
) -> None:
    page = signed_in(world.people["owner"])
    page.goto(reverse("preferences"))
    picture(page, "preferences-links")
    page.get_by_role("button", name="Invalidate all links sent so far").click()
    expect(page.get_by_text("Links in new mails work.")).to_be_visible()
    stranger = open_page()
    stranger.goto(reverse("unsubscribe", args=[digest_link(world, "owner").token]))
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This unsubscribe link no longer works")
    picture(stranger, "unsubscribe-ended")
    stranger.goto(reverse("unsubscribe", args=["nonsense"]))
    expect(stranger.get_by_role("heading", level=1)).to_have_text(
        "This unsubscribe link is invalid or incomplete"
    )
    picture(stranger, "unsubscribe-unknown")
    # A signed-in engineer cannot use the owner's link.
    other = signed_in(world.people["organization_engineer"])
    other.goto(reverse("unsubscribe", args=[digest_link(world, "owner").token]))
    expect(other.get_by_role("heading", level=1)).to_have_text("This link belongs to someone else")
    picture(other, "unsubscribe-somebody-else")
