"""Facets of the journal's page."""

from __future__ import annotations

from django.http import QueryDict

from portal.queries.journal.actions import KINDS
from portal.queries.journal.filters import JournalSearch
from portal.web.components.facets import Facet, facet


def facets(search: JournalSearch, query: QueryDict) -> list[Facet]:
    """Return the facets of kinds and actors with their counts."""
    counts = search.facet_counts()
    kinds = {key: kind.label for key, kind in KINDS.items()}
    return [
        facet("Kind", "kind", counts["kind"], query, order=KINDS, labels=kinds),
        facet("By", "by", counts["by"], query, labels=search.actor_names, most=10),
    ]
