"""Registering organizations and tenants, and changing a tenant."""

from typing import Any

import pytest

from tenants import actions, selectors
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY, in_tenant
from tests.tenants.actions.journal import journal_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Contoso", "contoso"),
        ("  Contoso   GmbH & Co. KG ", "contoso-gmbh-co-kg"),
        ("Ünïcode Söhne", "unicode-sohne"),
        ("漢字", "tenant"),
        ("x" * 200, "x" * 56),
        ("Settings", "settings-2"),
    ],
)
def test_slug_is_made_from_the_name(name: str, slug: str) -> None:
    tenant = factories.tenant(name=name)
    assert tenant.slug == slug
    assert tenant.name == " ".join(name.split())


def test_taken_slug_gets_a_number_or_is_refused_if_given() -> None:
    factories.tenant(name="Contoso")
    assert factories.tenant(name="Contoso").slug == "contoso-2"
    with pytest.raises(Conflict) as caught:
        factories.tenant(name="Contoso", slug="contoso")
    assert caught.value.code == "slug_taken"
    assert "slug" in caught.value.fields


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": "   "}),
        ("name", {"name": "x" * 201}),
        ("slug", {"slug": "Has Capitals"}),
        ("slug", {"slug": ""}),
        ("slug", {"slug": "x" * 61}),
        ("slug", {"slug": "a/b"}),
        ("slug", {"slug": "new"}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": ""}),
        ("labels", {"labels": [""]}),
        ("labels", {"labels": ["a,b"]}),
        ("labels", {"labels": ["x" * 61]}),
        ("labels", {"labels": ["a\0b"]}),
        ("labels", {"labels": ["a\u202eb"]}),
    ],
)
def test_invalid_input_names_its_field(field: str, given: dict[str, Any]) -> None:
    organization = factories.organization()
    with organization_scope(organization), pytest.raises(InvalidInput) as caught:
        actions.register_tenant(by=BY, organization=organization, **{"name": "x", **given})
    assert list(caught.value.fields) == [field]


def test_registering_a_tenant_is_journalled_in_both_chains() -> None:
    tenant = factories.tenant(labels=["Gold", "gold", " EU  west "], timezone="Europe/Berlin")
    assert tenant.labels == ["Gold", "EU west"]
    assert tenant.exception_cap_days == 180
    assert tenant.due_days["critical"] < tenant.due_days["low"]
    assert journal_of(tenant) == ["tenant.registered"]
    assert tenant.pk in selectors.tenant_ids()
    with organization_scope(tenant.organization):
        assert list(selectors.tenants(labels=["GOLD", "eu west"])) == [tenant]
        assert list(selectors.tenants(labels=["gold", "other"])) == []


def test_organization_is_registered_with_its_first_administrator() -> None:
    person = factories.person()
    organization = factories.organization(administrator=person, name="Provider", slug="provider")
    with organization_scope(organization):
        assert [held.person for held in organization.memberships.all()] == [person]
    with pytest.raises(Conflict):
        factories.organization(slug="provider")


def test_changing_a_tenant_journals_old_and_new_values() -> None:
    tenant = factories.tenant(name="Before")
    with in_tenant(tenant):
        changed = actions.change_tenant(by=BY, tenant=tenant, name="After", exception_cap_days=30)
        assert (changed.name, changed.slug, changed.exception_cap_days) == ("After", "before", 30)
        entry = JournalEntry.objects.get(action="tenant.changed")
        assert entry.details == {
            "name": {"from": "Before", "to": "After"},
            "exception_cap_days": {"from": 180, "to": 30},
        }
        actions.change_tenant(by=BY, tenant=tenant, name="After")
        assert JournalEntry.objects.filter(action="tenant.changed").count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"exception_cap_days": 0},
        {"exception_cap_days": 3651},
        {"exception_cap_days": True},
        {"due_days": {"critical": 1}},
        {"due_days": {"critical": 0, "high": 1, "medium": 1, "low": 1, "info": 1}},
        {"due_days": {"critical": "1", "high": 1, "medium": 1, "low": 1, "info": 1}},
    ],
)
def test_invalid_policy_is_refused(given: dict[str, Any]) -> None:
    tenant = factories.tenant()
    with in_tenant(tenant), pytest.raises(InvalidInput) as caught:
        actions.change_tenant(by=BY, tenant=tenant, **given)
    assert list(caught.value.fields) == list(given)
