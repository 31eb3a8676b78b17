"""Findings of people who lost access: filter, notice on the overview, and reassignment."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.models import Treatment
from tenants.models import Membership, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.treatment.selectors.access_changes import STATES, Change, nothing, revoked
from tests.portal.web.world import World, give

pytestmark = pytest.mark.slow(seconds=15)

type SignIn = Callable[[Person], Client]


@pytest.fixture
def leaver(world: World) -> Person:
    """A second owner, who owns one failing and one passing finding."""
    who = factories.member(Role.OWNER, world.home, factories.person("lin@example.com", "Lin Baker"))
    with factories.in_tenant(world.home):
        for outcome in ("fail", "pass"):
            found = (
                Finding.objects.filter(tenant=world.home, outcome=outcome, treatment__isnull=True)
                .order_by("control", "pk")
                .first()
            )
            assert found is not None
            give(world.home, found, who, by=world.people["organization_engineer"])
    return who


def findings(world: World, query: str = "") -> str:
    return reverse("findings", args=[world.home.slug]) + query


def matching(client: Client, url: str) -> tuple[int, int]:
    found = re.search(r"<p>(\d+) of (\d+) match", client.get(url).content.decode())
    assert found is not None
    return int(found[1]), int(found[2])


def option(html: str, label: str) -> int | None:
    """Return the count that the page shows beside an option of a facet."""
    found = re.search(
        rf'title="{re.escape(label)}">.*?<span class="count">\s*(\d+)', unescape(html), re.DOTALL
    )
    return int(found[1]) if found else None


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_filter_and_counts_of_former_owners(
    world: World, engineer: Client, leaver: Person, how: Change, left: bool
) -> None:
    how(world.home, leaver)
    count, total = matching(engineer, findings(world, "?owner=gone"))
    assert (count, total > 2) == (2 if left else 0, True)
    assert matching(engineer, findings(world, "?owner=gone&verdict=fail"))[0] == (1 if left else 0)
    assert matching(engineer, findings(world, "?owner=gone&layout=list"))[0] == count
    owner = world.people["owner"]
    assert matching(engineer, findings(world, f"?owner=gone&owner={owner.pk}"))[0] == count + 1
    with factories.in_tenant(world.home):
        unowned = (
            Finding.objects.filter(tenant=world.home, gone_at=None)
            .exclude(pk__in=Treatment.objects.filter(owner__isnull=False).values("finding"))
            .count()
        )
    assert matching(engineer, findings(world, "?owner=gone&owner=nobody"))[0] == count + unowned
    for url in (
        findings(world, "?facets=all"),
        reverse("findings-facets", args=[world.home.slug]) + "?of=owner",
        # The counts of the facet `owner` ignore the filter `owner`.
        findings(world, "?facets=all&owner=nobody"),
    ):
        html = engineer.get(url).content.decode()
        assert option(html, "Owner cannot act") == (2 if left else None), url
        assert option(html, "Lin Baker (cannot act)" if left else "Lin Baker") == 2, url
        assert option(html, "Owner") == 1
    asked = engineer.get(findings(world, "?facets=all&owner=gone")).content.decode()
    assert option(asked, "Owner cannot act") == (2 if left else 0)
    rows = csv.reader(io.StringIO(exported(engineer, world, "?owner=gone")))
    assert len(list(rows)) - 1 == count


def exported(client: Client, world: World, query: str) -> str:
    answer = client.get(reverse("findings-csv", args=[world.home.slug]) + query)
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_overview_names_former_owners(world: World, sign_in: SignIn, leaver: Person, role: Role) -> None:
    client, url = sign_in(world.people[role.value]), reverse("tenant", args=[world.home.slug])
    assert "cannot act on" not in client.get(url).content.decode()
    revoked(world.home, leaver)
    html = unescape(client.get(url).content.decode())
    said = re.search(r"<strong>(\d+)</strong>\s*finding needs work.*?</p>", html, re.DOTALL)
    assert said is not None
    assert said[1] == "1"
    assert "Lin Baker (1)" in said[0]
    assigns = role in (
        Role.ORGANIZATION_ADMINISTRATOR,
        Role.ORGANIZATION_ENGINEER,
        Role.TENANT_ADMINISTRATOR,
    )
    assert ("Reassign it" in said[0]) is assigns
    link = re.search(r'href="([^"]+)"', said[0])
    assert link is not None
    assert matching(client, link[1])[0] == 1


def test_owners_do_not_see_former_owners(world: World, owner: Client, leaver: Person) -> None:
    revoked(world.home, leaver)
    html = owner.get(reverse("tenant", args=[world.home.slug])).content.decode()
    assert "cannot act on" not in html
    assert "Lin Baker" not in html
    assert matching(owner, findings(world, "?owner=gone"))[0] == 0


def test_all_matching_findings_are_reassigned(world: World, engineer: Client, leaver: Person) -> None:
    revoked(world.home, leaver)
    taker = world.people["owner"]
    answer = engineer.post(
        reverse("findings-bulk", args=[world.home.slug]),
        {"action": "assign", "owner": str(taker.pk), "all": "1", "q": "owner=gone", "count": "2"},
        follow=True,
    )
    assert answer.status_code == 200
    with factories.in_tenant(world.home):
        assert Treatment.objects.filter(tenant=world.home, owner=taker).count() == 3
        assert not Treatment.objects.filter(owner=leaver).exists()
    assert matching(engineer, findings(world, "?owner=gone"))[0] == 0
    tenant = engineer.get(reverse("tenant", args=[world.home.slug])).content.decode()
    assert "cannot act on" not in tenant


def test_former_owners_are_not_offered_for_assignment(world: World, engineer: Client, leaver: Person) -> None:
    revoked(world.home, leaver)
    html = engineer.get(findings(world)).content.decode()
    assert f'<option value="{leaver.pk}"' not in html
    assert f'<option value="{world.people["owner"].pk}"' in html


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_finding_and_owner_rules_mark_the_former_owner(
    world: World, engineer: Client, leaver: Person, how: Change, left: bool
) -> None:
    with factories.in_tenant(world.home):
        rule = create_rule(
            tenant=world.home, by=world.people["organization_engineer"], name="To Lin", owner=leaver
        )
        owned = Finding.objects.get(treatment__owner=leaver, outcome="fail")
    how(world.home, leaver)
    for url in (
        reverse("finding", args=[world.home.slug, owned.pk]),
        reverse("owner-rules", args=[world.home.slug]),
    ):
        html = engineer.get(url).content.decode()
        assert "Lin Baker" in html
        assert ("Owner cannot act" in html) is left, url
    page = engineer.get(reverse("owner-rule", args=[world.home.slug, rule.pk])).content.decode()
    assert ("so this rule has no effect. Choose another owner." in page) is left


def test_access_to_another_tenant_does_not_count(world: World, engineer: Client, leaver: Person) -> None:
    """The former owner has a role at a customer of another provider, but not at this customer."""
    with organization_scope(world.home.organization):
        Membership.objects.filter(person=leaver).update(valid_until=timezone.now())
    factories.member(Role.TENANT_ADMINISTRATOR, world.foreign, leaver)
    nothing(world.home, leaver)
    assert matching(engineer, findings(world, "?owner=gone"))[0] == 2
