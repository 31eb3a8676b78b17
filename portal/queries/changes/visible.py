"""Which changes a person sees."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.changes.models import ResourceChange
from portal.treatment.models import Treatment
from tenants.models import Person, Tenant


def visible_changes(tenant: Tenant, person: Person, *, sees_all: bool) -> QuerySet[ResourceChange]:
    """Return the customer's changes that the person sees: all or, without the right to view all, caught ones that they
    own or that concern a resource with a finding they own."""
    rows = ResourceChange.objects.filter(tenant=tenant)
    if sees_all:
        return rows
    owned = Treatment.objects.filter(
        tenant=tenant, owner=person, finding__subject_ref=OuterRef("resource__ref")
    )
    return rows.filter(Q(owner=person) | (~Q(state="") & Exists(owned)))
