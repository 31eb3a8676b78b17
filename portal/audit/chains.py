"""All hash chains of an organization: the chain of the organization itself, and the chain of each customer."""

from __future__ import annotations

from collections.abc import Iterator

from tenants.journal import Owner
from tenants.models import Organization, Tenant


def chains(organization: Organization) -> Iterator[tuple[Owner, Tenant | None]]:
    """Yield each chain as (owner, tenant). The organization's own chain is (organization, None), and the chain of a
    customer is (tenant, tenant). Needs the organization's scope.
    """
    yield organization, None
    for tenant in Tenant.objects.filter(organization=organization).order_by("pk"):
        yield tenant, tenant
