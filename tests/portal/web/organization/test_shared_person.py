"""A person with roles in two organizations: neither organization can read or change the data of the other one."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions.disable import set_account_active
from portal.accounts.models import UnconfirmedChange
from portal.members.invite import invite_person
from portal.offboarding.erasures.requests import request_pseudonymisation
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.models import OwnerRule
from tenants.actions import accept_invitation, revoke_membership
from tenants.actions.invitations import invite
from tenants.errors import Conflict, PermissionDenied
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


@pytest.fixture
def other(world: World) -> Organization:
    with organization_scope(world.foreign.organization_id):
        return Organization.objects.get(pk=world.foreign.organization_id)


@pytest.fixture
def shared(world: World, other: Organization) -> Person:
    """A person with the role Owner at one customer of each organization."""
    who = factories.member(Role.OWNER, world.home)
    factories.member(Role.OWNER, world.foreign, who)
    for tenant in (world.home, world.foreign):
        with factories.in_tenant(tenant):
            create_rule(tenant=tenant, by=factories.BY, name="Rule of both", owner=who)
    return who


@pytest.fixture
def ours(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_administrator"])


def leaving(world: World, who: Person) -> str:
    return reverse("person-leaving", args=[world.organization.slug, who.pk])


def rule_owner(tenant: Tenant) -> str:
    with factories.in_tenant(tenant):
        return OwnerRule.objects.get(name="Rule of both").owner.email


def roles_in(organization: Organization, who: Person) -> list[str]:
    with organization_scope(organization):
        rows = Membership.objects.filter(Membership.valid_at(timezone.now()), person=who)
        return [str(row.role) for row in rows]


def test_pages_of_one_organization_do_not_name_the_other(
    world: World, other: Organization, shared: Person, ours: Client
) -> None:
    slug = world.organization.slug
    pages = [
        page(ours, "organization-people", slug),
        page(ours, "access-review", slug).replace("<wbr>", ""),  # Addresses contain <wbr>.
        page(ours, "person-leaving", slug, shared.pk),
        page(ours, "person-account", slug, shared.pk),
    ]
    csv = b"".join(ours.get(reverse("access-review-csv", args=[slug]))).decode()
    assert csv.count(shared.email) == 1, "only the role in this organization"
    for html in (*map(unescape, pages), csv):
        assert shared.email in html
        for name in (other.name, other.slug, world.foreign.name, world.foreign.slug):
            assert name not in html
    assert "This person also works for another organization" in unescape(pages[3])
    assert "at any organization" in pages[1], "the last use of Surety may have been elsewhere"


@pytest.mark.slow(seconds=1)
def test_account_stays_enabled_and_access_elsewhere_stays(
    world: World, other: Organization, shared: Person, ours: Client, sign_in: SignIn
) -> None:
    administrator = world.people["organization_administrator"]
    assert "Disable the account" not in ours.get(leaving(world, shared)).content.decode()
    ours.post(leaving(world, shared), {"disable": "on", "end_access": ""})
    with person_scope(administrator), pytest.raises(PermissionDenied, match="another organization"):
        set_account_active(by=administrator, organization=world.organization, person=shared, active=False)
    assert Person.objects.get(pk=shared.pk).is_active
    theirs = sign_in(shared)
    successor = world.people["organization_engineer"]
    answer = ours.post(leaving(world, shared), {"end_access": "on", "to": str(successor.pk)}, follow=True)
    assert "has ended" in answer.content.decode()
    assert roles_in(world.organization, shared) == []
    assert roles_in(other, shared) == ["owner"]
    assert (rule_owner(world.home), rule_owner(world.foreign)) == (successor.email, shared.email)
    assert theirs.get(reverse("tenant", args=[world.foreign.slug])).status_code in (200, 302)
    assert theirs.get(reverse("tenant", args=[world.home.slug])).status_code == 404


def test_neither_organization_pseudonymises_the_person_alone(
    world: World, other: Organization, shared: Person
) -> None:
    administrator = world.people["organization_administrator"]
    with person_scope(administrator):
        for row in Membership.objects.filter(person=shared):
            revoke_membership(by=administrator, membership=row)
        with pytest.raises(Conflict, match="still has access"):
            request_pseudonymisation(
                organization=world.organization, person=shared, by=administrator, reason="Left"
            )
    theirs = factories.member(Role.ORGANIZATION_ADMINISTRATOR, other)
    with person_scope(theirs):
        for row in Membership.objects.filter(person=shared):
            revoke_membership(by=theirs, membership=row)
    for place, by in ((world.organization, administrator), (other, theirs)):
        with (
            person_scope(by),
            pytest.raises(Conflict, match=r"in another organization\. Ask the operator"),
        ):
            request_pseudonymisation(organization=place, person=shared, by=by, reason="Left")
    assert Person.objects.get(pk=shared.pk).email == shared.email


def test_page_of_a_leaver_says_how_both_organizations_pseudonymise(
    world: World, other: Organization, shared: Person, ours: Client
) -> None:
    for tenant in (world.home, world.foreign):
        with factories.in_tenant(tenant):
            OwnerRule.objects.filter(owner=shared).delete()
            Membership.objects.filter(person=shared).update(valid_until=timezone.now())
    html = unescape(ours.get(leaving(world, shared)).content.decode())
    assert "Request pseudonymisation" not in html
    assert f"manage.py pseudonymise_person {shared.email} --reason TEXT" in html
    assert other.name not in html


def test_invitation_of_another_organization_says_nothing_about_the_account(
    world: World, other: Organization, ours: Client
) -> None:
    known = factories.member(Role.OWNER, world.foreign)
    administrator = world.people["organization_administrator"]
    for email in (known.email, "nobody@new.example"):
        with person_scope(administrator):
            invite_person(
                by=administrator,
                organization=world.organization,
                tenants=[world.home],
                email=email,
                role=Role.OWNER,
            )
    html = unescape(page(ours, "organization-people", world.organization.slug))
    assert [known.email in html, "nobody@new.example" in html] == [True, True]
    assert known.name not in html.replace(known.email, "")
    assert ours.get(leaving(world, known)).status_code == 404
    with person_scope(administrator):
        _, token = invite(
            by=administrator,
            organization=world.organization,
            tenant=world.home,
            email=known.email,
            role=Role.OWNER,
        )
    with person_scope(known):
        accept_invitation(by=known, token=token)
    assert roles_in(other, known) == ["owner"]
    assert roles_in(world.organization, known) == ["owner"]


def test_administrators_of_other_organizations_are_not_named_beside_a_waiting_role(
    world: World, other: Organization, ours: Client
) -> None:
    theirs = factories.member(Role.ORGANIZATION_ADMINISTRATOR, other)
    colleague = factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)
    who = factories.member(Role.OWNER, world.foreign)
    for by, value in ((theirs, "old@elsewhere.example"), (colleague, who.email)):
        UnconfirmedChange.objects.create(person=who, kind="address", value=value, made_by=by)
    with person_scope(colleague):
        _, token = invite(
            by=colleague,
            organization=world.organization,
            tenant=world.home,
            email=who.email,
            role=Role.APPROVER,
        )
    with person_scope(who):
        accept_invitation(by=who, token=token)
    html = " ".join(unescape(page(ours, "organization-people", world.organization.slug)).split())
    assert (
        "old@elsewhere.example set by an administrator of another organization without a second administrator"
        in html
    )
    assert f"{who.email} set by {colleague.get_full_name()} without a second administrator" in html
    assert theirs.get_full_name() not in html
