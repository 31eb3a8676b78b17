"""An administrator excludes subscriptions by a rule, and sees the effect before saving it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tenants.models import Subscription
from tests import factories
from tests.e2e.conftest import picture
from tests.e2e.pages import check_pages, problems_of
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


def previewed(page: Page) -> None:
    """Leave the field and wait for the preview. Otherwise, the next change could cancel the request for the preview,
    and the browser would log a console error, which fails the test.
    """
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    page.wait_for_load_state("networkidle")


def test_the_effect_of_a_rule_is_shown_while_it_is_typed(
    signed_in: Callable[..., Page], world: World
) -> None:
    home = world.home
    with factories.in_tenant(home):
        first = world.of(home)["subscription"]
        second = factories.subscription(world.of(home)["principal"], "Laboratory")
        Subscription.objects.filter(pk=first.pk).update(management_groups=[["landing", "Landing zones"]])
        Subscription.objects.filter(pk=second.pk).update(
            tags={"env": "test"}, management_groups=[["landing", "Landing zones"], ["boxes", "Sandboxes"]]
        )
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("subscriptions", args=[home.slug]) + "?tag=env%3Dtest")
    page.get_by_role("link", name="Exclude by a rule").click()
    preview = page.get_by_label("Preview", exact=True)
    expect(preview).to_contain_text("1 subscription excluded now With the tag env=test")
    page.get_by_label("With the tag").fill("")
    previewed(page)
    expect(preview).to_contain_text("to see which subscriptions the rule excludes now")
    page.get_by_label("Below the management group").fill("LANDING")
    previewed(page)
    expect(preview).to_contain_text("2 subscriptions excluded now Below the management group Landing zones")
    page.get_by_label("Below the management group").fill("boxes")
    expect(preview).to_contain_text(
        "1 subscription excluded now Below the management group Sandboxes (boxes)"
    )
    expect(preview).to_contain_text("Laboratory")
    previewed(page)
    page.get_by_label("Name").fill("Experiments")
    previewed(page)
    page.get_by_label("Reason").fill("Nobody works with customers’ data there")
    page.get_by_label("Last day").fill("2999-12-31")
    assert problems_of(page, "exclusion-rule-typed") == {}
    page.set_viewport_size({"width": 1280, "height": 860})
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_text("Rule “Experiments” saved. It excludes 1 subscription now.")).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Experiments", exact=True))
    expect(row).to_contain_text("2999-12-31")
    names = ("exclusion-rules", "subscriptions", "tenant-settings")
    check_pages(page, {f"{name}-with-a-rule": reverse(name, args=[home.slug]) for name in names})
    page.goto(reverse("subscriptions", args=[home.slug]))
    link = page.get_by_role("link", name="Open rule Experiments", exact=True)
    expect(link).to_have_count(1)
    link.click()
    expect(page.get_by_label("Last day")).to_have_value("2999-12-31")
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_text("Laboratory")).to_be_visible()
    picture(page, "exclusion-rule-remove")
    page.get_by_role("button", name="Remove rule").click()
    expect(page.get_by_role("link", name="Experiments", exact=True)).to_have_count(0)
