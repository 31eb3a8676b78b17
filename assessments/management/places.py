"""Which tenant a command means, and which of its assessments."""

from __future__ import annotations

from django.core.management.base import CommandError

from assessments.models import Assessment
from tenants.models import Tenant, TenantKey
from tenants.scope import organization_scope


def tenant_named(slug: str) -> Tenant:
    """The tenant with that slug; CommandError. Whoever may run commands on the server may name any."""
    organizations = TenantKey.objects.values_list("organization_id", flat=True)
    for organization_id in sorted(set(organizations)):
        with organization_scope(organization_id):
            if (found := Tenant.objects.filter(slug=slug).first()) is not None:
                return found
    raise CommandError(f"There is no tenant {slug!r}. Its slug is in its address: /t/<slug>/.")


def assessment_of(tenant: Tenant, number: int | None) -> Assessment:
    """That assessment of the tenant, or its newest finished one; CommandError. The scope must be open."""
    rows = Assessment.objects.filter(tenant=tenant).order_by("-number")
    if number is not None:
        if (found := rows.filter(number=number).first()) is None:
            raise CommandError(f"{tenant.name} has no assessment {number}.")
        return found
    if (newest := rows.filter(state=Assessment.State.FINISHED).first()) is None:
        raise CommandError(f"No assessment of {tenant.name} has finished yet.")
    return newest
