"""Compute the scope of a person or a service account from their roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tenants.auditors.review_periods import ReviewPeriod
from tenants.isolation.active_scope import Scope, ScopeLimit, interned
from tenants.isolation.built_query import BuiltQuery
from tenants.isolation.local_settings import set_local
from tenants.models import (
    Membership,
    Person,
    ServiceAccount,
    TenantKey,
)
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, SERVICE_CAPABILITIES, Capability, Role


def _build_roles(moment: datetime, person: UUID) -> QuerySet[Any, Any]:
    valid = Membership._base_manager.filter(Membership.valid_at(moment), person_id=person)
    return valid.values_list("role", "organization_id", "tenant_id", "review_first", "review_last")


def _build_keys_of_organizations(organizations: list[UUID]) -> QuerySet[Any, Any]:
    keys = TenantKey.objects.filter(organization_id__any_of=organizations)
    return keys.values_list("tenant_id", "organization_id")


_roles = BuiltQuery(_build_roles, moment=datetime(1, 1, 1, tzinfo=UTC), person=UUID(int=0))
keys_of_organizations = BuiltQuery(_build_keys_of_organizations, organizations=[UUID(int=0)])


def of_tenants[T](by_tenant: Mapping[UUID, T], tenant_ids: Collection[UUID]) -> dict[UUID, T]:
    return {tenant: value for tenant, value in by_tenant.items() if tenant in tenant_ids}


def limited_scope(scope: Scope, limit: ScopeLimit) -> Scope:
    """Return that part of a person's scope which the limit permits.

    If the limit names tenants, the organization itself is left out, because its rows are about all tenants.
    """
    own = frozenset({limit.organization_id})
    of_organization = {tenant for tenant, _ in keys_of_organizations(organizations=[limit.organization_id])}
    tenant_ids = scope.tenant_ids & of_organization
    organization_ids = scope.organization_ids & own
    if limit.tenant_ids is not None:
        tenant_ids, organization_ids = tenant_ids & limit.tenant_ids, frozenset()
    return replace(
        scope,
        tenant_ids=interned(tenant_ids),
        organization_ids=organization_ids,
        visible_organization_ids=scope.visible_organization_ids & own,
        tenant_roles=of_tenants(scope.tenant_roles, tenant_ids),
        review_periods=of_tenants(scope.review_periods, tenant_ids),
        organization_roles={
            owner: roles for owner, roles in scope.organization_roles.items() if owner in organization_ids
        },
        roles_held={owner: roles for owner, roles in scope.roles_held.items() if owner in own},
        granted=granted_by_both(scope.granted, limit.capabilities),
        token=limit.token,
    )


def granted_by_both(
    one: frozenset[Capability] | None, other: frozenset[Capability] | None
) -> frozenset[Capability] | None:
    """Return the capabilities that both limits permit. None stands for no limit."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def scope_of_person(person: Person) -> Scope:
    # Set only surety.person at first. Row-level security then lets this query read the person's own memberships.
    set_local(tenants="", organizations="", person=str(person.pk), invitation="")
    if person.is_service:
        return _of_service_account(person)
    by_tenant: dict[UUID, set[Role]] = {}
    by_organization: dict[UUID, set[Role]] = {}
    held: dict[UUID, set[Role]] = {}
    periods: dict[UUID, list[ReviewPeriod]] = {}
    unlimited: set[UUID] = set()
    memberships = _roles(moment=timezone.now(), person=person.pk) if person.is_active else []
    for role, organization_id, tenant_id, first, last in memberships:
        held.setdefault(organization_id, set()).add(Role(role))
        if tenant_id is not None:
            by_tenant.setdefault(tenant_id, set()).add(Role(role))
            if first is not None:
                periods.setdefault(tenant_id, []).append(ReviewPeriod(first, last))
            elif Capability.VIEW_ALL in CAPABILITIES[Role(role)]:
                unlimited.add(tenant_id)
        elif Role(role) in ORGANIZATION_ROLES:
            by_organization.setdefault(organization_id, set()).add(Role(role))
    if by_organization:
        for tenant_id, organization_id in keys_of_organizations(organizations=list(by_organization)):
            by_tenant.setdefault(tenant_id, set()).update(by_organization[organization_id])
            unlimited.add(tenant_id)
    return Scope(
        tenant_ids=interned(frozenset(by_tenant)),
        organization_ids=frozenset(by_organization),
        visible_organization_ids=frozenset(held),
        person=person,
        tenant_roles={tenant: frozenset(roles) for tenant, roles in by_tenant.items()},
        organization_roles={owner: frozenset(roles) for owner, roles in by_organization.items()},
        roles_held={organization: frozenset(roles) for organization, roles in held.items()},
        review_periods={
            tenant: tuple(sorted(found)) for tenant, found in periods.items() if tenant not in unlimited
        },
    )


def _service_account(person: Person) -> ServiceAccount | None:
    """Return the service account whose row in the table of people is `person`, or None if the account is disabled.

    PostgreSQL's setting `surety.person` must be set.
    """
    rows = ServiceAccount._base_manager.filter(person=person, disabled_at__isnull=True)
    return rows.first() if person.is_active else None


def _of_service_account(person: Person) -> Scope:
    """Return the scope of a service account, which has no memberships.

    The scope has the account's role, without the rights that only people can have.
    """
    account = _service_account(person)
    if account is None:
        return Scope(tenant_ids=frozenset(), person=person, granted=frozenset())
    own, roles = frozenset({account.organization_id}), frozenset({Role(account.role)})
    tenant_ids = {tenant for tenant, _ in keys_of_organizations(organizations=[account.organization_id])}
    whole = account.tenant_ids is None
    if account.tenant_ids is not None:
        tenant_ids &= set(account.tenant_ids)
    return Scope(
        tenant_ids=interned(frozenset(tenant_ids)),
        organization_ids=own if whole else frozenset(),
        visible_organization_ids=own,
        person=person,
        tenant_roles=dict.fromkeys(tenant_ids, roles),
        organization_roles={account.organization_id: roles} if whole else {},
        roles_held={account.organization_id: roles},
        granted=SERVICE_CAPABILITIES,
    )
