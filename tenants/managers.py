"""Managers that refuse to answer without a scope: the seat belt. Row-level security is the wall.

Django's own machinery (related objects, refresh_from_db) goes through `_base_manager`, which is not scoped;
there the wall alone holds.
"""

from typing import TypeVar

from django.db.models import Manager, Model, Q, QuerySet

from tenants.active_scope import Scope, current

M = TypeVar("M", bound=Model)


class _Scoped(Manager[M]):
    def visible(self, scope: Scope) -> Q:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[M]:
        return super().get_queryset().filter(self.visible(current()))


class ScopedManager(_Scoped[M]):
    """For tables with a tenant: the rows of the scope's tenants. Raises NoScope without a scope."""

    def visible(self, scope: Scope) -> Q:
        if len(scope.tenant_ids) == 1:
            # Equality lets PostgreSQL use an index that starts with the tenant for the order as well.
            return Q(tenant_id=next(iter(scope.tenant_ids)))
        return Q(tenant_id__in=scope.tenant_ids)


class OrganizationManager(_Scoped[M]):
    """For tables of an organization as a whole: the rows of the organizations that the scope holds."""

    def visible(self, scope: Scope) -> Q:
        return Q(organization_id__in=scope.organization_ids)


class TenantManager(_Scoped[M]):
    """For the tenants themselves."""

    def visible(self, scope: Scope) -> Q:
        return Q(pk__in=scope.tenant_ids) | Q(organization_id__in=scope.organization_ids)


class OrganizationItselfManager(_Scoped[M]):
    """For the organizations themselves: those held, and those that the scope's tenants belong to."""

    def visible(self, scope: Scope) -> Q:
        return Q(pk__in=scope.visible_organization_ids | scope.organization_ids)


class MembershipManager(_Scoped[M]):
    """For memberships and invitations: of the tenants, and of the organization as a whole."""

    def visible(self, scope: Scope) -> Q:
        organizations = scope.visible_organization_ids | scope.organization_ids
        whole = Q(tenant__isnull=True, organization_id__in=organizations)
        return Q(tenant_id__in=scope.tenant_ids) | whole
