"""Define managers that raise NoScope if no scope is open. With row-level security alone, a query without a scope would
return no rows and no error.

Django's queries for related objects and `refresh_from_db` use `_base_manager`, which only row-level security protects.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Manager, Model, Q, QuerySet

from tenants.auditors.review_periods import ReviewPeriod
from tenants.isolation import lookups  # noqa: F401  (importing it registers the lookup `any_of`)
from tenants.isolation.active_scope import Scope, current

M = TypeVar("M", bound=Model)


class _Scoped(Manager[M]):
    def visible(self, scope: Scope) -> Q:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[M]:
        return super().get_queryset().filter(self.visible(current()))


class ScopedManager(_Scoped[M]):
    """A manager of tables with a tenant. It returns the rows of the scope's tenants.

    If the person has a review period in a tenant (`Scope.review_periods`), the manager returns only the rows of the
    tenant that the model's class method `in_review` selects. If a model has no `in_review`, its rows are not limited,
    and `tenants.auditors.review_addresses` decides which pages can show them.
    """

    def visible(self, scope: Scope) -> Q:
        if scope.review_periods and (in_review := getattr(self.model, "in_review", None)) is not None:
            return reviewed(scope, in_review)
        if len(scope.tenant_ids) == 1:
            # With `=` in place of `= ANY`, PostgreSQL can also sort by an index that starts with the tenant.
            return Q(tenant_id=next(iter(scope.tenant_ids)))
        return Q(tenant_id__any_of=scope.tenant_ids)


def reviewed(scope: Scope, in_review: Callable[[ReviewPeriod], Q]) -> Q:
    """Return a condition for all rows of tenants without a review period, and for those rows of other tenants that
    `in_review` selects for a period.
    """
    found = Q(tenant_id__any_of=scope.tenant_ids - scope.review_periods.keys())
    for tenant_id, periods in scope.review_periods.items():
        if tenant_id in scope.tenant_ids:
            within = Q(pk__in=())
            for period in periods:
                within |= in_review(period)
            found |= Q(tenant_id=tenant_id) & within
    return found


class OrganizationManager(_Scoped[M]):
    """A manager of tables with an organization. It returns the rows of the organizations that are in the scope as a
    whole.
    """

    def visible(self, scope: Scope) -> Q:
        return Q(organization_id__any_of=scope.organization_ids)


class TenantManager(_Scoped[M]):
    """A manager of tenants. It returns tenants in the scope, and all tenants of the organizations that are in the scope
    as a whole.
    """

    def visible(self, scope: Scope) -> Q:
        return Q(pk__any_of=scope.tenant_ids) | Q(organization_id__any_of=scope.organization_ids)


class OrganizationItselfManager(_Scoped[M]):
    """A manager of organizations. It returns organizations that are in the scope as a whole, and organizations of which
    the scope contains only some tenants.
    """

    def visible(self, scope: Scope) -> Q:
        return Q(pk__any_of=scope.visible_organization_ids | scope.organization_ids)


class MembershipManager(_Scoped[M]):
    """A manager of memberships and invitations. It returns the rows for tenants in the scope. It also returns the
    rows for an organization as a whole, if the scope contains all or some tenants of this organization.
    """

    def visible(self, scope: Scope) -> Q:
        organizations = scope.visible_organization_ids | scope.organization_ids
        whole = Q(tenant__isnull=True, organization_id__any_of=organizations)
        return Q(tenant_id__any_of=scope.tenant_ids) | whole


class ControllerManager(_Scoped[M]):
    """A manager of service account controllers. It returns the rows about the person of the scope, and all rows of
    organizations that are in the scope as a whole or in part.
    """

    def visible(self, scope: Scope) -> Q:
        own = Q(person=scope.person.pk) if scope.person is not None else Q()
        return own | Q(organization_id__any_of=scope.visible_organization_ids | scope.organization_ids)
