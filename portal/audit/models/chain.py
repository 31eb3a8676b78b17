"""Columns shared by tables about hash chains: the organization of the chain and, if the chain is a customer's, the
tenant.
"""

from __future__ import annotations

from django.db import models

from tenants import rls
from tenants.ids import uuid7
from tenants.isolation.managers import MembershipManager
from tenants.models import Organization, Tenant
from tenants.references import CompositeReference


class ChainRow(models.Model):
    """A row about the chain of a customer or of an organization.

    In a row about the organization's own chain, `tenant` is null.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", editable=False)
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+", editable=False)

    objects = MembershipManager()

    class Meta:
        abstract = True

    @property
    def owner(self) -> Tenant | Organization:
        return self.tenant or self.organization


def chain_constraints(table: str) -> list[models.BaseConstraint]:
    """Return the constraints of a table whose rows are about hash chains.

    Row-level security shows a row in the scope of the row's tenant or organization. A composite foreign key ensures
    that the tenant belongs to the organization.
    """
    return [
        rls.RowLevelSecurity(name=f"{table}_rls", using=rls.TENANT_OR_ORGANIZATION),
        CompositeReference(
            name=f"{table}_tenant_organization",
            columns=("tenant_id", "organization_id"),
            table="tenants_tenant",
            targets=("id", "organization_id"),
        ),
    ]
