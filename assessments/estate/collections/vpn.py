"""Gateways and server configurations for point-to-site VPN."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import OPTIONAL, arm, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.network import vpn
from assessments.estate.sdk_operation import Library, of_resource, of_subscription

_VERSION = "2026-03-01"

# Azure lists these gateways only per resource group, so each gateway in the list of resources is read by its id.
VPN_GATEWAYS = arm(
    "vpn_gateways",
    f"Microsoft.Network/virtualNetworkGateways@{_VERSION}",
    "Virtual network gateways",
    path="{scope}",
    after=("resources",),
    targets=t.resources_of("Microsoft.Network/virtualNetworkGateways"),
    operation=of_resource(Library.NETWORK, "virtual_network_gateways", "get"),
    prepare=vpn.without_secrets,
    inventory=Inventory.CONFIGURATION,
    **OPTIONAL,
    error_codes=GENERAL,
    **since(
        "2021-08-01",
        "network/resource-manager/Microsoft.Network/stable/2021-08-01/virtualNetworkGateway.json",
    ),
)
VPN_CONFIGURATIONS = listed(
    "vpn_configurations",
    f"Microsoft.Network/vpnServerConfigurations@{_VERSION}",
    "VPN server configurations of Virtual WAN",
    operation=of_subscription(Library.NETWORK, "vpn_server_configurations"),
    prepare=vpn.without_secrets,
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2021-08-01", "network/resource-manager/Microsoft.Network/stable/2021-08-01/virtualWan.json"),
)
