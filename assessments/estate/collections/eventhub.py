"""Namespaces of Event Hubs, with their firewalls and private endpoints."""

from __future__ import annotations

from typing import Final

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services import messaging

_LIBRARY = "azure-mgmt-eventhub 11.2.0"

# https://learn.microsoft.com/azure/event-hubs/private-link-service
TIERS_WITHOUT_NETWORK_RULES: Final = frozenset({"basic"})
"""The tiers that have neither a firewall nor private endpoints."""
_VERSION: Final = "2024-01-01"
_SPECIFICATION: Final = "eventhub/resource-manager/Microsoft.EventHub/stable/2021-11-01"

EVENT_HUB_NAMESPACES = listed(
    "eventhub_namespaces",
    f"Microsoft.EventHub/namespaces@{_VERSION}",
    "Event Hubs namespaces",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2021-11-01",
        f"{_SPECIFICATION}/namespaces-preview.json",
        {"properties.publicNetworkAccess": "2024-01-01"},
    ),
    definition=Definition("azure.mgmt.eventhub.v2024_01_01.models:EHNamespace", library=_LIBRARY),
)
EVENT_HUB_FIREWALLS = child(
    "eventhub_namespaces",
    "eventhub_firewalls",
    f"Microsoft.EventHub/namespaces/networkRuleSets@{_VERSION}",
    "Firewalls of Event Hubs namespaces",
    path="{scope}/networkRuleSets/default",
    targets=messaging.open_namespaces("eventhub_namespaces"),
    **OPTIONAL,
    error_codes=GENERAL,
    **since("2021-11-01", f"{_SPECIFICATION}/networkrulessets-preview.json"),
    definition=Definition("azure.mgmt.eventhub.v2024_01_01.models:NetworkRuleSet", library=_LIBRARY),
)
EVENT_HUB_ENDPOINTS = child(
    "eventhub_namespaces",
    "eventhub_endpoints",
    f"Microsoft.EventHub/namespaces/privateEndpointConnections@{_VERSION}",
    "Private endpoints of Event Hubs namespaces",
    targets=messaging.namespaces_with_endpoints("eventhub_namespaces", TIERS_WITHOUT_NETWORK_RULES),
    error_codes=GENERAL,
    **since("2021-11-01", f"{_SPECIFICATION}/namespaces-preview.json"),
    definition=Definition(
        "azure.mgmt.eventhub.v2024_01_01.models:PrivateEndpointConnection", library=_LIBRARY
    ),
)
