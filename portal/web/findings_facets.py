"""The facets of the findings page, from their counts to what the templates show."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from assessments.controls.registry import SECTIONS, catalogue
from portal.web import findings_moments as moments
from portal.web.facets import Facet, facet
from portal.web.filters import NOBODY
from portal.web.findings_counts import Slice
from tenants.ids import parse_uuid
from tenants.models import Person


def owner_names(keys: list[str]) -> dict[str, str]:
    """Owner's id -> name; and of nobody."""
    ids = [found for key in keys if (found := parse_uuid(key))]
    people = Person.objects.filter(pk__in=ids).only("name", "email") if ids else []
    return {str(who.pk): who.get_full_name() for who in people} | {NOBODY: "Nobody"}


def facets(query: QueryDict, part: Slice, units: Mapping[str, str]) -> list[Facet]:
    counts = part.counts
    titles = {slug: control.title for slug, control in catalogue().items()}
    owners = owner_names([*counts["owner"], *query.getlist("owner")])
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
