"""No page scrolls sideways: with long names, on phones and on windows of medium width."""

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
# 320 is also the width of a page of 1280 px that is enlarged to 400 %.
WIDTHS: Final = (320, 360, PHONE, 768, 960, 1024, 1200)
OF_THE_CUSTOMER: Final = (
    "tenant", "findings", "changes", "resource-changes", "attestations", "exceptions", "inventory", "journal",
    "assessments",
)  # fmt: skip


def test_no_page_scrolls_sideways(signed_in: Callable[..., Page], world: World) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(name=ONE_WORD)
    page = signed_in(world.people["organization_administrator"])
    names = {name: reverse(name, args=[world.home.slug]) for name in OF_THE_CUSTOMER}
    wider = {}
    for name, address in {
        "portfolio": reverse("portfolio"),
        "workload": reverse("workload"),
        **names,
    }.items():
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 860})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                wider[name, width] = wide
    assert not wider


@pytest.mark.parametrize("role", ["approver", "owner"])
def test_pages_of_approvers_and_owners_hold_long_names(
    signed_in: Callable[..., Page], world: World, role: str
) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(name=ONE_WORD)
        Finding.objects.update(subject_name=ONE_WORD)
        Person.objects.filter(pk__in=[one.pk for one in world.people.values()]).update(name=ONE_WORD)
    page = signed_in(world.people[role])
    wider = {}
    for name, address in role_addresses(world, role).items():
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 860})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                wider[name, width] = wide
    assert not wider
