"""Failed sign-ins are recorded in the journals of the person's organizations, and cannot flood them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tenants.journal.failed_sign_ins import WINDOW, record_counted_failures, record_failure
from tenants.models import Organization, OrganizationJournalEntry, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> tuple[Organization, Organization, Organization]:
    """Two organizations in which the person has a role, and a third in which the person has none."""
    return factories.organization(), factories.organization(), factories.organization()


@pytest.fixture
def person(places: tuple[Organization, Organization, Organization]) -> Person:
    """A person with a role in the first organization, and in a customer of the second."""
    person = factories.member(Role.ORGANIZATION_ENGINEER, places[0])
    return factories.member(Role.OWNER, factories.tenant(places[1]), person)


def recorded(organization: Organization) -> list[tuple[str, object]]:
    with organization_scope(organization):
        rows = OrganizationJournalEntry.objects.filter(action__startswith="account.").order_by("sequence")
        return [(row.action, row.details.get("count")) for row in rows]


def test_many_failures_become_two_entries(
    person: Person, places: tuple[Organization, Organization, Organization]
) -> None:
    first, second, foreign = places
    for number in range(50):
        record_failure(person, {"with": "password", "address": f"192.0.2.{number}"})
    assert recorded(first) == recorded(second) == [("account.sign_in_failed", None)]
    assert record_counted_failures() == 0
    with time_machine.travel(timezone.now() + WINDOW + timedelta(seconds=1), tick=False):
        assert record_counted_failures() == 1
        assert record_counted_failures() == 0
    expected = [("account.sign_in_failed", None), ("account.sign_in_failures", 49)]
    assert recorded(first) == recorded(second) == expected
    assert recorded(foreign) == []


def test_the_next_failure_after_the_window_is_recorded_with_the_count_before_it(
    person: Person, places: tuple[Organization, Organization, Organization]
) -> None:
    for _ in range(3):
        record_failure(person, {})
    with time_machine.travel(timezone.now() + WINDOW + timedelta(seconds=1), tick=False):
        record_failure(person, {})
        record_failure(person, {})
    assert recorded(places[0]) == [
        ("account.sign_in_failed", None),
        ("account.sign_in_failures", 2),
        ("account.sign_in_failed", None),
    ]


def sign_in(email: str) -> None:
    Client().post("/accounts/login/", {"login": email, "password": "not the password"})


def test_the_sign_in_page_records_failures_of_accounts_only(
    person: Person, places: tuple[Organization, Organization, Organization]
) -> None:
    sign_in("nobody-is-called-so@example.com")
    assert [recorded(place) for place in places] == [[], [], []]
    sign_in(person.email.upper())
    assert recorded(places[0]) == [("account.sign_in_failed", None)]
    sign_in(person.email)
    assert recorded(places[0]) == [("account.sign_in_failed", None)]
    assert recorded(places[2]) == []
