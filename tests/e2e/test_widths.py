"""Pages do not scroll sideways on phones or in windows of medium width, even with long names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from assessments.models import Finding
from tenants.models import Person, Tenant
from tests import factories
from tests.e2e.pages import PHONE, role_addresses
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e

ONE_WORD: Final = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
# A page has a width of 320 px on small phones, and in a window of 1280 px if people enlarge it to 400 %.
WIDTHS: Final = (320, 360, PHONE, 768, 960, 1024, 1200)
OF_THE_CUSTOMER: Final = (
    "tenant", "findings", "changes", "resource-changes", "attestations", "exceptions", "inventory", "journal",
    "assessments",
)  # fmt: skip

WIDER_THAN_CARD: Final = """() => [
    document.documentElement, ...document.querySelectorAll(".table-wrap, .kv dd")
  ]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => `${element.tagName}: ${element.scrollWidth} px in ${element.clientWidth}`)"""


def too_wide(page: Page, addresses: dict[str, str]) -> dict[tuple[str, int], int]:
    """Return {(name of a page, width of the window): width of the page} for pages that are wider than the window."""
    wider = {}
    for name, address in addresses.items():
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 860})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                wider[name, width] = wide
    return wider


def test_no_page_scrolls_sideways(signed_in: Callable[..., Page], world: World) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(name=ONE_WORD)
    page = signed_in(world.people["organization_administrator"])
    names = {name: reverse(name, args=[world.home.slug]) for name in OF_THE_CUSTOMER}
    assert too_wide(page, {"portfolio": reverse("portfolio"), "workload": reverse("workload"), **names}) == {}


@pytest.mark.parametrize("role", ["approver", "owner"])
def test_pages_of_approvers_and_owners_with_long_names_do_not_scroll_sideways(
    signed_in: Callable[..., Page], world: World, role: str
) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(name=ONE_WORD)
        Finding.objects.update(subject_name=ONE_WORD)
        Person.objects.filter(pk__in=[one.pk for one in world.people.values()]).update(name=ONE_WORD)
    page = signed_in(world.people[role])
    assert too_wide(page, role_addresses(world, role)) == {}


def test_no_list_is_wider_than_its_card(signed_in: Callable[..., Page], world: World) -> None:
    """The actions are in the last column, so they would be cut off in a list that is wider than its card."""
    page = signed_in(world.people["organization_administrator"])
    organization, customer = world.organization.slug, world.home.slug
    wider = {}
    for address in (
        reverse("organization-people", args=[organization]),
        reverse("tenant-people", args=[customer]),
        reverse("portfolio-reports", args=[organization]),
        reverse("organization-roles", args=[organization]),
        reverse("reports", args=[customer]),
        reverse("tenant-settings", args=[customer]),
        reverse("portfolio"),
        reverse("exception", args=[customer, world.of(world.home)["exception"].pk]),
        # The page of this control contains a long word: the name of an equivalent control of another product has 60
        # characters without spaces.
        reverse("control", args=["identity-ca-mfa-arm"]),
    ):
        page.goto(address)
        for width in (960, 1024, 1280, 1440):
            page.set_viewport_size({"width": width, "height": 860})
            if found := page.evaluate(WIDER_THAN_CARD):
                wider[address, width] = found
    assert not wider


def test_lists_and_boxes_of_a_table_fit_and_stand_in_one_line(
    signed_in: Callable[..., Page], world: World
) -> None:
    page = signed_in(world.people["organization_administrator"])
    page.goto(reverse("watch-rules", args=[world.home.slug]))
    rows = page.get_by_role("row").filter(has=page.get_by_role("combobox")).all()
    assert rows
    for row in rows:
        severity = row.get_by_role("combobox").bounding_box()
        box = row.get_by_role("checkbox").bounding_box()
        assert severity is not None
        assert box is not None
        # The drop-down list must be wide enough for the text “Medium”, the padding and the arrow.
        assert severity["width"] >= 110
        middle, of_list = box["y"] + box["height"] / 2, severity["y"] + severity["height"] / 2
        assert abs(middle - of_list) < 2
