"""For each organization, count the foreign subscriptions about which the signed-in person has to decide."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count

from tenants import scope
from tenants.azure.foreign import foreign_rows, undecided
from tenants.models import Organization, Tenant
from tenants.roles import Capability


def undecided_by_organization(tenants: Iterable[Tenant]) -> list[tuple[Organization, int]]:
    """Return (organization, number of undecided subscriptions) for each organization that the signed-in person
    administers. Organizations without undecided subscriptions are left out.
    """
    current = scope.current()
    mine = [
        tenant
        for tenant in tenants
        if current.may_in_organization(Capability.ADMINISTER, tenant.organization_id)
    ]
    if not mine:
        return []
    found = foreign_rows(mine, every_home=True).filter(undecided()).order_by("tenant__organization")
    counted = dict(found.values_list("tenant__organization").annotate(count=Count("pk")))
    names = Organization.objects.filter(pk__in=counted).order_by("name", "pk") if counted else []
    return [(row, counted[row.pk]) for row in names]
