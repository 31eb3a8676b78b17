"""The facets of the findings page, from their counts to what the templates show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import QueryDict

from assessments.controls.registry import SECTIONS, catalogue
from portal.treatment.selectors.owners import people_who_may_own
from portal.web.components.facets import Facet, facet
from portal.web.findings import moments
from portal.web.findings.counts import FACETS, Slice
from portal.web.findings.filters import GONE, NOBODY, FindingFilter
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant
from tenants.selectors import members


def owner_names(
    counted: Iterable[str], asked: Iterable[str] = (), tenant: Tenant | None = None
) -> tuple[dict[str, str], frozenset[str]]:
    """Owner's id -> name, with those of nobody and of whoever has left; and the ids of `counted` that have no
    access to `tenant`.

    Whoever owns something that the person sees has a name here. An address may hold any id (`asked`): it is
    named only where it is a member of `tenant`, since people are shared by all tenants.
    """
    ids = [found for key in counted if (found := parse_uuid(key))]
    known = Q(pk__in=ids)
    others = {found for key in asked if (found := parse_uuid(key))} - set(ids)
    if others and tenant is not None:
        known |= Q(pk__in=members(tenant).filter(person__in=others).order_by().values("person"))
    people = Person.objects.filter(known).only("name", "email") if ids or others else Person.objects.none()
    gone: frozenset[str] = frozenset()
    if tenant is not None:
        allowed = people_who_may_own(tenant).order_by().values("pk")
        people = people.annotate(sees=ExpressionWrapper(Q(pk__in=allowed), output_field=BooleanField()))
        gone = frozenset(str(who.pk) for who in people if not who.sees)
    names = {str(who.pk): who.get_full_name() for who in people}
    left = {key: f"{names[key]} (no access)" for key in gone}
    return names | left | {NOBODY: "Nobody", GONE: "Has no access any more"}, gone


# name in the address -> (title, vocabulary, most options)
_FACETS: Final[Mapping[str, tuple[str, str, int]]] = {
    "severity": ("Severity", "severity", 5),
    "state": ("State", "state", 5),
    "due": ("Due", "", len(moments.DUE_LABELS)),
    "owner": ("Owner", "", 8),
    "verdict": ("Verdict", "verdict", 5),
    "section": ("Section", "", 12),
    "subscription": ("Subscription or directory", "", 8),
    "age": ("Age", "", len(moments.AGE_LABELS)),
    "control": ("Control", "", 8),
}


def facets(
    query: QueryDict,
    part: Slice,
    units: Mapping[str, str],
    tenant: Tenant | None = None,
    *,
    names: Collection[str] = FACETS,
    waiting: Mapping[str, int] | None = None,
) -> list[Facet]:
    """The facets `names`; `tenant` where the person sees all of its findings, and so may know who is a member.
    `waiting`: those whose counts come later -> about how many options there will be."""
    waiting = waiting or {}
    # One that is filtered by may stand there with none: the address alone is no reason to name anybody.
    owning = [key for key, number in part.counts["owner"].items() if number]
    owners: dict[str, str] = {}
    if "owner" in names:
        owners, gone = owner_names(owning, query.getlist("owner"), tenant)
        if "owner" not in waiting and (left := sum(part.counts["owner"][key] for key in gone)):
            part.counts["owner"][GONE] = left
    labels: dict[str, Mapping[str, str]] = {
        "due": moments.DUE_LABELS,
        "owner": owners,
        "section": SECTIONS,
        "subscription": units,
        "age": moments.AGE_LABELS,
        "control": {slug: control.title for slug, control in catalogue().items()},
    }
    found = []
    for name, (title, kind, most) in _FACETS.items():
        if name in names:
            one = facet(
                title,
                name,
                part.counts[name],
                query,
                kind=kind,
                labels=labels.get(name),
                order=labels[name] if name in ("due", "age") else (),
                most=most,
                folded=name == "control",
                first=(GONE,) if name == "owner" else (),
                waiting=waiting.get(name, 0),
            )
            found.append(one)
    return found


def places(part: Slice, chosen: FindingFilter, names: Collection[str], units: int) -> dict[str, int]:
    """Of each facet that is counted later about how many options there will be; of how many `units`.

    A single chosen value has as many findings as all filters leave.
    """
    sizes = {name: most for name, (_, _, most) in _FACETS.items()}
    for name in names:
        if len(values := chosen.values.get(name, [])) == 1:
            part.counts[name][values[0]] = part.count
    sizes["subscription"] = max(1, min(units, sizes["subscription"]))
    return {name: sizes[name] for name in names}


def tag_facet(query: QueryDict, counts: Mapping[str, int], *, waiting: bool = False) -> Facet:
    """`waiting`: the counts come later, and until then there is what is chosen."""
    return facet("Tag", "tag", counts, query, most=15, waiting=5 if waiting else 0)
