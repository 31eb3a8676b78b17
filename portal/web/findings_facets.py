"""The facets of the findings page, from their counts to what the templates show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.http import QueryDict

from assessments.controls.registry import SECTIONS, catalogue
from portal.web import findings_moments as moments
from portal.web.facets import Facet, facet
from portal.web.filters import NOBODY
from portal.web.findings_counts import Slice
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant
from tenants.selectors import members


def owner_names(
    counted: Iterable[str], asked: Iterable[str] = (), tenant: Tenant | None = None
) -> dict[str, str]:
    """Owner's id -> name; and of nobody.

    Whoever owns something that the person sees has a name here. An address may hold any id (`asked`): it is
    named only where it is a member of `tenant`, since people are shared by all tenants.
    """
    ids = [found for key in counted if (found := parse_uuid(key))]
    known = Q(pk__in=ids)
    others = {found for key in asked if (found := parse_uuid(key))} - set(ids)
    if others and tenant is not None:
        known |= Q(pk__in=members(tenant).filter(person__in=others).order_by().values("person"))
    people = Person.objects.filter(known).only("name", "email") if ids or others else []
    return {str(who.pk): who.get_full_name() for who in people} | {NOBODY: "Nobody"}


def facets(
    query: QueryDict, part: Slice, units: Mapping[str, str], tenant: Tenant | None = None
) -> list[Facet]:
    """`tenant` where the person sees all of its findings, and so may know who is a member."""
    counts = part.counts
    titles = {slug: control.title for slug, control in catalogue().items()}
    owners = owner_names(counts["owner"], query.getlist("owner"), tenant)
    return [
        facet("Severity", "severity", counts["severity"], query, kind="severity"),
        facet("State", "state", counts["state"], query, kind="state"),
        facet("Due", "due", counts["due"], query, labels=moments.DUE_LABELS, order=moments.DUE_LABELS),
        facet("Owner", "owner", counts["owner"], query, labels=owners, most=8),
        facet("Verdict", "verdict", counts["verdict"], query, kind="verdict"),
        facet("Section", "section", counts["section"], query, labels=SECTIONS),
        facet(
            "Subscription or directory", "subscription", counts["subscription"], query, labels=units, most=8
        ),
        facet("Age", "age", counts["age"], query, labels=moments.AGE_LABELS, order=moments.AGE_LABELS),
        facet("Control", "control", counts["control"], query, labels=titles, most=8, folded=True),
    ]


def tag_facet(query: QueryDict, counts: Mapping[str, int]) -> Facet:
    return facet("Tag", "tag", counts, query, most=15)
