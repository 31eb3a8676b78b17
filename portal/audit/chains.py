"""All hash chains of an organization: its own, and those of its tenants."""

from __future__ import annotations

from collections.abc import Iterator

from tenants.journal import Owner
from tenants.models import Organization, Tenant


def chains(organization: Organization) -> Iterator[tuple[Owner, Tenant | None]]:
    """Yield the owner of each chain with its tenant, None for the organization. Needs the organization's scope."""
    yield organization, None
    for tenant in Tenant.objects.filter(organization=organization).order_by("pk"):
        yield tenant, tenant
