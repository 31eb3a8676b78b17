"""Opening, nesting and ending scopes."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tenants.actions import grant_membership, register_tenant
from tenants.errors import InvalidInput, NoScope, NotFound, ScopeConflict
from tenants.models import Directory, Membership, Organization, ServicePrincipal, Tenant
from tenants.roles import Capability, Role
from tenants.scope import Scope, current, current_or_none, organization_scope, person_scope, tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('surety.tenants', true)")
        value = cursor.fetchone()[0]
    return value or ""


@pytest.mark.parametrize("model", [Directory, ServicePrincipal, Tenant, Organization, Membership])
def test_managers_raise_without_a_scope(model: type) -> None:
    with pytest.raises(NoScope, match="tenant_scope"):
        model.objects.all()  # type: ignore[attr-defined]
    with pytest.raises(NoScope):
        current()
    assert current_or_none() is None


@pytest.mark.parametrize("given", [str, lambda pk: str(pk).upper(), lambda pk: pk])
def test_tenant_scope_contains_exactly_one_tenant(given: Callable[[object], str]) -> None:
    directory = factories.directory()
    sister = factories.directory(factories.tenant(directory.tenant.organization))
    with tenant_scope(given(directory.tenant_id)) as scope:
        assert current() is scope
        assert scope.tenant_ids == {directory.tenant_id}
        assert scope.person is None
        assert scope.organization_ids == frozenset()
        assert list(Directory.objects.all()) == [directory]
        assert not Directory.objects.filter(pk=sister.pk).exists()
        assert not scope.may(Capability.VIEW, directory.tenant_id)
    assert current_or_none() is None
    assert setting() == ""


@pytest.mark.parametrize("unknown", ["7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e40", "", "not-a-uuid", "{}"])
def test_scope_of_a_missing_tenant_is_refused(unknown: str) -> None:
    with pytest.raises(NotFound), tenant_scope(unknown):
        pytest.fail("opened")
    assert current_or_none() is None


def test_error_ends_the_scope_and_rolls_back() -> None:
    directory = factories.directory()
    with pytest.raises(IntegrityError), tenant_scope(directory.tenant_id):
        Directory.objects.create(tenant=directory.tenant, directory_id=directory.directory_id, name="changed")
    assert current_or_none() is None
    assert setting() == ""
    with tenant_scope(directory.tenant_id):
        assert list(Directory.objects.all()) == [directory]


def test_set_rollback_ends_the_scope() -> None:
    directory = factories.directory()
    with tenant_scope(directory.tenant_id):
        Directory.objects.update(name="changed")
        transaction.set_rollback(True)
    assert setting() == ""
    with tenant_scope(directory.tenant_id):
        assert Directory.objects.get().name == "Directory"


def test_outer_scope_is_restored_after_the_inner_one() -> None:
    first = factories.tenant()
    second = factories.tenant(first.organization)
    person = factories.member(Role.ORGANIZATION_ENGINEER, first.organization)
    with person_scope(person) as outer:
        before = setting()
        assert outer.tenant_ids == {first.pk, second.pk}
        with tenant_scope(second.pk) as inner:
            assert setting() == f"{{{second.pk}}}"
            assert inner.person == person
            assert inner.roles(second.pk) == {Role.ORGANIZATION_ENGINEER}
        assert current() is outer
        assert setting() == before
        with pytest.raises(IntegrityError), tenant_scope(second.pk):
            raise IntegrityError
        assert current() is outer
        assert setting() == before


def test_inner_scope_cannot_widen() -> None:
    mine, foreign = factories.tenant(), factories.tenant()
    person = factories.member(Role.OWNER, mine)
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, foreign.organization)
    forbidden: list[tuple[AbstractContextManager[Scope], AbstractContextManager[Scope]]] = [
        (tenant_scope(mine.pk), tenant_scope(foreign.pk)),
        (tenant_scope(mine.pk), organization_scope(mine.organization)),
        (organization_scope(mine.organization), tenant_scope(foreign.pk)),
        (organization_scope(mine.organization), organization_scope(foreign.organization)),
        (person_scope(person), tenant_scope(foreign.pk)),
        (person_scope(person), organization_scope(mine.organization)),
        (person_scope(person), person_scope(engineer)),
    ]
    for outer, inner in forbidden:
        with outer, pytest.raises(ScopeConflict), inner:
            pytest.fail("opened")
        assert current_or_none() is None


def test_person_scope_in_a_tenant_scope_is_limited_to_the_tenant() -> None:
    first = factories.tenant()
    second = factories.tenant(first.organization)
    person = factories.member(Role.ORGANIZATION_ENGINEER, first.organization)
    with tenant_scope(first.pk), person_scope(person) as scope:
        assert scope.tenant_ids == {first.pk}
        assert scope.organization_ids == frozenset()
        assert not Tenant.objects.filter(pk=second.pk).exists()


def test_organization_roles_apply_to_every_tenant_and_tenant_roles_to_one() -> None:
    first = factories.tenant()
    second = factories.tenant(first.organization)
    foreign = factories.tenant()
    person = factories.member(Role.ORGANIZATION_ENGINEER, first.organization)
    factories.member(Role.APPROVER, second, person)
    factories.member(Role.AUDITOR, foreign, person)
    with person_scope(person) as scope:
        assert scope.tenant_ids == {first.pk, second.pk, foreign.pk}
        assert scope.organization_ids == {first.organization_id}
        assert scope.roles(first.pk) == {Role.ORGANIZATION_ENGINEER}
        assert scope.roles(second.pk) == {Role.ORGANIZATION_ENGINEER, Role.APPROVER}
        assert scope.roles(foreign.pk) == {Role.AUDITOR}
        assert scope.may(Capability.APPROVE, second.pk)
        assert not scope.may(Capability.APPROVE, first.pk)
        assert scope.may_in_organization(Capability.REGISTER, first.organization_id)
        assert not scope.may_in_organization(Capability.REGISTER, foreign.organization_id)
        assert set(Organization.objects.all()) == {first.organization, foreign.organization}


NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("start", "end", "valid"),
    [
        (NOW, None, True),
        (NOW + TICK, None, False),
        (NOW - timedelta(days=1), NOW + TICK, True),
        (NOW - timedelta(days=1), NOW, False),
        (NOW - timedelta(days=2), NOW - timedelta(days=1), False),
        (NOW + timedelta(days=1), NOW + timedelta(days=2), False),
    ],
)
def test_membership_is_valid_from_its_start_until_before_its_end(
    start: datetime, end: datetime | None, valid: bool
) -> None:
    tenant, person = factories.tenant(), factories.person()
    with tenant_scope(tenant.pk):
        Membership.objects.create(
            person=person,
            organization=tenant.organization,
            tenant=tenant,
            role=Role.OWNER,
            valid_from=start,
            valid_until=end,
        )
    with patch("tenants.scope.timezone.now", return_value=NOW), person_scope(person) as scope:
        assert (tenant.pk in scope.tenant_ids) is valid


def test_inactive_person_sees_nothing() -> None:
    person = factories.member(Role.OWNER, factories.tenant())
    person.is_active = False
    with person_scope(person) as scope:
        assert scope.tenant_ids == frozenset()
        assert not Tenant.objects.exists()


def test_newly_registered_tenant_is_in_the_scope() -> None:
    organization = factories.organization()
    person = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with person_scope(person) as outer:
        assert outer.tenant_ids == frozenset()
        tenant = register_tenant(by=person, organization=organization, name="New")
        assert current().tenant_ids == {tenant.pk}
        assert current().may(Capability.ADMINISTER, tenant.pk)
        assert list(Tenant.objects.all()) == [tenant]
    assert current_or_none() is None
    with organization_scope(organization) as scope:
        assert scope.tenant_ids == {tenant.pk}


def test_registering_a_tenant_needs_its_organization_in_scope() -> None:
    mine, foreign = factories.tenant(), factories.organization()
    person = factories.member(Role.TENANT_ADMINISTRATOR, mine)
    with person_scope(person), pytest.raises(InvalidInput, match="organization"):
        register_tenant(by=person, organization=foreign, name="New")


def test_thread_has_no_scope() -> None:
    tenant = factories.tenant()
    found: list[Scope | None] = []
    with tenant_scope(tenant.pk):
        thread = threading.Thread(target=lambda: found.append(current_or_none()))
        thread.start()
        thread.join()
    assert found == [None]


def test_opening_a_person_scope_takes_few_queries(django_assert_num_queries: Any) -> None:
    organization = factories.organization()
    for _ in range(3):
        factories.tenant(organization)
    person = factories.member(Role.ORGANIZATION_ENGINEER, organization)
    # The queries: savepoint, person, memberships, tenant keys, set scope, restore scope, release savepoint.
    with django_assert_num_queries(7), person_scope(person):
        pass


def test_granting_outside_the_scope_is_refused() -> None:
    mine, foreign = factories.tenant(), factories.tenant()
    with tenant_scope(mine.pk), pytest.raises((NotFound, Organization.DoesNotExist)):
        grant_membership(
            by=factories.BY,
            person=factories.person(),
            organization=foreign.organization,
            tenant=foreign,
            role=Role.OWNER,
            valid_from=timezone.now(),
        )
