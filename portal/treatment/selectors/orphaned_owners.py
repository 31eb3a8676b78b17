"""Find former owners. They still own findings, but were removed or deactivated, or their access has expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from assessments.models import Finding
from portal.treatment.models import Treatment
from portal.treatment.selectors.owners import eligible_owner_query
from portal.treatment.states import ACTIONABLE, TREATABLE, shown_state
from tenants.models import Person, Tenant


@dataclass(frozen=True, slots=True)
class FormerOwner:
    """A person who owns findings of the tenant but may not treat them. `count` is how many of these findings need
    work.
    """

    person: Person
    count: int


def owned_by_former_owner(tenant: Tenant, treatment: str = "treatment__") -> Q:
    """Return the query condition for findings whose owner may not treat these findings.

    `treatment` is the prefix of the relation to the treatment.
    """
    owner = f"{treatment}owner"
    allowed = eligible_owner_query(tenant).order_by().values("pk")
    return Q(**{f"{owner}__isnull": False}) & ~Q(**{f"{owner}__in": allowed})


def former_owners(tenant: Tenant) -> QuerySet[Person]:
    """Return the people who own findings of the tenant but may not treat these findings, sorted by name."""
    owned = Treatment.objects.filter(tenant=tenant, owner=OuterRef("pk"))
    allowed = eligible_owner_query(tenant).order_by().values("pk")
    return Person.objects.filter(Exists(owned)).exclude(pk__in=allowed).order_by("name", "email")


def former_owners_with_work(tenant: Tenant, now: datetime) -> list[FormerOwner]:
    """Return the former owners with findings that need work, most findings first."""
    people = {person.pk: person for person in former_owners(tenant)}
    if not people:
        return []
    rows = (
        Finding.objects.filter(tenant=tenant, state__in=TREATABLE, treatment__owner__in=list(people))
        .annotate(shown=shown_state(now))
        .filter(shown__in=ACTIONABLE)
        .order_by()
        .values_list("treatment__owner")
        .annotate(count=Count("pk"))
    )
    found = [FormerOwner(people[owner], count) for owner, count in rows]
    return sorted(found, key=lambda left: (-left.count, left.person.email))
