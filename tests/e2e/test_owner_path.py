"""Owners in a browser: assigning, undoing, acknowledging from a mail's link, and owner rules with their preview."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.treatment.models import OwnerRule, Treatment
from tests import factories
from tests.e2e.conftest import Open, sign_in
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e
type SignedIn = Callable[..., Page]


def address(world: World, name: str, which: str = "owned") -> str:
    return reverse(name, args=[world.home.slug, world.of(world.home)[which].pk])


def test_an_engineer_assigns_and_undoes(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(address(world, "finding"))
    treatment = page.get_by_role("region", name="Treatment")
    treatment.locator("summary", has_text="Assign").click()
    treatment.get_by_label("Owner").select_option(str(world.people["tenant_administrator"].pk))
    treatment.get_by_role("button", name="Assign", exact=True).click()
    expect(treatment).to_contain_text("Customer administrator Assigned by a person")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 1 finding.")).to_be_visible()
    expect(treatment.locator("dd").first).to_contain_text("Owner Assigned by a person")


@pytest.mark.parametrize("javascript", [True, False])
def test_an_owner_acknowledges_from_a_mail(open_page: Open, world: World, javascript: bool) -> None:
    """The link leads to sign-in and then to a confirmation page, whose button acknowledges the finding."""
    page = open_page(width=390, javascript=javascript)
    owner, link = world.people["owner"], address(world, "finding-acknowledge")
    page.goto(link)
    assert "/accounts/login/" in page.url
    page.get_by_label("Email").fill(owner.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("anonymous blob access")
    with factories.in_tenant(world.home):
        assert not Treatment.objects.filter(acknowledged_at__isnull=False).exists()
    page.get_by_role("button", name="Acknowledge").click()
    page.wait_for_url(f"**{address(world, 'finding')}")
    expect(page.get_by_role("region", name="Treatment")).to_contain_text("By Owner")
    with factories.in_tenant(world.home):
        assert Treatment.objects.get(acknowledged_at__isnull=False).acknowledged_by == owner


def test_a_comment_is_written_and_changed(signed_in: SignedIn, world: World) -> None:
    page = signed_in(world.people["owner"])
    page.goto(address(world, "finding"))
    page.get_by_role("textbox", name="Comment").fill("The site moves on Friday.")
    page.get_by_role("button", name="Add comment", exact=True).click()
    expect(page.get_by_text("The site moves on Friday.")).to_be_visible()
    page.get_by_role("link", name="Edit your comment").click()
    page.get_by_role("textbox", name="Comment").fill("The site moves on Monday.")
    page.get_by_role("button", name="Save comment").click()
    expect(page.get_by_text("The site moves on Monday.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_rule_is_previewed_saved_and_applied(open_page: Open, world: World, javascript: bool) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, world.people["organization_engineer"])
    page.goto(reverse("owner-rule-add", args=[world.home.slug]))
    preview = page.locator("#preview")
    expect(preview).to_contain_text("every finding")
    page.locator("#id_control").select_option("storage-anonymous-access-disallowed")
    if not javascript:
        page.get_by_role("button", name="Preview").click()
    expect(preview).to_contain_text(
        "1 finding to assign: control is “The storage account disallows anonymous blob access”"
    )
    expect(preview).to_contain_text("1 more matches but was assigned by hand")
    page.locator("#id_name").fill("Anonymous access")
    page.locator("#id_owner").select_option(str(world.people["owner"].pk))
    # Wait for the preview, because leaving the page earlier would make the browser log a console error.
    page.wait_for_timeout(400)
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Save rule").click()
    # With the keyboard, move the new rule above the existing one.
    page.get_by_role("button", name="Move Anonymous access up").press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("Anonymous access")
    page.get_by_role("button", name="Apply now").click()
    expect(page.get_by_text("1 finding reassigned.")).to_be_visible()
    with factories.in_tenant(world.home):
        assert OwnerRule.objects.get(position=1).name == "Anonymous access"
        assert Treatment.objects.get(owner_source="rule").owner == world.people["owner"]
