"""After an owner has lost access, an engineer sees this on the customer's page and reassigns the findings."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from assessments.models import Finding
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.models import OwnerRule, Treatment
from portal.treatment.tasks import refresh
from tenants import journal
from tenants.actions import revoke_membership
from tenants.models import Membership, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.e2e.conftest import picture
from tests.e2e.pages import violations
from tests.factories import BY
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e

type SignedIn = Callable[..., Page]


@pytest.fixture
def former_owner(world: World) -> Person:
    """Return a person who has lost access, but still owns all failing findings, and is the owner in an owner rule."""
    who = factories.member(Role.OWNER, world.home, factories.person("lin@example.com", "Lin Baker"))
    engineer = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        failing = Finding.objects.filter(tenant=world.home, outcome="fail")
        assign(tenant=world.home, findings=failing, owner=who, by=engineer)
        create_rule(tenant=world.home, by=engineer, name="To Lin", owner=who)
    with organization_scope(world.organization):
        revoke_membership(by=BY, membership=Membership.objects.get(person=who))
    refresh(str(world.home.pk))
    return who


@pytest.mark.slow(seconds=2)
def test_findings_of_a_former_owner_are_reassigned(
    world: World, signed_in: SignedIn, former_owner: Person
) -> None:
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("notices"))
    expect(page.get_by_text("Lin Baker has lost access and still owns", exact=False).first).to_be_visible()
    page.goto(reverse("tenant", args=[world.home.slug]))
    notice = page.get_by_text(re.compile("owners? cannot act on")).first
    expect(notice).to_contain_text("Lin Baker")
    picture(page, "left-tenant")
    assert violations(page) == []
    page.get_by_role("link", name="Reassign them").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#facet-owner summary")).to_contain_text("Owner cannot act")
    picture(page, "left-findings")
    assert violations(page) == []
    page.get_by_role("button", name=re.compile(r"Select all \d+ matching")).click()
    bar = page.get_by_role("region", name="Selected findings")
    bar.locator("summary", has_text="Assign").click()
    bar.get_by_label("Owner").select_option(str(world.people["owner"].pk))
    picture(page, "left-assign")
    bar.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    with factories.in_tenant(world.home):
        assert not Treatment.objects.filter(owner=former_owner, finding__outcome="fail").exists()
        assert journal.verify(world.home) == []
    page.goto(reverse("tenant", args=[world.home.slug]))
    expect(page.get_by_text(re.compile("owners? cannot act on"))).to_have_count(0)


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
def test_notices_of_former_owners_are_accessible(
    world: World, signed_in: SignedIn, former_owner: Person, theme: str, width: int
) -> None:
    page = signed_in(world.people["organization_engineer"], theme=theme, width=width)
    with factories.in_tenant(world.home):
        finding = Finding.objects.filter(treatment__owner=former_owner).order_by("pk").first()
        rule = OwnerRule.objects.get(name="To Lin")
    assert finding is not None
    slug = world.home.slug
    for name, address in {
        "tenant": reverse("tenant", args=[slug]),
        "finding": reverse("finding", args=[slug, finding.pk]),
        "rules": reverse("owner-rules", args=[slug]),
        "rule": reverse("owner-rule", args=[slug, rule.pk]),
    }.items():
        page.goto(address)
        picture(page, f"left-{name}-{theme}-{width}")
        assert violations(page, theme) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
