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
from tenants.errors import Conflict
from tenants.models import Membership, Person
from tenants.roles import Role
from tenants.scope import person_scope
from tests.factories import PASSWORD
from tests.portal.accounts.address_steps import change, confirmation, email_of
from tests.portal.accounts.conftest import Delivered, SignIn, Staff
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
EVIL = "mine@attacker.example"
UID = "https://issuer.example|mallory"


def request_role(staff: Staff, person: Person, role: Role = Role.APPROVER) -> Membership:
    with person_scope(staff.ada):
        return grant_membership(
            by=staff.ada,
            person=person,
            organization=staff.organization,
            tenant=staff.tenant,
            role=role,
            valid_until=timezone.now() + timedelta(days=9),
        )


def link_identity(staff: Staff, by: Person, person: Person, uid: str = UID) -> None:
    """Link the identity as the account's page does. Mails about the link take the network address from the request."""
    with request_context(RequestFactory().get("/")), person_scope(by):
        change_account(
            by=by,
            organization=staff.organization,
            person=person,
            kind=AccountChange.Kind.IDENTITY,
            value=uid,
        )


def confirm_role(staff: Staff, waiting: Membership) -> None:
    with person_scope(staff.bea):
        decide_membership(by=staff.bea, membership=waiting, confirm=True)


def make_paul_an_owner(staff: Staff) -> Person:
    """Make Paul an owner instead of an approver, so that Ada alone may change his account."""
    with person_scope(staff.ada):
        grant_membership(
            by=staff.ada,
            person=staff.paul,
            organization=staff.organization,
            tenant=staff.tenant,
            role=Role.OWNER,
        )
        for row in Membership.objects.filter(person=staff.paul, role=Role.APPROVER):
            revoke_membership(by=staff.ada, membership=row)
    return staff.paul


def test_an_identity_of_one_administrator_is_gone_before_the_role_returns(
    staff: Staff, mails: Delivered
) -> None:
    """Ada makes the approver Paul an owner, links her identity with his account, and requests his old role."""
    paul = make_paul_an_owner(staff)
    link_identity(staff, staff.ada, paul)
    assert SocialAccount.objects.filter(user=paul, uid=UID).exists()
    mails.clear()
    waiting = request_role(staff, paul)
    assert not SocialAccount.objects.filter(user=paul).exists()
    confirm_role(staff, waiting)
    assert not SocialAccount.objects.filter(user=paul).exists()
    entry = next(row for row in staff.journal() if row.action == "account.reset_for_role")
    assert entry.details["identities"] == UID
    told = [mail for mail in mails if "single sign-on identities, second factors" in mail.body]
    assert [mail.to for mail in told] == [[paul.email]]
    assert "set by Ada" in told[0].body


def test_what_the_administrator_added_with_the_identity_is_gone_too(staff: Staff, sign_in: SignIn) -> None:
    """Ada links her identity with Otto's account, adds a passkey as Otto, unlinks the identity, and stays signed in."""
    link_identity(staff, staff.ada, staff.otto)
    sign_in(staff.otto)
    Authenticator.objects.create(user=staff.otto, type="webauthn", data={})
    SocialAccount.objects.filter(user=staff.otto).delete()
    confirm_role(staff, request_role(staff, staff.otto))
    assert not Authenticator.objects.filter(user=staff.otto).exists()
    assert not Session.objects.filter(person=staff.otto).exists()
    assert not Person.objects.get(pk=staff.otto.pk).has_usable_password()


def test_a_new_link_for_a_password_works_after_the_reset_and_an_old_one_does_not(
    staff: Staff, mails: Delivered
) -> None:
    def reset_link() -> str:
        mails.clear()
        Client().post(reverse("account_reset_password"), {"email": staff.otto.email})
        text = "\n".join(mail.body for mail in mails)
        return next(word for word in text.split() if "/password/reset/key/" in word)

    link_identity(staff, staff.ada, staff.otto)
    old = reset_link()
    request_role(staff, staff.otto)
    for link, works in ((old, False), (reset_link(), True)):
        client = Client()
        page = client.get(link[link.index("/accounts/") :], follow=True)
        assert ("password1" in page.content.decode()) is works


@pytest.mark.parametrize("role", [Role.APPROVER, Role.TENANT_ADMINISTRATOR])
def test_an_identity_linked_by_a_permit_of_one_administrator_is_gone(staff: Staff, role: Role) -> None:
    change(staff, staff.ada, staff.otto, "next_sign_in")
    person = person_with_permit(address=staff.otto.email, identity=UID)
    assert person == staff.otto
    SocialAccount.objects.create(user=staff.otto, provider="sso", uid=UID)
    request_role(staff, staff.otto, role)
    assert not SocialAccount.objects.filter(user=staff.otto).exists()


def test_an_address_of_one_administrator_is_shown_and_opens_nothing_that_was_prepared(
    staff: Staff, mails: Delivered
) -> None:
    """Ada gives Otto's account an address whose mail she reads, so that she can set a password. Bea sees who set the
    address.
    """
    change(staff, staff.ada, staff.otto, "address", EVIL)
    Client().post(confirmation(mails))
    assert email_of(staff.otto) == EVIL
    mails.clear()
    otto = Person.objects.get(pk=staff.otto.pk)
    request_role(staff, otto)
    assert not Client().login(email=EVIL, password=PASSWORD)
    told = {mail.to[0] for mail in mails if "single sign-on identities, second factors" in mail.body}
    assert told == {EVIL, "otto@northlight.example"}
    html = _people(staff)
    assert f"Email address {EVIL} set by" in html
    assert "Make sure that the address belongs to Otto" in html


def _people(staff: Staff) -> str:
    address = reverse("organization-people", args=[staff.organization.slug])
    page: Any = signed_in_client(staff.bea).get(address)
    return " ".join(page.content.decode().split())


def test_whoever_confirms_a_role_sees_the_identities(staff: Staff) -> None:
    SocialAccount.objects.create(user=staff.otto, provider="sso", uid=UID)
    request_role(staff, staff.otto)
    assert f"Single sign-on: <code>{UID}</code>" in _people(staff)


def test_what_the_person_or_two_administrators_did_remains(staff: Staff, mails: Delivered) -> None:
    """Identities that the person linked, or that a second administrator confirmed, do not cause a reset."""
    SocialAccount.objects.create(user=staff.otto, provider="sso", uid="own")
    request_role(staff, staff.otto)
    assert SocialAccount.objects.filter(user=staff.otto, uid="own").exists()
    link_identity(staff, staff.ada, staff.paul)
    with request_context(RequestFactory().get("/")), person_scope(staff.bea):
        (row,) = open_changes(staff.organization, staff.paul)
        decide_change(by=staff.bea, change=row, confirm=True)
    make_paul_an_owner(staff)
    request_role(staff, staff.paul)
    assert SocialAccount.objects.filter(user=staff.paul, uid=UID).exists()
    assert not UnconfirmedChange.objects.exists()
    assert Person.objects.get(pk=staff.paul.pk).has_usable_password()


def test_an_identity_that_another_account_got_meanwhile_is_not_linked(staff: Staff) -> None:
    link_identity(staff, staff.ada, staff.paul)
    SocialAccount.objects.create(user=staff.otto, provider="sso", uid=UID)
    with request_context(RequestFactory().get("/")), person_scope(staff.bea):
        (row,) = open_changes(staff.organization, staff.paul)
        with pytest.raises(Conflict, match="can no longer be made"):
            decide_change(by=staff.bea, change=row, confirm=True)
        decide_change(by=staff.bea, change=row, confirm=False)
    assert not SocialAccount.objects.filter(user=staff.paul).exists()


def test_a_confirmation_after_the_role_was_revoked_does_not_count(staff: Staff) -> None:
    """Ada has linked an identity with Paul's account. Bea confirms this after Paul has lost his role as an approver. At
    this time, any administrator may confirm it, even one whom Ada has just appointed. So when the role is requested for
    Paul again, his account is reset despite the confirmation.
    """
    link_identity(staff, staff.ada, staff.paul)
    make_paul_an_owner(staff)
    with request_context(RequestFactory().get("/")), person_scope(staff.bea):
        (row,) = open_changes(staff.organization, staff.paul)
        decide_change(by=staff.bea, change=row, confirm=True)
    assert SocialAccount.objects.filter(user=staff.paul, uid=UID).exists()
    request_role(staff, staff.paul)
    assert not SocialAccount.objects.filter(user=staff.paul).exists()


def test_other_roles_reset_nothing(staff: Staff) -> None:
    link_identity(staff, staff.ada, staff.otto)
    request_role(staff, staff.otto, Role.AUDITOR)
    assert SocialAccount.objects.filter(user=staff.otto, uid=UID).exists()
    assert Person.objects.get(pk=staff.otto.pk).has_usable_password()
