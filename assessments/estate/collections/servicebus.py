"""Namespaces of Service Bus, with their firewalls and private endpoints."""

from __future__ import annotations

from typing import Final

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services import messaging

_COMMIT = "09ee98ea05c472eef82d6e111a04d9e84c157722"
_FILE = "servicebus/resource-manager/Microsoft.ServiceBus/stable/2024-01-01/servicebus.json"

# https://learn.microsoft.com/azure/service-bus-messaging/private-link-service
TIERS_WITHOUT_NETWORK_RULES: Final = frozenset({"basic", "standard"})
"""The tiers that have neither a firewall nor private endpoints."""
_VERSION: Final = "2024-01-01"
_SPECIFICATION: Final = "servicebus/resource-manager/Microsoft.ServiceBus/stable/2021-11-01"

SERVICE_BUS_NAMESPACES = listed(
    "servicebus_namespaces",
    f"Microsoft.ServiceBus/namespaces@{_VERSION}",
    "Service Bus namespaces",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2021-11-01",
        f"{_SPECIFICATION}/namespace-preview.json",
        {"properties.publicNetworkAccess": "2024-01-01"},
    ),
    definition=Definition("SBNamespace", commit=_COMMIT, file=_FILE),
)
SERVICE_BUS_FIREWALLS = child(
    "servicebus_namespaces",
    "servicebus_firewalls",
    f"Microsoft.ServiceBus/namespaces/networkRuleSets@{_VERSION}",
    "Firewalls of Service Bus namespaces",
    path="{scope}/networkRuleSets/default",
    targets=messaging.open_namespaces("servicebus_namespaces"),
    **OPTIONAL,
    error_codes=GENERAL,
    **since("2021-11-01", "azure-mgmt-servicebus 9.0.0, v2021_11_01"),
    definition=Definition("NetworkRuleSet", commit=_COMMIT, file=_FILE),
)
SERVICE_BUS_ENDPOINTS = child(
    "servicebus_namespaces",
    "servicebus_endpoints",
    f"Microsoft.ServiceBus/namespaces/privateEndpointConnections@{_VERSION}",
    "Private endpoints of Service Bus namespaces",
    targets=messaging.namespaces_with_endpoints("servicebus_namespaces", TIERS_WITHOUT_NETWORK_RULES),
    error_codes=GENERAL,
    **since("2021-11-01", f"{_SPECIFICATION}/namespace-preview.json"),
    definition=Definition("PrivateEndpointConnection", commit=_COMMIT, file=_FILE),
)
