"""Look up the tenant and the assessment that are given as arguments of a command."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser

from assessments.models import Assessment
from tenants.models import Tenant, TenantKey
from tenants.scope import organization_scope


def add_tenant_argument(parser: CommandParser) -> None:
    """Add the argument `tenant`, the short name of a customer, to a command."""
    parser.add_argument("tenant", metavar="SLUG", help="short name of the customer, as in /t/SHORT-NAME/")


def find_tenant(slug: str) -> Tenant:
    """Return the tenant with this slug, of any organization. Raise CommandError if there is no such tenant."""
    organizations = TenantKey.objects.values_list("organization_id", flat=True)
    for organization_id in sorted(set(organizations)):
        with organization_scope(organization_id):
            if (found := Tenant.objects.filter(slug=slug).first()) is not None:
                return found
    raise CommandError(
        f"There is no customer {slug!r}. Use the short name in the customer's URL: /t/<short name>/."
    )


def find_assessment(tenant: Tenant, number: int | None) -> Assessment:
    """Return the assessment with this number. If `number` is None, return the newest finished assessment that covers
    all subscriptions and directories or, if there is none, the newest finished assessment.

    The caller must have entered the tenant's scope (`tenants.scope`). Raise CommandError if there is no such
    assessment.
    """
    rows = Assessment.objects.filter(tenant=tenant).order_by("-number")
    if number is not None:
        if (found := rows.filter(number=number).first()) is None:
            raise CommandError(
                f"{tenant.name} has no assessment {number}. The numbers are listed on the page Assessments."
            )
        return found
    finished = rows.filter(state=Assessment.State.FINISHED)
    if (newest := finished.filter(only=[]).first() or finished.first()) is None:
        raise CommandError(
            f"No assessment of {tenant.name} has finished yet. Start one, then run this command again."
        )
    return newest
