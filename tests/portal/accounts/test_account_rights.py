"""Administrators can change only accounts within their rights, and changes that they have prepared end when the
person gets a new role.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions.permits import person_with_permit
from portal.accounts.models import AccountChange, IdentityPermit, Session
from tenants.actions import decide_membership, grant_membership
from tenants.models import Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.accounts.address_steps import NEW, change, confirmation, email_of
from tests.portal.accounts.conftest import Delivered, House, SignIn
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


def make_approver(house: House, person: Person) -> None:
    with person_scope(house.ada):
        waiting = grant_membership(
            by=house.ada,
            person=person,
            organization=house.organization,
            tenant=house.tenant,
            role=Role.APPROVER,
        )
    with person_scope(house.bea):
        decide_membership(by=house.bea, membership=waiting, confirm=True)


def test_a_permit_of_one_administrator_ends_before_the_person_is_an_approver(house: House) -> None:
    """Ada permits an identity that she controls for Otto, who is an owner. Later, Bea confirms Otto as an approver."""
    change(house, house.ada, house.otto, "next_sign_in")
    assert IdentityPermit.objects.filter(person=house.otto).exists()
    make_approver(house, house.otto)
    assert person_with_permit(address=house.otto.email, identity="x") is None
    assert "account.permissions_ended" in house.actions()


def test_a_pending_address_of_one_administrator_ends_before_the_person_is_an_approver(
    house: House, mails: Delivered
) -> None:
    change(house, house.ada, house.otto, "address", "mine@attacker.example")
    link = confirmation(mails)
    make_approver(house, house.otto)
    Client().post(link)
    assert email_of(house.otto) == "otto@northlight.example"
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists()


def test_what_is_prepared_while_the_role_waits_ends_with_its_confirmation(house: House) -> None:
    with person_scope(house.ada):
        waiting = grant_membership(
            by=house.ada,
            person=house.otto,
            organization=house.organization,
            tenant=house.tenant,
            role=Role.APPROVER,
        )
    IdentityPermit.objects.create(
        person=house.otto, given_by=house.ada, expires_at=timezone.now() + timedelta(days=7)
    )
    with person_scope(house.bea):
        decide_membership(by=house.bea, membership=waiting, confirm=True)
    assert not IdentityPermit.objects.exists()


def test_a_refused_or_ended_role_ends_nothing_and_the_own_address_stays(house: House) -> None:
    IdentityPermit.objects.create(
        person=house.otto, given_by=house.ada, expires_at=timezone.now() + timedelta(days=7)
    )
    with organization_scope(house.organization):
        row = Membership.objects.get(person=house.otto)
        row.valid_until = timezone.now() + timedelta(days=9)
        row.save(update_fields=["valid_until"])
    assert IdentityPermit.objects.exists()
    factories.member(Role.OWNER, factories.tenant(house.organization), house.otto)
    assert not IdentityPermit.objects.exists()
    assert EmailAddress.objects.filter(user=house.otto, email=house.otto.email, verified=True).exists()


def end_all(house: House, by: Person, person: Person) -> Any:
    address = reverse("person-sessions-end", args=[house.organization.slug, person.pk])
    return signed_in_client(by).post(address, follow=True)


@pytest.mark.parametrize("waits", [False, True], ids=["works there", "role waits there"])
def test_sessions_and_factors_of_people_of_two_organizations_are_theirs(
    house: House, sign_in: SignIn, waits: bool
) -> None:
    other = factories.organization("Other Provider")
    if waits:
        factories.member(
            Role.OWNER, factories.tenant(other), house.otto, valid_from=timezone.now() + timedelta(days=1)
        )
    else:
        factories.member(Role.OWNER, factories.tenant(other), house.otto)
    sign_in(house.otto)
    Authenticator.objects.create(user=house.otto, type="webauthn", data={})
    said = end_all(house, house.ada, house.otto).content.decode()
    assert "also works for another organization" in said
    change(house, house.ada, house.otto, "second_factor")
    assert Session.objects.filter(person=house.otto).exists()
    assert Authenticator.objects.filter(user=house.otto).exists()
    page = signed_in_client(house.ada).get(
        reverse("person-account", args=[house.organization.slug, house.otto.pk])
    )
    html = page.content.decode()
    assert "You can end their access to your organization under People" in html
    assert "End all sessions" not in html
    assert "Remove all second factors" not in html
    assert "127.0.0.1" not in html, "where the person is signed in concerns the other organization too"


def test_an_administrator_ends_sessions_of_the_own_people(house: House, sign_in: SignIn) -> None:
    sign_in(house.otto)
    assert "1 session was ended" in end_all(house, house.ada, house.otto).content.decode()
    assert not Session.objects.filter(person=house.otto).exists()


@pytest.fixture
def carla(house: House) -> Person:
    """A customer's administrator."""
    return factories.member(
        Role.TENANT_ADMINISTRATOR, house.tenant, factories.person("carla@northlight.example", "Carla")
    )


@pytest.fixture
def elsewhere(house: House) -> Tenant:
    return factories.tenant(house.organization, "Another Customer")


def test_a_customers_administrator_changes_accounts_of_its_people(
    house: House, carla: Person, sign_in: SignIn, mails: Delivered
) -> None:
    assert change(house, carla, house.otto).status_code == 302
    Client().post(confirmation(mails))
    assert email_of(house.otto) == NEW
    Authenticator.objects.create(user=house.otto, type="webauthn", data={})
    assert change(house, carla, house.otto, "second_factor").status_code == 302
    assert not Authenticator.objects.filter(user=house.otto).exists()
    sign_in(Person.objects.get(pk=house.otto.pk))
    assert "1 session was ended" in end_all(house, carla, house.otto).content.decode()


@pytest.mark.parametrize("kind", ["address", "second_factor", "next_sign_in"])
def test_a_customers_administrator_changes_nobody_with_more_rights_or_other_customers(
    house: House, carla: Person, elsewhere: Tenant, kind: str
) -> None:
    """An administrator who controlled one of these accounts would get rights beyond the administrator's own role."""
    colleague = factories.member(Role.TENANT_ADMINISTRATOR, house.tenant)
    factories.member(Role.OWNER, elsewhere, house.otto)
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, house.organization)
    factories.member(Role.OWNER, house.tenant, engineer)
    for victim, said in (
        (colleague, "administrators of the organization must change"),
        (house.paul, "administrators of the organization must change"),
        (house.otto, "customers that you do not administer"),
        (engineer, "customers that you do not administer"),
    ):
        answer = change(house, carla, victim, kind, "mine@attacker.example")
        assert (answer.status_code, said in answer.content.decode()) == (400, True), victim
        assert said in end_all(house, carla, victim).content.decode()
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists()
    assert not IdentityPermit.objects.exists()
    with organization_scope(house.organization):
        assert not AccountChange.objects.exists()


def test_a_customers_administrator_finds_nobody_of_other_customers(
    house: House, carla: Person, elsewhere: Tenant
) -> None:
    stranger = factories.member(Role.OWNER, elsewhere)
    for victim in (stranger, house.ada, factories.person()):
        assert change(house, carla, victim).status_code == 404


def test_people_page_links_accounts_for_a_customers_administrator(house: House, carla: Person) -> None:
    html = signed_in_client(carla).get(reverse("organization-people", args=[house.organization.slug]))
    page = html.content.decode()
    assert reverse("person-account", args=[house.organization.slug, house.otto.pk]) in page
    assert reverse("person-account", args=[house.organization.slug, house.ada.pk]) not in page
