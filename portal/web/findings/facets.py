"""Prepare the counts of facets for the templates of the findings page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import QueryDict

from assessments.controls.registry import SECTIONS, ControlTexts
from portal.queries.findings.facet_counts import FACETS, FacetCounts
from portal.queries.findings.filters import LABELS, OWNER_LABELS, WITHOUT_ACCESS, FindingFilter
from portal.queries.findings.tag_labels import tag_labels
from portal.treatment import date_buckets
from portal.treatment.selectors.owners import eligible_owner_query
from portal.web.components.facets import Facet, facet
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant
from tenants.selectors import members

# {facet: (vocabulary of its values, maximum number of options)}, in the order in which the page shows the facets.
_FACETS: Final[Mapping[str, tuple[str, int]]] = {
    "state": ("state", 5),
    "severity": ("severity", 5),
    "owner": ("", 8),
    "due": ("", len(date_buckets.DUE_LABELS)),
    "section": ("", 12),
    "verdict": ("verdict", 5),
    "subscription": ("", 8),
    "age": ("", len(date_buckets.AGE_LABELS)),
    "control": ("", 8),
}


def owner_names(
    counted: Iterable[str], filtered: Iterable[str] = (), tenant: Tenant | None = None
) -> tuple[dict[str, str], frozenset[str]]:
    """Return the label of each value of the owner facet, and the ids of owners without access to `tenant`.

    The people whose ids are in `counted` own visible findings, so all of them are named. The ids in `filtered` come
    from the URL and could be anybody's. So a person in `filtered` is named only if they are a member of `tenant`.
    """
    ids = [found for key in counted if (found := parse_uuid(key))]
    known = Q(pk__in=ids)
    others = {found for key in filtered if (found := parse_uuid(key))} - set(ids)
    if others and tenant is not None:
        known |= Q(pk__in=members(tenant).filter(person__in=others).order_by().values("person"))
    people = Person.objects.filter(known).only("name", "email") if ids or others else Person.objects.none()
    without_access: frozenset[str] = frozenset()
    if tenant is not None:
        allowed = eligible_owner_query(tenant).order_by().values("pk")
        people = people.annotate(has_access=ExpressionWrapper(Q(pk__in=allowed), output_field=BooleanField()))
        without_access = frozenset(str(person.pk) for person in people if not person.has_access)
    names = {str(person.pk): person.get_full_name() for person in people}
    marked = {key: f"{names[key]} (cannot act)" for key in without_access}
    return names | marked | dict(OWNER_LABELS), without_access


def facets(
    query: QueryDict,
    counts: FacetCounts,
    units: Mapping[str, str],
    tenant: Tenant | None = None,
    *,
    names: Collection[str] = FACETS,
    waiting: Mapping[str, int] | None = None,
) -> list[Facet]:
    """Return the facets whose names are in `names`.

    `tenant` is None unless the person may see all findings of the tenant. Only such a person may see the names of its
    members. `waiting` maps each facet that is counted later to its expected number of options.
    """
    waiting = waiting or {}
    # Owners of counted findings are always named. Other ids come from the URL and could be anybody's. Of these,
    # `owner_names` names only members of the tenant.
    owning = [key for key, number in counts.counts["owner"].items() if number]
    owners: dict[str, str] = {}
    if "owner" in names:
        owners, without_access = owner_names(owning, query.getlist("owner"), tenant)
        orphaned = sum(counts.counts["owner"][key] for key in without_access)
        if "owner" not in waiting and orphaned:
            counts.counts["owner"][WITHOUT_ACCESS] = orphaned
    labels: dict[str, Mapping[str, str]] = {
        "due": date_buckets.DUE_LABELS,
        "owner": owners,
        "section": SECTIONS,
        "subscription": units,
        "age": date_buckets.AGE_LABELS,
        "control": ControlTexts(lambda control: control.title),
    }
    return [
        facet(
            LABELS[name],
            name,
            counts.counts[name],
            query,
            kind=kind,
            labels=labels.get(name),
            order=labels[name] if name in ("due", "age") else (),
            most=maximum,
            folded=name == "control",
            first=(WITHOUT_ACCESS,) if name == "owner" else (),
            waiting=waiting.get(name, 0),
        )
        for name, (kind, maximum) in _FACETS.items()
        if name in names
    ]


def placeholders(
    counts: FacetCounts, chosen: FindingFilter, names: Collection[str], unit_count: int
) -> dict[str, int]:
    """Return the expected number of options of each facet that is counted later.

    If a facet has only one chosen value, all matching findings have this value. So the count of this value is already
    known, and is written to `counts`.
    """
    sizes = {name: maximum for name, (_, maximum) in _FACETS.items()}
    for name in names:
        if len(values := chosen.values.get(name, [])) == 1:
            counts.counts[name][values[0]] = counts.count
    sizes["subscription"] = max(1, min(unit_count, sizes["subscription"]))
    return {name: sizes[name] for name in names}


def tag_facet(
    query: QueryDict,
    counts: Mapping[str, int],
    tenant: Tenant,
    *,
    may_see_names: bool,
    waiting: bool = False,
) -> Facet:
    """Return the tag facet. If `waiting` is True, its counts are loaded later, and it has only the chosen values."""
    labels = tag_labels([tenant], {*counts, *query.getlist("tag")}, may_see_names=may_see_names)
    return facet(LABELS["tag"], "tag", counts, query, labels=labels, most=15, waiting=5 if waiting else 0)
