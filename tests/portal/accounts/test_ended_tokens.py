"""The API tokens of a person end when the person's way to sign in changes. Before the change, somebody else may have
signed in as this person and created a token. When a role of the person ends, the tokens lose the rights and the
customers of the role.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions.api_tokens import revoke_all
from portal.accounts.actions.disable import set_account_active
from portal.accounts.models import ApiToken
from tenants.actions import change_role, grant_membership, revoke_membership
from tenants.actions.members import shorten_membership
from tenants.models import Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.accounts.address_steps import ask, confirmation
from tests.portal.accounts.conftest import Delivered, Staff
from tests.portal.accounts.issuer import Issuer
from tests.portal.accounts.mfa.key_steps import with_proof
from tests.portal.accounts.second_factor_steps import give_app
from tests.portal.accounts.sso_steps import sign_in_at_issuer
from tests.portal.api.conftest import client_with, token_for

V1 = "/api/v1"


def status(client: Client) -> int:
    cache.clear()
    return client.get(f"{V1}/customers").status_code


def rights(client: Client) -> list[str]:
    return sorted(client.get(f"{V1}/token").json()["capabilities"])


def customers(client: Client) -> list[str]:
    return [one["short_name"] for one in client.get(f"{V1}/customers").json()["items"]]


def membership(person: Person, place: Tenant) -> Membership:
    """Return the person's currently valid membership in the customer."""
    with factories.in_tenant(place):
        return Membership.objects.get(Membership.valid_at(timezone.now()), person=person, tenant=place)


def revoke(staff: Staff, person: Person, place: Tenant) -> None:
    with person_scope(staff.ada):
        revoke_membership(by=staff.ada, membership=membership(person, place))


def grant(staff: Staff, person: Person, place: Tenant, role: Role, **period: Any) -> Membership:
    with person_scope(staff.ada):
        return grant_membership(
            by=staff.ada, person=person, organization=staff.organization, tenant=place, role=role, **period
        )


@pytest.mark.slow(seconds=1)
def test_tokens_end_when_the_way_to_sign_in_changes(staff: Staff, issuer: Issuer, mails: Delivered) -> None:
    otto = staff.otto
    EmailAddress.objects.filter(user=otto).update(verified=True)
    colleague = client_with(token_for(staff.bea, staff.organization))

    def link_provider() -> None:
        sign_in_at_issuer(with_proof(otto), issuer, "?process=connect")
        assert SocialAccount.objects.filter(user=otto).exists()

    def unlink_provider() -> None:
        account = SocialAccount.objects.get(user=otto)
        with_proof(otto).post(reverse("socialaccount_connections"), {"account": account.pk})
        assert not SocialAccount.objects.filter(user=otto).exists()

    def remove_second_factor() -> None:
        give_app(otto)
        assert with_proof(otto).post(reverse("mfa_deactivate_totp")).status_code == 302

    def change_address() -> None:
        client = with_proof(otto)
        ask(client, "otto.new@northlight.example")
        client.post(confirmation(mails))
        otto.refresh_from_db()
        assert otto.email == "otto.new@northlight.example"

    def disable_and_enable() -> None:
        with person_scope(staff.ada):
            for active in (False, True):
                set_account_active(by=staff.ada, organization=staff.organization, person=otto, active=active)

    changes: list[Callable[[], None]] = [
        link_provider,
        unlink_provider,
        remove_second_factor,
        change_address,
        disable_and_enable,
    ]
    for change in changes:
        token = client_with(token_for(otto, staff.organization))
        assert status(token) == 200
        change()
        assert status(token) == 401, change.__name__
    assert staff.actions().count("api_token.revoked") == len(changes)
    assert status(colleague) == 200, "tokens of others stay"


def test_token_does_not_return_with_a_role_that_is_granted_again(staff: Staff) -> None:
    otto = staff.otto
    token = client_with(token_for(otto, staff.organization))
    revoke(staff, otto, staff.tenant)
    assert status(token) == 401
    grant(staff, otto, staff.tenant, Role.OWNER)
    assert status(token) == 401
    (entry,) = [one for one in staff.journal() if one.action == "api_token.revoked"]
    assert entry.actor == "system:accounts"


def test_token_does_not_return_after_a_role_that_expired(staff: Staff) -> None:
    otto, now = staff.otto, timezone.now()
    token = client_with(token_for(otto, staff.organization))
    with person_scope(staff.ada):
        shorten_membership(
            by=staff.ada, membership=membership(otto, staff.tenant), valid_until=now + timedelta(days=2)
        )
    assert status(token) == 200, "the role has not ended yet"
    with time_machine.travel(now + timedelta(days=3)):
        assert customers(token) == []
        grant(staff, otto, staff.tenant, Role.OWNER)
        assert status(token) == 401


def test_new_password_also_ends_tokens_of_a_role_that_expired(staff: Staff) -> None:
    otto, now = staff.otto, timezone.now()
    token_for(otto, staff.organization)
    with person_scope(staff.ada):
        shorten_membership(
            by=staff.ada, membership=membership(otto, staff.tenant), valid_until=now + timedelta(days=2)
        )
    with time_machine.travel(now + timedelta(days=3)):
        assert revoke_all(person=otto, by=otto) == 1
    with person_scope(otto):
        assert ApiToken.objects.get().revoked_at is not None


def test_token_keeps_the_rights_of_roles_that_stay(staff: Staff) -> None:
    """Paul, an approver, has a token. Ada makes him an auditor, so the token can no longer approve, but still view.
    When he becomes an approver again, the token still cannot approve.
    """
    paul, until = staff.paul, timezone.now() + timedelta(days=60)
    token = client_with(token_for(paul, staff.organization, capabilities=["view", "view_all", "approve"]))
    with person_scope(staff.ada):
        change_role(
            by=staff.ada,
            membership=membership(paul, staff.tenant),
            role=Role.AUDITOR,
            valid_until=until,
        )
    assert rights(token) == ["view", "view_all"]
    factories.member(Role.APPROVER, staff.tenant, paul)
    assert rights(token) == ["view", "view_all"]
    # A role in another customer gives an older token no new right, but extends its rights to that customer.
    second = factories.tenant(staff.organization, "Second customer")
    factories.member(Role.OWNER, second, paul)
    assert rights(token) == ["view", "view_all"]
    assert len(customers(token)) == 2
    (entry,) = [one for one in staff.journal() if one.action == "api_token.narrowed"]
    assert entry.details["capabilities"] == ["view", "view_all"]


def test_limited_token_loses_the_customer_of_a_role_that_ends(staff: Staff) -> None:
    otto, second = staff.otto, factories.tenant(staff.organization, "Second customer")
    factories.member(Role.OWNER, second, otto)
    with person_scope(otto):
        places = [staff.tenant, second]
    token = client_with(token_for(otto, staff.organization, tenants=places))
    whole = client_with(token_for(staff.ada, staff.organization, tenants=places))
    revoke(staff, otto, second)
    grant(staff, otto, second, Role.OWNER)
    assert customers(token) == [staff.tenant.slug]
    assert sorted(customers(whole)) == sorted(one.slug for one in places)
    revoke(staff, otto, staff.tenant)
    assert status(token) == 401, "it has no customer left, and is not a token for all customers"
