"""People who see only their own findings learn nothing about other findings from the pages they can open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import FindingException
from tests import factories
from tests.portal.web.treatments import approved, ask, failing, give
from tests.portal.web.world import SignIn, World


def test_the_palette_finds_only_their_own(world: World, owner: Client, sign_in: SignIn) -> None:
    other, own = failing(world)[0], world.of(world.home)["owned"]
    auditor = sign_in(world.people["auditor"])
    for client, row, found in ((owner, own, True), (owner, other, False), (auditor, other, True)):
        html = client.get(reverse("palette"), {"q": str(row.pk)}).content.decode()
        assert (reverse("finding", args=[world.home.slug, row.pk]) in html) is found
        assert (row.control in html) is found


@pytest.mark.slow(seconds=1)
def test_the_palette_finds_visible_exceptions(world: World, engineer: Client, owner: Client) -> None:
    row = world.of(world.home)["exception"]
    url, slug = reverse("exception", args=[world.home.slug, row.pk]), world.home.slug
    for q in (
        str(row.pk),
        str(row.number),
        f"#{row.number}",
        f"Exception {row.number}",
        f"exception #{row.number}",
    ):
        asked = {"q": q, "tenant": slug}
        assert url in engineer.get(reverse("palette"), asked).content.decode(), q
        # The owner neither requested this exception nor owns its finding.
        assert url not in owner.get(reverse("palette"), asked).content.decode(), q
    for q, tenant in (("99999", slug), ("1" * 12, slug), (str(row.number), ""), ("Exception", slug)):
        assert url not in engineer.get(reverse("palette"), {"q": q, "tenant": tenant}).content.decode(), q
    foreign = world.of(world.foreign)["exception"]
    there = reverse("exception", args=[world.foreign.slug, foreign.pk])
    asked = {"q": str(foreign.pk), "tenant": world.foreign.slug}
    assert there not in engineer.get(reverse("palette"), asked).content.decode()


def test_an_id_in_the_address_gives_no_name(world: World, owner: Client) -> None:
    """The address contains the id of a person of another provider, or of a member whom none of the owner's findings
    names. The page must not show the name of this person.
    """
    with factories.in_tenant(world.foreign):
        stranger = factories.person(name="Somebody Elsewhere")
    for who in (stranger, world.people["auditor"]):
        url = reverse("findings", args=[world.home.slug])
        html = owner.get(url, {"owner": str(who.pk)}).content.decode()
        assert who.get_full_name() not in html


def test_a_comment_that_mentions_somebody_goes_with_the_finding(world: World, owner: Client) -> None:
    row, who = world.of(world.home)["owned"], world.people["owner"]
    with factories.in_tenant(world.home):
        add_comment(
            finding=row, by=world.people["organization_engineer"], body=f"Quoted secret, @{who.email}"
        )
    assert "Quoted secret" in owner.get(reverse("my")).content.decode()
    with factories.in_tenant(world.home):
        assign(
            tenant=world.home,
            findings=Finding.objects.filter(pk=row.pk),
            owner=None,
            by=world.people["organization_engineer"],
        )
    assert "Quoted secret" not in owner.get(reverse("my")).content.decode()


def test_a_rule_shows_an_owner_numbers_but_no_findings(world: World, owner: Client, sign_in: SignIn) -> None:
    """The counts by control would reveal findings that the owner cannot see, so they are not shown."""
    exception = ask(world, rule={"resource_group": "rg-*"}, maximum=50)
    row = failing(world)[0]
    give(world, row, world.people["owner"])
    url = reverse("exception", args=[world.home.slug, exception.pk])
    titles = set()
    for client in (sign_in(world.people["auditor"]), owner):
        matching = client.get(url).context["matching"]
        titles.add(len(matching["by_control"]) if matching else 0)
    assert titles == {0, max(titles)}
    assert max(titles) > 0


def test_the_page_lists_findings_that_a_rule_no_longer_matches(world: World, sign_in: SignIn) -> None:
    exception = approved(world, rule={"resource_group": "rg-prod"})
    row = failing(world)[0]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=row.pk).update(resource_group="rg-other")
        assert apply_transitions(tenant=world.home).left == 1
        assert FindingException.objects.get(pk=exception.pk).state == "active"
    html = sign_in(world.people["auditor"]).get(reverse("exception", args=[world.home.slug, exception.pk]))
    assert "No longer matches the rule of an exception" in html.content.decode()


@pytest.mark.slow(seconds=1)
def test_the_register_counts_only_an_owner_s_controls(world: World, owner: Client, sign_in: SignIn) -> None:
    """The exception covers findings of two controls. The owner sees only one of these findings, so the register must
    not reveal the control of the other one.
    """
    rows = failing(world)
    one = rows[0]
    other = next(row for row in rows if row.control != one.control)
    with factories.in_tenant(world.home):
        exception = request_exception(
            tenant=world.home,
            by=world.people["organization_engineer"],
            scope=FindingException.Scope.LIST,
            reason="It is needed like this.",
            ends_at=timezone.now() + timedelta(days=30),
            findings=Finding.objects.filter(pk__in=[one.pk, other.pk]),
        )
    give(world, one, world.people["owner"])
    url = reverse("exceptions", args=[world.home.slug])
    for client, sees in ((owner, False), (sign_in(world.people["auditor"]), True)):
        controls = next(f for f in client.get(url).context["facets"] if f.name == "control")
        assert {one.control} <= {option.url.split("control=")[1] for option in controls.options}
        assert (other.control in {option.url.split("control=")[1] for option in controls.options}) is sees
        for export in (url, reverse("exceptions-export", args=[world.home.slug])):
            text = client.get(export, {"control": other.control}).content.decode()
            assert (exception.reason in text) is sees


@pytest.mark.slow(seconds=1)
def test_an_owner_is_told_that_the_figures_are_of_more_than_they_see(
    world: World, owner: Client, sign_in: SignIn
) -> None:
    url = reverse("tenant", args=[world.home.slug])
    notice = "and “Attestations” show only your findings"
    assert notice in owner.get(url).content.decode()
    assert notice not in sign_in(world.people["auditor"]).get(url).content.decode()


@pytest.mark.slow(seconds=1)
def test_the_catalogue_counts_failures_only_for_people_who_see_all(owner: Client, engineer: Client) -> None:
    """An owner sees no customer as a whole, so every number would be 0 although controls fail."""
    for client, counted in ((engineer, True), (owner, False)):
        html = client.get(reverse("controls")).content.decode()
        assert ("Customers failing</th>" in html) is counted
        assert ("is the number of your customers for whom a control fails" in html) is counted
