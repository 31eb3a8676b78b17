"""Make service accounts for which a given person is responsible."""

from __future__ import annotations

from portal.accounts.actions.service_accounts import create_service_account
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests.factories.places import BY


def program_of(tenant: Tenant, responsible: Person) -> Person:
    """Return a new service account of the customer, for which this person is responsible."""
    with organization_scope(tenant.organization):
        made = create_service_account(
            by=BY,
            organization=tenant.organization,
            name="Pipeline",
            purpose="Deploys resources",
            responsible=responsible,
            role=Role.TENANT_ADMINISTRATOR,
            tenants=[tenant],
        )
    return made.person
