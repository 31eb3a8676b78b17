"""The facets of the inventory."""

from __future__ import annotations

from django.http import QueryDict

from portal.queries.inventory.filters import FINDINGS, STATES, InventorySearch
from portal.web.components.facets import Facet, Option, facet, toggled


def facets(search: InventorySearch, query: QueryDict, places: dict[str, str]) -> list[Facet]:
    """Return the facets with their counts. `places` maps scope ids of units to names."""
    counts = search.facet_counts()
    findings = [
        Option(label, None, toggled(query, "findings", key), key in search.chosen.findings)
        for key, label in FINDINGS.items()
    ]
    types = {key: key.removeprefix("microsoft.") for key in {*counts["type"], *query.getlist("type")}}
    return [
        Facet("Findings", "findings", findings),
        facet("Type", "type", counts["type"], query, labels=types, most=15),
        facet("Subscription", "place", counts["place"], query, labels=places),
        facet("Resource group", "group", counts["group"], query, folded=True),
        facet("Region", "location", counts["location"], query, folded=True),
        facet("State", "state", counts["state"], query, order=STATES, labels=STATES, folded=True),
    ]
