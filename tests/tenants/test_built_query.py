"""A built query returns the same rows as its queryset, for all values."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from tenants.built_query import BuiltQuery
from tenants.models import TenantKey
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
    with pytest.raises(ValueError, match="placeholders"):
        unused(person=UUID(int=1))
