"""The page of an invitation's link."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tenants.actions import invite, withdraw_invitation
from tenants.models import Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.world import SignIn

pytestmark = pytest.mark.django_db
EMAIL, PASSWORD = "new@example.com", "seventeen purple kettles"


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


@pytest.fixture
def administrator(tenant: Tenant) -> Person:
    return factories.member(Role.TENANT_ADMINISTRATOR, tenant)


def link(tenant: Tenant, by: Person, role: Role = Role.OWNER) -> str:
    with person_scope(by):
        _, token = invite(by=by, organization=tenant.organization, tenant=tenant, email=EMAIL, role=role)
    return reverse("invitation", args=[token])


def test_a_new_person_creates_an_account_and_is_signed_in(tenant: Tenant, administrator: Person) -> None:
    url, client = link(tenant, administrator), Client()
    html = client.get(url).content.decode()
    assert "Create account and accept" in html
    assert not Person.objects.filter(email=EMAIL).exists()
    answer = client.post(url, {"name": "New", "password": PASSWORD})
    assert answer.status_code == 302
    person = Person.objects.get(email=EMAIL)
    with person_scope(person) as scope:
        assert scope.roles(tenant.pk) == {Role.OWNER}
    assert client.get(reverse("tenant", args=[tenant.slug])).status_code == 200
    visitor, signed_in = (one.get(url).content.decode() for one in (Client(), client))
    for html in (visitor, signed_in):
        assert "This invitation has been accepted" in html
    assert "Sign in to continue." in visitor
    assert "Sign in" not in signed_in
    assert f"You are signed in with {EMAIL}." in signed_in


def test_a_weak_password_is_refused(tenant: Tenant, administrator: Person) -> None:
    url = link(tenant, administrator)
    answer = Client().post(url, {"name": "New", "password": "password1234"})
    assert answer.status_code == 400
    assert not Person.objects.filter(email=EMAIL).exists()


@pytest.mark.parametrize("mark", ["\n", "\r", "\x1b", "\u2028", "\u202e"])
def test_a_name_of_several_lines_is_refused(tenant: Tenant, administrator: Person, mark: str) -> None:
    """Plain-text mails contain the names of inviters. With a line break in a name, people could add text to mails."""
    url = link(tenant, administrator)
    answer = Client().post(url, {"name": f"New{mark}Pay at https://evil.example", "password": PASSWORD})
    assert answer.status_code == 400
    assert "Type the name on one line." in answer.content.decode()
    assert not Person.objects.filter(email=EMAIL).exists()


def test_a_person_with_an_account_signs_in_first(
    tenant: Tenant, administrator: Person, sign_in: SignIn
) -> None:
    url, person = link(tenant, administrator), factories.person(EMAIL)
    html = Client().get(url).content.decode()
    assert "/accounts/login/?next=" in html
    assert "Create account" not in html
    assert Client().post(url, {"name": "Thief", "password": PASSWORD}).status_code == 200
    person.refresh_from_db()
    assert person.check_password(factories.PASSWORD)
    client = sign_in(person)
    assert "Accept invitation" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    with person_scope(person) as scope:
        assert scope.roles(tenant.pk) == {Role.OWNER}


def test_an_approver_waits(tenant: Tenant, administrator: Person) -> None:
    url, client = link(tenant, administrator, Role.APPROVER), Client()
    answer = client.post(url, {"name": "New", "password": PASSWORD}, follow=True)
    assert "when a second administrator confirms it" in answer.content.decode()
    person = Person.objects.get(email=EMAIL)
    with person_scope(person) as scope:
        assert not scope.tenant_ids
        assert Membership._base_manager.get(person=person).confirmation == "waiting"


def test_another_person_cannot_use_the_link(tenant: Tenant, administrator: Person, sign_in: SignIn) -> None:
    client = sign_in(factories.person("thief@example.com"))
    url = link(tenant, administrator)
    assert "another address" in client.get(url).content.decode()
    assert client.post(url).status_code == 409


def test_a_withdrawn_link_is_gone(tenant: Tenant, administrator: Person) -> None:
    with person_scope(administrator):
        invitation, token = invite(
            by=administrator, organization=tenant.organization, tenant=tenant, email=EMAIL, role=Role.OWNER
        )
        withdraw_invitation(by=administrator, invitation=invitation)
    assert Client().get(reverse("invitation", args=[token])).status_code == 410
    assert Client().post(reverse("invitation", args=[token])).status_code == 410


@pytest.mark.parametrize("token", ["x", "é" * 50, "%00"])
def test_an_unknown_link_is_not_found(token: str) -> None:
    assert Client().get(f"/invitations/{token}/").status_code == 404
