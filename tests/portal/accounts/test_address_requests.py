"""People ask an administrator for a new address; nothing changes without approval and the mailed link."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from portal.accounts.models import AccountChange
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.accounts.address_steps import confirmation, email_of
from tests.portal.accounts.conftest import Delivered, House
from tests.portal.accounts.policies import set_policy
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
WANTED = "otto@private.example"


def request_address(person: Person, value: str = WANTED, **given: Any) -> Any:
    return signed_in_client(person, **given).post(reverse("address-request"), {"value": value}, follow=True)


def waiting(house: House) -> list[AccountChange]:
    with organization_scope(house.organization):
        return list(AccountChange.objects.filter(decided_at=None))


def decide(house: House, by: Person, decision: str = "confirm") -> Any:
    (row,) = waiting(house)
    address = reverse("account-change-decide", args=[house.organization.slug, row.pk])
    return signed_in_client(by).post(address, {"decision": decision}, follow=True)


def test_an_approved_request_counts_when_the_link_is_opened(house: House, mails: Delivered) -> None:
    """Otto must use single sign-on for his current address, so he cannot change the address himself."""
    set_policy(house, sso_domains=["northlight.example"])
    client = signed_in_client(house.otto, method="socialaccount", reauthenticated=True)
    answer = client.post(reverse("address-request"), {"value": WANTED}, follow=True)
    assert "Request sent. An administrator" in answer.content.decode()
    assert {mail.to[0] for mail in mails} == {house.otto.email, house.ada.email, house.bea.email}
    assert not EmailAddress.objects.filter(email=WANTED).exists(), "nothing before the approval"
    people = signed_in_client(house.ada, method="socialaccount")
    assert (
        WANTED in people.get(reverse("organization-people", args=[house.organization.slug])).content.decode()
    )
    set_policy(house, sso_domains=[])
    mails.clear()
    decide(house, house.ada)
    assert email_of(house.otto) == "otto@northlight.example"
    assert {mail.to[0] for mail in mails} == {house.otto.email, WANTED}
    link = confirmation(mails)
    mails.clear()
    Client().post(link)
    assert email_of(house.otto) == WANTED
    assert sorted(mail.to[0] for mail in mails) == sorted(["otto@northlight.example", WANTED]), (
        "both are told"
    )
    assert {"account.change_requested", "account.change_confirmed", "account.address_changed"} <= set(
        house.actions()
    )


def test_a_refused_request_changes_nothing_and_the_person_is_told(house: House, mails: Delivered) -> None:
    request_address(house.otto)
    mails.clear()
    decide(house, house.bea, "refuse")
    assert [(mail.to, "refused the change that you requested" in mail.body) for mail in mails] == [
        ([house.otto.email], True)
    ]
    assert waiting(house) == []
    assert not EmailAddress.objects.filter(email=WANTED).exists()


def test_a_stolen_session_asks_for_nothing(house: House, mails: Delivered) -> None:
    request_address(house.otto, proof_age=301)
    assert waiting(house) == []
    assert len(mails) == 0


def test_nobody_approves_the_own_request(house: House) -> None:
    request_address(house.ada)
    decide(house, house.ada)
    (row,) = waiting(house)
    assert row.decided_at is None
    assert "change was made" in decide(house, house.bea).content.decode()


@pytest.mark.parametrize("who", ["otto", "paul"])
def test_others_approve_nothing(house: House, who: str) -> None:
    request_address(house.otto)
    answer = decide(house, getattr(house, who))
    assert answer.status_code in (403, 404)
    assert len(waiting(house)) == 1


def test_one_request_at_a_time_which_can_be_withdrawn(house: House) -> None:
    client = signed_in_client(house.otto)
    address = reverse("address-request")
    client.post(address, {"value": WANTED})
    assert client.post(address, {"value": "second@private.example"}).status_code == 400
    assert WANTED in client.get(address).content.decode()
    client.post(address, {"withdraw": "1"})
    assert waiting(house) == []
    assert "already decided" in client.post(address, {"withdraw": "1"}, follow=True).content.decode()


def test_people_enter_ten_new_addresses_in_an_hour(house: House, mails: Delivered) -> None:
    client, address = signed_in_client(house.otto), reverse("address-request")
    for number in range(10):
        assert client.post(address, {"value": f"o{number}@private.example"}).status_code == 302
        client.post(address, {"withdraw": "1"})
    mails.clear()
    answer = client.post(address, {"value": WANTED})
    assert answer.status_code == 400
    assert "A new address was entered 10 times in this hour." in answer.content.decode()
    assert (waiting(house), list(mails)) == ([], [])


def test_people_cannot_ask_which_addresses_have_an_account(house: House) -> None:
    client, address = signed_in_client(house.otto), reverse("address-request")
    answers = [client.post(address, {"value": "ada@northlight.example"}).content.decode() for _ in range(11)]
    assert ["Another account has this address" in answer for answer in answers] == [True] * 10 + [False]
    assert "A new address was entered 10 times in this hour." in answers[10]


@pytest.mark.parametrize("value", ["", "no address", "ada@northlight.example", "otto@northlight.example"])
def test_invalid_and_taken_addresses_are_refused(house: House, value: str) -> None:
    assert request_address(house.otto, value).status_code == 400
    assert waiting(house) == []


def test_people_of_two_organizations_change_their_address_themselves(house: House) -> None:
    other = factories.tenant(factories.organization("Other Provider"))
    factories.member(Role.OWNER, other, house.otto)
    assert "several organizations" in request_address(house.otto).content.decode()
    assert waiting(house) == []


def test_row_level_security_shows_people_only_their_own_requests(house: House) -> None:
    request_address(house.otto)
    with organization_scope(house.organization):
        AccountChange.objects.create(
            organization=house.organization, person=house.otto, kind="second_factor", requested_by=house.ada
        )
    for who, seen in (
        (house.otto, {"address"}),
        (house.paul, set()),
        (house.ada, {"address", "second_factor"}),
    ):
        with person_scope(who):
            assert set(AccountChange._base_manager.values_list("kind", flat=True)) == seen
