"""The facets of the inventory."""

from __future__ import annotations

from django.http import QueryDict

from portal.queries.inventory.filters import APPROVALS, FINDINGS, STATES, InventorySearch
from portal.web.components.facets import Facet, Option, facet, toggled
from portal.web.shared.resource_types import type_label


def facets(search: InventorySearch, query: QueryDict, places: dict[str, str]) -> list[Facet]:
    """Return the facets with their counts. `places` maps ids of subscriptions and directories to names."""
    counts = search.facet_counts()
    findings = [
        Option(label, None, toggled(query, "findings", key), key in search.chosen.findings)
        for key, label in FINDINGS.items()
    ]
    approvals = [
        Option(label, None, toggled(query, "approval", key), key in search.chosen.approvals)
        for key, label in APPROVALS.items()
    ]
    types = {key: key for key in query.getlist("type")} | search.types
    return [
        Facet("Findings", "findings", findings),
        facet(
            "Type",
            "type",
            counts["type"],
            query,
            labels={key: type_label(spelling) for key, spelling in types.items()},
            most=15,
        ),
        facet("Subscription", "place", counts["place"], query, labels=places),
        facet("Resource group", "group", counts["group"], query, labels=search.groups, folded=True),
        facet("Region", "location", counts["location"], query, folded=True),
        Facet("Approved configuration", "approval", approvals),
        facet("State", "state", counts["state"], query, order=STATES, labels=STATES, folded=True),
    ]
