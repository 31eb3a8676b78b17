"""Services of Azure AI Search."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import listed, since
from assessments.estate.documented_codes import GENERAL

SEARCH_SERVICES = listed(
    "search_services",
    "Microsoft.Search/searchServices@2025-05-01",
    "Azure AI Search services",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-11-01", "search/resource-manager/Microsoft.Search/stable/2023-11-01/search.json"),
    definition=Definition(
        "SearchService",
        commit="af408c4a98d88b6b51482056c91bd102888fa437",
        file="search/resource-manager/Microsoft.Search/Search/stable/2025-05-01/search.json",
    ),
)
