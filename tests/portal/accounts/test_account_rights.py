"""An administrator cannot change the account of a person who also has a role in another organization, or in a customer
that the administrator does not administer.

Customers' administrators also cannot change accounts with more rights than their own. Changes that an administrator
has prepared are cancelled when the person gets a new role.
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
from tests.portal.accounts.conftest import Delivered, SignIn, Staff
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


def make_approver(staff: Staff, person: Person) -> None:
    with person_scope(staff.ada):
        waiting = grant_membership(
            by=staff.ada,
            person=person,
            organization=staff.organization,
            tenant=staff.tenant,
            role=Role.APPROVER,
        )
    with person_scope(staff.bea):
        decide_membership(by=staff.bea, membership=waiting, confirm=True)


def test_a_permit_of_one_administrator_ends_before_the_person_is_an_approver(staff: Staff) -> None:
    """Ada permits Otto's next sign-in to link an identity, which could be Ada's own. Later, Bea confirms Otto as
    approver, which ends the permit.
    """
    change(staff, staff.ada, staff.otto, "next_sign_in")
    assert IdentityPermit.objects.filter(person=staff.otto).exists()
    make_approver(staff, staff.otto)
    assert person_with_permit(address=staff.otto.email, identity="x") is None
    assert "account.permissions_ended" in staff.actions()


def test_a_pending_address_of_one_administrator_ends_before_the_person_is_an_approver(
    staff: Staff, mails: Delivered
) -> None:
    change(staff, staff.ada, staff.otto, "address", "mine@attacker.example")
    link = confirmation(mails)
    make_approver(staff, staff.otto)
    Client().post(link)
    assert email_of(staff.otto) == "otto@northlight.example"
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists()


def test_what_is_prepared_while_the_role_waits_ends_with_its_confirmation(staff: Staff) -> None:
    with person_scope(staff.ada):
        waiting = grant_membership(
            by=staff.ada,
            person=staff.otto,
            organization=staff.organization,
            tenant=staff.tenant,
            role=Role.APPROVER,
        )
    IdentityPermit.objects.create(
        person=staff.otto, given_by=staff.ada, expires_at=timezone.now() + timedelta(days=7)
    )
    with person_scope(staff.bea):
        decide_membership(by=staff.bea, membership=waiting, confirm=True)
    assert not IdentityPermit.objects.exists()


def test_a_refused_or_ended_role_ends_nothing_and_the_own_address_stays(staff: Staff) -> None:
    IdentityPermit.objects.create(
        person=staff.otto, given_by=staff.ada, expires_at=timezone.now() + timedelta(days=7)
    )
    with organization_scope(staff.organization):
        row = Membership.objects.get(person=staff.otto)
        row.valid_until = timezone.now() + timedelta(days=9)
        row.save(update_fields=["valid_until"])
    assert IdentityPermit.objects.exists()
    factories.member(Role.OWNER, factories.tenant(staff.organization), staff.otto)
    assert not IdentityPermit.objects.exists()
    assert EmailAddress.objects.filter(user=staff.otto, email=staff.otto.email, verified=True).exists()


def end_all(staff: Staff, by: Person, person: Person) -> Any:
    address = reverse("person-sessions-end", args=[staff.organization.slug, person.pk])
    return signed_in_client(by).post(address, follow=True)


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("waits", [False, True], ids=["works there", "role waits there"])
def test_sessions_and_factors_of_people_of_two_organizations_are_theirs(
    staff: Staff, sign_in: SignIn, waits: bool
) -> None:
    other = factories.organization("Other Provider")
    if waits:
        factories.member(
            Role.OWNER, factories.tenant(other), staff.otto, valid_from=timezone.now() + timedelta(days=1)
        )
    else:
        factories.member(Role.OWNER, factories.tenant(other), staff.otto)
    sign_in(staff.otto)
    Authenticator.objects.create(user=staff.otto, type="webauthn", data={})
    said = end_all(staff, staff.ada, staff.otto).content.decode()
    assert "also works for another organization" in said
    change(staff, staff.ada, staff.otto, "second_factor")
    assert Session.objects.filter(person=staff.otto).exists()
    assert Authenticator.objects.filter(user=staff.otto).exists()
    page = signed_in_client(staff.ada).get(
        reverse("person-account", args=[staff.organization.slug, staff.otto.pk])
    )
    html = page.content.decode()
    assert "You can end their access to your organization under People" in html
    assert "End all sessions" not in html
    assert "Remove all second factors" not in html
    assert "127.0.0.1" not in html, "where the person is signed in concerns the other organization too"


def test_an_administrator_ends_sessions_of_the_own_people(staff: Staff, sign_in: SignIn) -> None:
    sign_in(staff.otto)
    assert "1 session was ended" in end_all(staff, staff.ada, staff.otto).content.decode()
    assert not Session.objects.filter(person=staff.otto).exists()


@pytest.fixture
def carla(staff: Staff) -> Person:
    """A customer's administrator."""
    return factories.member(
        Role.TENANT_ADMINISTRATOR, staff.tenant, factories.person("carla@northlight.example", "Carla")
    )


@pytest.fixture
def elsewhere(staff: Staff) -> Tenant:
    return factories.tenant(staff.organization, "Another Customer")


def test_a_customers_administrator_changes_accounts_of_its_people(
    staff: Staff, carla: Person, sign_in: SignIn, mails: Delivered
) -> None:
    assert change(staff, carla, staff.otto).status_code == 302
    Client().post(confirmation(mails))
    assert email_of(staff.otto) == NEW
    Authenticator.objects.create(user=staff.otto, type="webauthn", data={})
    assert change(staff, carla, staff.otto, "second_factor").status_code == 302
    assert not Authenticator.objects.filter(user=staff.otto).exists()
    sign_in(Person.objects.get(pk=staff.otto.pk))
    assert "1 session was ended" in end_all(staff, carla, staff.otto).content.decode()


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("kind", ["address", "second_factor", "next_sign_in"])
def test_a_customers_administrator_changes_nobody_with_more_rights_or_other_customers(
    staff: Staff, carla: Person, elsewhere: Tenant, kind: str
) -> None:
    """By taking over one of these accounts, the administrator would get rights beyond the administrator's own role."""
    colleague = factories.member(Role.TENANT_ADMINISTRATOR, staff.tenant)
    factories.member(Role.OWNER, elsewhere, staff.otto)
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, staff.organization)
    factories.member(Role.OWNER, staff.tenant, engineer)
    for victim, said in (
        (colleague, "administrators of the organization must change"),
        (staff.paul, "administrators of the organization must change"),
        (staff.otto, "customers that you do not administer"),
        (engineer, "customers that you do not administer"),
    ):
        answer = change(staff, carla, victim, kind, "mine@attacker.example")
        assert (answer.status_code, said in answer.content.decode()) == (400, True), victim
        assert said in end_all(staff, carla, victim).content.decode()
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists()
    assert not IdentityPermit.objects.exists()
    with organization_scope(staff.organization):
        assert not AccountChange.objects.exists()


def test_a_customers_administrator_finds_nobody_of_other_customers(
    staff: Staff, carla: Person, elsewhere: Tenant
) -> None:
    stranger = factories.member(Role.OWNER, elsewhere)
    for victim in (stranger, staff.ada, factories.person()):
        assert change(staff, carla, victim).status_code == 404


def test_people_page_links_accounts_for_a_customers_administrator(staff: Staff, carla: Person) -> None:
    html = signed_in_client(carla).get(reverse("organization-people", args=[staff.organization.slug]))
    page = html.content.decode()
    assert reverse("person-account", args=[staff.organization.slug, staff.otto.pk]) in page
    assert reverse("person-account", args=[staff.organization.slug, staff.ada.pk]) not in page
