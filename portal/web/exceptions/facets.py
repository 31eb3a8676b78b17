"""Facets of the register of exceptions."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from portal.queries.exceptions.filters import ENDING_LABELS, LABELS, control_problems, names_of_people
from portal.web.components.facets import Facet, facet


def facets(counts: Mapping[str, dict[str, int]], query: QueryDict) -> list[Facet]:
    """Return the facets with the counts that `ExceptionFilter.facet_counts` returned."""
    people = names_of_people(counts["asked"])
    return [
        facet(LABELS["state"], "state", counts["state"], query, kind="exception"),
        facet(LABELS["ending"], "ending", counts["ending"], query, labels=ENDING_LABELS),
        facet(LABELS["asked"], "asked", counts["asked"], query, labels=people),
        facet(LABELS["control"], "control", counts["control"], query, labels=control_problems(), most=8),
    ]
