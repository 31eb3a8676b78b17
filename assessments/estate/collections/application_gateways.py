"""Application gateways and the policies of their web application firewall."""

from __future__ import annotations

from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.sdk_operation import Library, of_subscription

APPLICATION_GATEWAYS = listed(
    "application_gateways",
    "Microsoft.Network/applicationGateways@2026-03-01",
    "Application gateways",
    operation=of_subscription(Library.NETWORK, "application_gateways", "list_all"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2023-05-01",
        "network/resource-manager/Microsoft.Network/stable/2023-05-01/applicationGateway.json",
    ),
)
WAF_POLICIES = listed(
    "waf_policies",
    "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2026-03-01",
    "Web application firewall policies of application gateways",
    operation=of_subscription(Library.NETWORK, "web_application_firewall_policies", "list_all"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2023-05-01",
        "network/resource-manager/Microsoft.Network/stable/2023-05-01/webapplicationfirewall.json",
        {"properties.applicationGatewayForContainers": "2024-05-01"},
    ),
)
