"""Addresses that look like another address, or reach another mailbox, are refused wherever people can enter them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.account_adapter import InvitedOnlyAccountAdapter
from portal.accounts.actions.first_start import create_organization
from tenants.actions.invitations import invite
from tenants.errors import InvalidInput
from tenants.roles import Role
from tenants.scope import person_scope
from tenants.values.addresses import clean_address
from tests import factories

HIDDEN = [
    "ada@north\u200blight.example",
    "ada@northlight.example\u00ad",
    "ada@northl\u0131ght.example",
    "\u0430da@northlight.example",
    "ada\u200b@northlight.example",
]


# Django raises ValueError instead of sending a mail to these addresses, because they begin like an encoded word.
ENCODED = ["=?utf-8?q?ada?=@northlight.example", '"=?utf-8?q?ada?="@northlight.example']


@pytest.mark.parametrize("address", [*HIDDEN, *ENCODED, "ada", "ada@", "ada @northlight.example", ""])
def test_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="Enter an email address") as caught:
        clean_address(address, "email")
    assert list(caught.value.fields) == ["email"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [(" Ada@Northlight.example ", "ada@northlight.example"), ("a+b@xn--mnchen-3ya.example",) * 2],
)
def test_address_is_returned_in_one_form(given: str, expected: str) -> None:
    assert clean_address(given, "email") == expected


@pytest.mark.django_db
@pytest.mark.parametrize("address", HIDDEN)
def test_no_account_or_invitation_gets_an_address_that_looks_like_another(address: str, rf: Any) -> None:
    organization = factories.organization()
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with person_scope(administrator), pytest.raises(InvalidInput, match="Enter an email"):
        invite(by=administrator, organization=organization, role=Role.ORGANIZATION_ENGINEER, email=address)
    with pytest.raises(InvalidInput, match="Enter an email"):
        create_organization(by=factories.BY, organization="Second", email=address)
    with pytest.raises(ValidationError, match="Enter an email"):
        InvitedOnlyAccountAdapter(rf.get("/")).clean_email(address)
