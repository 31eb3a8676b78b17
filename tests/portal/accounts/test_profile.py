"""The page on which people change their own name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenants.models import OrganizationJournalEntry, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


@pytest.mark.slow(seconds=1)
def test_a_name_is_changed_and_recorded_in_every_organization() -> None:
    first, second = factories.organization(), factories.organization()
    me = factories.member(Role.ORGANIZATION_ENGINEER, first, factories.person(name="Ada"))
    factories.member(Role.ORGANIZATION_ENGINEER, second, me)
    client, url = signed_in_client(me), reverse("account-profile")
    assert 'value="Ada"' in client.get(url).content.decode()
    page = client.post(url, {"name": "  Ada   Lovelace "}, follow=True).content.decode()
    assert "Your name is saved." in page
    assert 'value="Ada Lovelace"' in page
    client.post(url, {"name": "Ada Lovelace"})
    for organization in (first, second):
        with organization_scope(organization):
            entry = OrganizationJournalEntry.objects.get(action="account.name_changed")
            assert entry.details == {"from": "Ada", "to": "Ada Lovelace"}
            assert entry.actor == f"{me.email} (person:{me.pk})"


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 201, "Ada\u2028Approver", "Ada\u202eadA", "\U00016fe4", "-"]
)
def test_bad_names_change_nothing(name: str) -> None:
    me = factories.member(Role.OWNER, factories.tenant(), factories.person(name="Ada"))
    answer = signed_in_client(me).post(reverse("account-profile"), {"name": name})
    assert answer.status_code == 400
    assert Person.objects.get(pk=me.pk).name == "Ada"


def test_a_name_that_was_stored_without_letters_can_stay() -> None:
    me = factories.member(Role.OWNER, factories.tenant(), factories.person(name="\u2605"))
    client = signed_in_client(me)
    assert client.post(reverse("account-profile"), {"name": "\u2605"}).status_code == 302
    assert client.post(reverse("account-profile"), {"name": "\u2606"}).status_code == 400


def test_a_change_needs_a_recent_proof() -> None:
    me = factories.member(Role.OWNER, factories.tenant(), factories.person(name="Ada"))
    client = signed_in_client(me, proof_age=3600)
    assert client.get(reverse("account-profile")).status_code == 200
    answer = client.post(reverse("account-profile"), {"name": "Eve"})
    assert "reauthenticate" in answer["Location"]
    assert Person.objects.get(pk=me.pk).name == "Ada"
