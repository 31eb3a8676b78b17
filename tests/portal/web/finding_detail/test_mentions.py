"""Suggestions of people to mention: people who can see the finding. To a person with the role Owner, only people
who are named on the finding's page are suggested.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.actions.comments import add_comment
from portal.treatment.selectors.mentions import MAX_SUGGESTIONS
from tenants.roles import Role
from tests import factories
from tests.portal.web.world import SignIn, World, give


def offered(client: Client, world: World, which: str = "owned", typed: str = "") -> list[str]:
    url = reverse("finding-mentions", args=[world.home.slug, world.of(world.home)[which].pk])
    answer = client.get(url, {"q": typed})
    assert answer.status_code == 200
    return re.findall(r'data-mention="([^"]+)"', answer.content.decode())


def test_an_engineer_is_suggested_everyone_who_sees_the_finding(world: World, engineer: Client) -> None:
    """The owner and everyone who sees all findings are suggested. Other owners, and people of other organizations, are
    not.
    """
    with factories.in_tenant(world.home):
        add_comment(finding=world.of(world.home)["owned"], by=world.people["approver"], body="Can this wait?")
    other = factories.member(Role.OWNER, world.home, factories.person("second-owner@example.com"))
    everybody = {who.email for who in world.people.values()}
    mine = world.people["organization_engineer"].email
    assert set(offered(engineer, world)) == everybody - {mine}
    # The person with the role Owner does not own this finding, so the person cannot see it and is not suggested.
    assert set(offered(engineer, world, "finding")) == everybody - {mine, world.people["owner"].email}
    assert other.email not in offered(engineer, world, typed="second")


def test_an_owner_is_suggested_people_named_by_the_finding(world: World, owner: Client) -> None:
    """The engineer assigned the finding, so the page names the engineer. Typing reveals no other members."""
    engineer = world.people["organization_engineer"].email
    assert offered(owner, world) == [engineer]
    for typed in ("audit", "tenant", "@example.com", "a"):
        assert set(offered(owner, world, typed=typed)) <= {engineer}
    with factories.in_tenant(world.home):
        add_comment(
            finding=world.of(world.home)["owned"], by=world.people["tenant_administrator"], body="Hello."
        )
        # A comment on another finding, which the owner cannot see, adds no suggestion.
        add_comment(finding=world.of(world.home)["finding"], by=world.people["auditor"], body="Hello.")
    assert set(offered(owner, world)) == {engineer, world.people["tenant_administrator"].email}


def test_people_who_lost_access_are_not_suggested(world: World, owner: Client, sign_in: SignIn) -> None:
    second = factories.member(Role.OWNER, world.home, factories.person("second-owner@example.com"))
    row, engineer = world.of(world.home)["owned"], world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        add_comment(finding=row, by=world.people["owner"], body="Not mine.")
        give(world.home, row, second, by=engineer)
    assert offered(sign_in(second), world) == [engineer.email]
    assert world.people["owner"].email not in offered(sign_in(engineer), world)


def test_suggested_people_can_be_mentioned(world: World, engineer: Client) -> None:
    row = world.of(world.home)["owned"]
    addresses = offered(engineer, world)
    assert addresses
    for address in addresses:
        with factories.in_tenant(world.home):
            comment = add_comment(
                finding=row, by=world.people["organization_engineer"], body=f"Please look, @{address} ."
            )
            assert len(comment.mentions) == 1


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("audi", "auditor@example.com"),
        ("AUDI", "auditor@example.com"),
        ("approver@exam", "approver@example.com"),
        ("administrator", "tenant_administrator@example.com"),
        ("nobody-is-called-so", ""),
        ("\x00", ""),
        ("%", ""),
        ("x" * 5000, ""),
    ],
    ids=["begins", "upper case", "address", "inside", "nobody", "nul", "wildcard", "long"],
)
def test_suggestions_match_names_and_addresses(
    world: World, engineer: Client, typed: str, first: str
) -> None:
    assert offered(engineer, world, typed=typed)[:1] == ([first] if first else [])


def test_suggestions_are_few_and_prefixes_come_first(world: World, engineer: Client) -> None:
    for number in range(MAX_SUGGESTIONS + 4):
        factories.member(
            Role.AUDITOR, world.home, factories.person(f"nina{number:02}@example.com", f"Nina {number:02}")
        )
    factories.member(Role.AUDITOR, world.home, factories.person("zz-nina@example.com", "Aanina Bell"))
    found = offered(engineer, world, typed="nina")
    assert found == [f"nina{number:02}@example.com" for number in range(MAX_SUGGESTIONS)]
    assert offered(engineer, world, typed="aanina") == ["zz-nina@example.com"]


def test_names_are_escaped(world: World, engineer: Client) -> None:
    factories.member(Role.AUDITOR, world.home, factories.person("script@example.com", '<b onclick="x">Bold'))
    url = reverse("finding-mentions", args=[world.home.slug, world.of(world.home)["owned"].pk])
    html = engineer.get(url, {"q": "script"}).content.decode()
    assert "<b" not in html
    assert "&lt;b onclick=&quot;x&quot;&gt;Bold" in html


@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_people_who_may_not_comment_get_no_suggestions(world: World, sign_in: SignIn, role: str) -> None:
    url = reverse("finding-mentions", args=[world.home.slug, world.of(world.home)["owned"].pk])
    assert sign_in(world.people[role]).get(url).status_code == 403


def test_the_page_names_the_address_of_suggestions(world: World, owner: Client) -> None:
    row = world.of(world.home)["owned"]
    html = owner.get(reverse("finding", args=[world.home.slug, row.pk])).content.decode()
    url = reverse("finding-mentions", args=[world.home.slug, row.pk])
    assert f'data-mentions="{url}"' in html
    assert "Type @name@example.com to mention" in html
