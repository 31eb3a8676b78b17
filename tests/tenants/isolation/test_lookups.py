"""The lookup `any_of` selects the same rows as `in`."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db.models import Q
from django.test import TestCase

from tenants.isolation import active_scope
from tenants.models import Membership, Tenant
from tenants.scope import organization_scope, person_scope
from tests.portal.web.world import World

type Condition = Callable[[str, list[UUID]], Q]
CONDITIONS: dict[str, Condition] = {
    "equal": lambda lookup, ids: Q(**{lookup: ids}),
    "not equal": lambda lookup, ids: ~Q(**{lookup: ids}),
    "or a null": lambda lookup, ids: Q(**{lookup: ids}) | Q(tenant__isnull=True),
    "and a null": lambda lookup, ids: Q(**{lookup: ids}) & Q(tenant__isnull=True),
}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("field", ["tenant_id", "tenant"])
def test_same_rows_as_in(world: World, name: str, count: int, field: str) -> None:
    """Use memberships, because some of them have no tenant: their role is for the whole organization."""
    ids = [world.home.pk, uuid4()][:count]
    with organization_scope(world.organization):
        rows = Membership.objects.all()
        assert rows.filter(tenant__isnull=True).exists()
        assert rows.filter(tenant__isnull=False).exists()
        expected = set(rows.filter(CONDITIONS[name](f"{field}__in", ids)).values_list("pk"))
        found = set(rows.filter(CONDITIONS[name](f"{field}__any_of", ids)).values_list("pk"))
        excluded = set(rows.exclude(CONDITIONS[name](f"{field}__in", ids)).values_list("pk"))
        not_found = set(rows.exclude(CONDITIONS[name](f"{field}__any_of", ids)).values_list("pk"))
    assert found == expected
    assert not_found == excluded


def test_keys_are_one_parameter_and_no_keys_are_no_query(world: World) -> None:
    ids = [uuid4() for _ in range(200)]
    with organization_scope(world.organization):
        _, parameters = Tenant.objects.filter(pk__any_of=ids).query.sql_with_params()
        assert ids in list(parameters)
        with TestCase().assertNumQueries(0):
            assert list(Tenant.objects.filter(pk__any_of=[])) == []


@pytest.mark.parametrize("of_person", [True, False], ids=["person", "organization"])
def test_kept_queries_share_the_ids_of_their_scopes(
    world: World, monkeypatch: pytest.MonkeyPatch, of_person: bool
) -> None:
    """Caches keep hundreds of queries. If each query had its own ids of thousands of customers, the caches would take
    hundreds of megabytes.
    """
    monkeypatch.setattr(active_scope, "_MANY", 1)
    found = []
    for _ in range(2):
        person, organization = world.people["organization_engineer"], world.organization
        with person_scope(person) if of_person else organization_scope(organization) as scope:
            _, parameters = Membership.objects.filter(
                tenant_id__any_of=scope.tenant_ids
            ).query.sql_with_params()
            arrays = [one for one in parameters if one == list(scope.tenant_ids)]
            found.append((scope.tenant_ids, arrays[0]))
    (ids, array), (ids_again, array_again) = found
    assert ids is ids_again
    assert array is array_again
