"""Accounts that one administrator alone has changed are reset before their person becomes an approver."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions.changes import change_account, decide_change, open_changes
from portal.accounts.actions.permits import person_with_permit
from portal.accounts.models import AccountChange, Session, UnconfirmedChange
from tenants.actions import decide_membership, grant_membership, revoke_membership
from tenants.models import Membership, Person
from tenants.roles import Role
from tenants.scope import person_scope
from tests.factories import PASSWORD
from tests.portal.accounts.address_steps import change, confirmation, email_of
from tests.portal.accounts.conftest import Delivered, House, SignIn
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
EVIL = "mine@attacker.example"
UID = "https://issuer.example|mallory"


def request_role(house: House, person: Person, role: Role = Role.APPROVER) -> Membership:
    with person_scope(house.ada):
        return grant_membership(
            by=house.ada,
            person=person,
            organization=house.organization,
            tenant=house.tenant,
            role=role,
            valid_until=timezone.now() + timedelta(days=9),
        )


def link_identity(house: House, by: Person, person: Person, uid: str = UID) -> None:
    """Link the identity as the account's page does, with a request from which mails take the network address."""
    with request_context(RequestFactory().get("/")), person_scope(by):
        change_account(
            by=by,
            organization=house.organization,
            person=person,
            kind=AccountChange.Kind.IDENTITY,
            value=uid,
        )


def confirm_role(house: House, waiting: Membership) -> None:
    with person_scope(house.bea):
        decide_membership(by=house.bea, membership=waiting, confirm=True)


def reader_again(house: House) -> Person:
    """Make the approver Paul an owner only, so that Ada may change his account without a second administrator."""
    with person_scope(house.ada):
        grant_membership(
            by=house.ada,
            person=house.paul,
            organization=house.organization,
            tenant=house.tenant,
            role=Role.OWNER,
        )
        for row in Membership.objects.filter(person=house.paul, role=Role.APPROVER):
            revoke_membership(by=house.ada, membership=row)
    return house.paul


def test_an_identity_of_one_administrator_is_gone_before_the_role_returns(
    house: House, mails: Delivered
) -> None:
    """Ada revokes Paul's role, links her own identity with his account, and requests the role again."""
    paul = reader_again(house)
    link_identity(house, house.ada, paul)
    assert SocialAccount.objects.filter(user=paul, uid=UID).exists()
    mails.clear()
    waiting = request_role(house, paul)
    assert not SocialAccount.objects.filter(user=paul).exists()
    confirm_role(house, waiting)
    assert not SocialAccount.objects.filter(user=paul).exists()
    entry = next(row for row in house.journal() if row.action == "account.reset_for_role")
    assert entry.details["identities"] == UID
    told = [mail for mail in mails if "single sign-on identities, second factors" in mail.body]
    assert [mail.to for mail in told] == [[paul.email]]
    assert "set by Ada" in told[0].body


def test_what_the_administrator_added_with_the_identity_is_gone_too(house: House, sign_in: SignIn) -> None:
    """With the identity, Ada signs in as Otto, adds a passkey, and unlinks the identity again. Her session is open."""
    link_identity(house, house.ada, house.otto)
    sign_in(house.otto)
    Authenticator.objects.create(user=house.otto, type="webauthn", data={})
    SocialAccount.objects.filter(user=house.otto).delete()
    confirm_role(house, request_role(house, house.otto))
    assert not Authenticator.objects.filter(user=house.otto).exists()
    assert not Session.objects.filter(person=house.otto).exists()
    assert not Person.objects.get(pk=house.otto.pk).has_usable_password()


def test_a_new_link_for_a_password_works_after_the_reset_and_an_old_one_does_not(
    house: House, mails: Delivered
) -> None:
    def reset_link() -> str:
        mails.clear()
        Client().post(reverse("account_reset_password"), {"email": house.otto.email})
        text = "\n".join(mail.body for mail in mails)
        return next(word for word in text.split() if "/password/reset/key/" in word)

    link_identity(house, house.ada, house.otto)
    old = reset_link()
    request_role(house, house.otto)
    for link, works in ((old, False), (reset_link(), True)):
        client = Client()
        page = client.get(link[link.index("/accounts/") :], follow=True)
        assert ("password1" in page.content.decode()) is works


@pytest.mark.parametrize("role", [Role.APPROVER, Role.TENANT_ADMINISTRATOR])
def test_an_identity_linked_by_a_permit_of_one_administrator_is_gone(house: House, role: Role) -> None:
    change(house, house.ada, house.otto, "next_sign_in")
    person = person_with_permit(address=house.otto.email, identity=UID)
    assert person == house.otto
    SocialAccount.objects.create(user=house.otto, provider="sso", uid=UID)
    request_role(house, house.otto, role)
    assert not SocialAccount.objects.filter(user=house.otto).exists()


def test_an_address_of_one_administrator_is_shown_and_opens_nothing_that_was_prepared(
    house: House, mails: Delivered
) -> None:
    """Ada sets an address that she reads, and a password with it. Bea sees who set the address."""
    change(house, house.ada, house.otto, "address", EVIL)
    Client().post(confirmation(mails))
    assert email_of(house.otto) == EVIL
    mails.clear()
    otto = Person.objects.get(pk=house.otto.pk)
    request_role(house, otto)
    assert not Client().login(email=EVIL, password=PASSWORD)
    told = {mail.to[0] for mail in mails if "single sign-on identities, second factors" in mail.body}
    assert told == {EVIL, "otto@northlight.example"}
    html = _people(house)
    assert f"Email address {EVIL} set by" in html
    assert "Make sure that the address belongs to Otto" in html


def _people(house: House) -> str:
    address = reverse("organization-people", args=[house.organization.slug])
    page: Any = signed_in_client(house.bea).get(address)
    return " ".join(page.content.decode().split())


def test_whoever_confirms_a_role_sees_the_identities(house: House) -> None:
    SocialAccount.objects.create(user=house.otto, provider="sso", uid=UID)
    request_role(house, house.otto)
    assert f"Single sign-on: <code>{UID}</code>" in _people(house)


def test_what_the_person_or_two_administrators_did_remains(house: House, mails: Delivered) -> None:
    """Identities that the person linked or a second administrator confirmed do not cause a reset."""
    SocialAccount.objects.create(user=house.otto, provider="sso", uid="own")
    request_role(house, house.otto)
    assert SocialAccount.objects.filter(user=house.otto, uid="own").exists()
    link_identity(house, house.ada, house.paul)
    with request_context(RequestFactory().get("/")), person_scope(house.bea):
        (row,) = open_changes(house.organization, house.paul)
        decide_change(by=house.bea, change=row, confirm=True)
    reader_again(house)
    request_role(house, house.paul)
    assert SocialAccount.objects.filter(user=house.paul, uid=UID).exists()
    assert not UnconfirmedChange.objects.exists()
    assert Person.objects.get(pk=house.paul.pk).has_usable_password()


def test_a_confirmation_after_the_role_was_revoked_counts_for_nothing(house: House) -> None:
    """While Paul is not an approver, any administrator may confirm, even one whom Ada appointed a minute ago."""
    link_identity(house, house.ada, house.paul)
    reader_again(house)
    with request_context(RequestFactory().get("/")), person_scope(house.bea):
        (row,) = open_changes(house.organization, house.paul)
        decide_change(by=house.bea, change=row, confirm=True)
    assert SocialAccount.objects.filter(user=house.paul, uid=UID).exists()
    request_role(house, house.paul)
    assert not SocialAccount.objects.filter(user=house.paul).exists()


def test_other_roles_reset_nothing(house: House) -> None:
    link_identity(house, house.ada, house.otto)
    request_role(house, house.otto, Role.AUDITOR)
    assert SocialAccount.objects.filter(user=house.otto, uid=UID).exists()
    assert Person.objects.get(pk=house.otto.pk).has_usable_password()
