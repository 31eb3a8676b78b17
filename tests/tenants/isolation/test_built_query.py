"""`BuiltQuery` and `BuiltInstances` return the same rows as their querysets, for all values of the parameters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.models import Session
from tenants.ids import uuid7
from tenants.isolation.built_query import BuiltInstances, BuiltQuery
from tenants.models import Organization, Person, Tenant, TenantKey
from tenants.scope import organization_scope
from tests import factories

pytestmark = pytest.mark.django_db


def keys(organizations: list[UUID], tenant: UUID) -> QuerySet[Any, Any]:
    found = TenantKey.objects.filter(organization_id__any_of=organizations).exclude(tenant_id=tenant)
    return found.values_list("tenant_id", "organization_id")


def test_each_call_uses_its_own_values() -> None:
    first, second = factories.tenant(), factories.tenant()
    sister = factories.tenant(first.organization)
    built = BuiltQuery(keys, organizations=[UUID(int=0)], tenant=UUID(int=1))
    for organizations, tenant in (
        ([first.organization_id], UUID(int=2)),
        ([first.organization_id], sister.pk),
        ([first.organization_id, second.organization_id], first.pk),
        ([], UUID(int=2)),
    ):
        expected = sorted(keys(organizations, tenant))
        with CaptureQueriesContext(connection) as queries:
            assert sorted(built(organizations=organizations, tenant=tenant)) == expected
        assert len(queries) == 1
    assert len(sorted(keys([first.organization_id], UUID(int=2)))) == 2


def test_missing_placeholders_are_refused() -> None:
    unused = BuiltQuery(lambda person: TenantKey.objects.values_list("tenant_id"), person=UUID(int=0))
    with pytest.raises(ValueError, match="A placeholder is missing"):
        unused(person=UUID(int=1))


def organizations(ids: list[UUID]) -> QuerySet[Organization]:
    return Organization._base_manager.filter(pk__any_of=ids).order_by("name", "pk")


def fields_of(instances: list[Any]) -> list[dict[str, Any]]:
    return [
        {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}
        for one in instances
    ]


def test_instances_equal_those_of_the_queryset() -> None:
    """The values of the instances have the right types, such as a list for JSON, and the instances can be saved."""
    first, second = factories.tenant(), factories.tenant()
    ids = [first.organization_id, second.organization_id]
    built = BuiltInstances(organizations, ids=[UUID(int=0)])
    with organization_scope(first.organization):
        first.organization.sso_domains = ["contoso.com"]
        first.organization.save()
        found, expected = built(ids=ids), list(organizations(ids))
        assert fields_of(found) == fields_of(expected)
        assert ["contoso.com"] in [one.sso_domains for one in found]
        (own,) = built(ids=ids[:1])
        own.session_hours = 7
        own.save()
        assert [one.session_hours for one in built(ids=ids[:1])] == [7]


def test_instances_have_sealed_fields_and_times() -> None:
    now = timezone.now()
    session = Session(id=uuid7(), key_hash="k" * 64, expires_at=now + timedelta(hours=1), address="192.0.2.1")
    session.data = Session._meta.get_field("data").from_db_value(b"sealed", None, connection)
    session.save()
    built = BuiltInstances(lambda key: Session.objects.filter(key_hash=key), key="key")
    (found,), (expected,) = built(key="k" * 64), Session.objects.all()
    assert type(found.data) is type(expected.data)
    assert bytes(found.data) == bytes(expected.data) == b"sealed"
    for field in ("pk", "expires_at", "address", "person_id", "browser"):
        assert getattr(found, field) == getattr(expected, field)
    assert built(key="other") == []


def test_a_related_object_is_read_with_its_instance() -> None:
    place = factories.tenant()
    built = BuiltInstances(
        lambda slug: Tenant._base_manager.filter(slug=slug), related_object="organization", slug="slug"
    )
    with factories.in_tenant(place):
        with CaptureQueriesContext(connection) as queries:
            (found,) = built(slug=place.slug)
            owner = found.organization
        assert len(queries) == 1
        expected = Tenant.objects.select_related("organization").get(pk=place.pk)
        assert fields_of([found, owner]) == fields_of([expected, expected.organization])


def test_a_person_by_id_is_the_same_as_by_any_other_query() -> None:
    person, other = factories.person("one@example.com"), factories.person("two@example.com")
    found = Person.objects.get(pk=person.pk)
    assert fields_of([found]) == fields_of([Person.objects.get(email="one@example.com")])
    assert Person.objects.get(pk=str(other.pk)) == other
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get(pk=UUID(int=0))
