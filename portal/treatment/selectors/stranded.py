"""Findings whose owner cannot see the tenant any more: whoever left, whose time is up, whose account is off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from assessments.models import Finding
from portal.treatment.models import Treatment
from portal.treatment.selectors.owners import people_who_may_own
from portal.treatment.states import TODO, TREATABLE, shown_state
from tenants.models import Person, Tenant


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody without access, and how many of the findings they own ask somebody to do something."""

    person: Person
    count: int


def owner_has_left(tenant: Tenant, treatment: str = "treatment__") -> Q:
    """The findings that somebody owns who has no access to the tenant. The prefix leads to the treatment."""
    owner = f"{treatment}owner"
    allowed = people_who_may_own(tenant).order_by().values("pk")
    return Q(**{f"{owner}__isnull": False}) & ~Q(**{f"{owner}__in": allowed})


def owners_who_left(tenant: Tenant) -> QuerySet[Person]:
    """Who owns a finding of the tenant and has no access to it, by name."""
    owned = Treatment.objects.filter(tenant=tenant, owner=OuterRef("pk"))
    allowed = people_who_may_own(tenant).order_by().values("pk")
    return Person.objects.filter(Exists(owned)).exclude(pk__in=allowed).order_by("name", "email")


def left_behind(tenant: Tenant, now: datetime) -> list[Left]:
    """The people without access who own something that is to be done, the most of it first."""
    people = {person.pk: person for person in owners_who_left(tenant)}
    if not people:
        return []
    rows = (
        Finding.objects.filter(tenant=tenant, state__in=TREATABLE, treatment__owner__in=list(people))
        .annotate(shown=shown_state(now))
        .filter(shown__in=TODO)
        .order_by()
        .values_list("treatment__owner")
        .annotate(count=Count("pk"))
    )
    found = [Left(people[owner], count) for owner, count in rows]
    return sorted(found, key=lambda left: (-left.count, left.person.email))
