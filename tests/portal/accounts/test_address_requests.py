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
from tests.portal.accounts.conftest import Delivered, Staff
from tests.portal.accounts.policies import set_policy
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
WANTED = "otto@private.example"


def request_address(person: Person, value: str = WANTED, **given: Any) -> Any:
    return signed_in_client(person, **given).post(reverse("address-request"), {"value": value}, follow=True)


def waiting(staff: Staff) -> list[AccountChange]:
    with organization_scope(staff.organization):
        return list(AccountChange.objects.filter(decided_at=None))


def decide(staff: Staff, by: Person, decision: str = "confirm") -> Any:
    (row,) = waiting(staff)
    address = reverse("account-change-decide", args=[staff.organization.slug, row.pk])
    return signed_in_client(by).post(address, {"decision": decision}, follow=True)


@pytest.mark.slow(seconds=1)
def test_an_approved_request_takes_effect_when_the_link_is_opened(staff: Staff, mails: Delivered) -> None:
    """Otto must use single sign-on for his current address, so he cannot change the address himself."""
    set_policy(staff, sso_domains=["northlight.example"])
    client = signed_in_client(staff.otto, method="socialaccount", reauthenticated=True)
    answer = client.post(reverse("address-request"), {"value": WANTED}, follow=True)
    assert "Request sent. An administrator" in answer.content.decode()
    assert {mail.to[0] for mail in mails} == {staff.otto.email, staff.ada.email, staff.bea.email}
    assert not EmailAddress.objects.filter(email=WANTED).exists(), "nothing before the approval"
    people = signed_in_client(staff.ada, method="socialaccount")
    assert (
        WANTED in people.get(reverse("organization-people", args=[staff.organization.slug])).content.decode()
    )
    set_policy(staff, sso_domains=[])
    mails.clear()
    decide(staff, staff.ada)
    assert email_of(staff.otto) == "otto@northlight.example"
    assert {mail.to[0] for mail in mails} == {staff.otto.email, WANTED}
    link = confirmation(mails)
    mails.clear()
    Client().post(link)
    assert email_of(staff.otto) == WANTED
    assert sorted(mail.to[0] for mail in mails) == sorted(["otto@northlight.example", WANTED]), (
        "both are told"
    )
    assert {"account.change_requested", "account.change_confirmed", "account.address_changed"} <= set(
        staff.actions()
    )


def test_a_refused_request_changes_nothing_and_the_person_is_told(staff: Staff, mails: Delivered) -> None:
    request_address(staff.otto)
    mails.clear()
    decide(staff, staff.bea, "refuse")
    assert [(mail.to, "refused the change that you requested" in mail.body) for mail in mails] == [
        ([staff.otto.email], True)
    ]
    assert waiting(staff) == []
    assert not EmailAddress.objects.filter(email=WANTED).exists()


def test_a_stolen_session_asks_for_nothing(staff: Staff, mails: Delivered) -> None:
    request_address(staff.otto, proof_age=301)
    assert waiting(staff) == []
    assert len(mails) == 0


def test_nobody_approves_the_own_request(staff: Staff) -> None:
    request_address(staff.ada)
    decide(staff, staff.ada)
    (row,) = waiting(staff)
    assert row.decided_at is None
    assert "change was made" in decide(staff, staff.bea).content.decode()


@pytest.mark.parametrize("who", ["otto", "paul"])
def test_others_approve_nothing(staff: Staff, who: str) -> None:
    request_address(staff.otto)
    answer = decide(staff, getattr(staff, who))
    assert answer.status_code in (403, 404)
    assert len(waiting(staff)) == 1


def test_one_request_at_a_time_which_can_be_withdrawn(staff: Staff) -> None:
    client = signed_in_client(staff.otto)
    address = reverse("address-request")
    client.post(address, {"value": WANTED})
    assert client.post(address, {"value": "second@private.example"}).status_code == 400
    assert WANTED in client.get(address).content.decode()
    client.post(address, {"withdraw": "1"})
    assert waiting(staff) == []
    assert "already decided" in client.post(address, {"withdraw": "1"}, follow=True).content.decode()


@pytest.mark.slow(seconds=1)
def test_people_enter_ten_new_addresses_in_an_hour(staff: Staff, mails: Delivered) -> None:
    client, address = signed_in_client(staff.otto), reverse("address-request")
    for number in range(10):
        assert client.post(address, {"value": f"o{number}@private.example"}).status_code == 302
        client.post(address, {"withdraw": "1"})
    mails.clear()
    answer = client.post(address, {"value": WANTED})
    assert answer.status_code == 400
    assert "A new address was entered 10 times in this hour." in answer.content.decode()
    assert (waiting(staff), list(mails)) == ([], [])


def test_people_cannot_ask_which_addresses_have_an_account(staff: Staff) -> None:
    client, address = signed_in_client(staff.otto), reverse("address-request")
    answers = [client.post(address, {"value": "ada@northlight.example"}).content.decode() for _ in range(11)]
    assert ["Another account has this address" in answer for answer in answers] == [True] * 10 + [False]
    assert "A new address was entered 10 times in this hour." in answers[10]


@pytest.mark.parametrize("value", ["", "no address", "ada@northlight.example", "otto@northlight.example"])
def test_invalid_and_taken_addresses_are_refused(staff: Staff, value: str) -> None:
    assert request_address(staff.otto, value).status_code == 400
    assert waiting(staff) == []


def test_people_of_two_organizations_change_their_address_themselves(staff: Staff) -> None:
    other = factories.tenant(factories.organization("Other Provider"))
    factories.member(Role.OWNER, other, staff.otto)
    assert "several organizations" in request_address(staff.otto).content.decode()
    assert waiting(staff) == []


def test_row_level_security_shows_people_only_their_own_requests(staff: Staff) -> None:
    request_address(staff.otto)
    with organization_scope(staff.organization):
        AccountChange.objects.create(
            organization=staff.organization, person=staff.otto, kind="second_factor", requested_by=staff.ada
        )
    for who, seen in (
        (staff.otto, {"address"}),
        (staff.paul, set()),
        (staff.ada, {"address", "second_factor"}),
    ):
        with person_scope(who):
            assert set(AccountChange._base_manager.values_list("kind", flat=True)) == seen
