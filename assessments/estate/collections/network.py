"""Security groups, network interfaces, flow logs and virtual networks."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, SINGLE, arm, child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.logs import cross_subscription
from assessments.estate.network.unprotected import (
    load_balancers_elsewhere,
    subscription_with_unprotected_balancing,
)
from assessments.estate.network.watchers import only_watchers, subscription_with_unwatched_region
from assessments.estate.sdk_operation import Library, of_resource, of_subscription

NSGS = arm(
    "network_security_groups",
    "Microsoft.Network/networkSecurityGroups@2026-03-01",
    "Network security groups",
    operation=of_subscription(Library.NETWORK, "network_security_groups", "list_all"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2017-10-01",
        "network/resource-manager/Microsoft.Network/stable/2017-10-01/networkSecurityGroup.json",
        {"properties.flowLogs": "2019-12-01"},
    ),
)
NICS = arm(
    "network_interfaces",
    "Microsoft.Network/networkInterfaces@2026-03-01",
    "Network interfaces",
    operation=of_subscription(Library.NETWORK, "network_interfaces", "list_all"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2017-10-01", "network/resource-manager/Microsoft.Network/stable/2017-10-01/networkInterface.json"
    ),
)
PUBLIC_ADDRESSES = listed(
    "public_addresses",
    "Microsoft.Network/publicIPAddresses@2026-03-01",
    "Public addresses",
    operation=of_subscription(Library.NETWORK, "public_ip_addresses", "list_all"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2017-10-01", "azure-mgmt-network 20.0.0, v2017_10_01"),
)
LOAD_BALANCERS = arm(
    "load_balancers",
    "Microsoft.Network/loadBalancers@2026-03-01",
    "Load balancers (only if a network interface behind a load balancer has no security group)",
    after=("network_security_groups", "network_interfaces"),
    targets=subscription_with_unprotected_balancing,
    operation=of_subscription(Library.NETWORK, "load_balancers", "list_all"),
    error_codes=GENERAL,
    **since("2017-10-01", "network/resource-manager/Microsoft.Network/stable/2017-10-01/loadBalancer.json"),
)
FOREIGN_LOAD_BALANCERS = arm(
    "foreign_load_balancers",
    "Microsoft.Network/loadBalancers@2026-03-01",
    "Load balancers in other subscriptions (only if a network interface behind them has no security group)",
    path="{scope}",
    after=("network_security_groups", "network_interfaces"),
    targets=load_balancers_elsewhere,
    operation=of_resource(Library.NETWORK, "load_balancers", "get"),
    **OPTIONAL,
    error_codes=GENERAL,
    **since("2017-10-01", "network/resource-manager/Microsoft.Network/stable/2017-10-01/loadBalancer.json"),
)
NETWORK_WATCHERS = arm(
    "network_watchers",
    "Microsoft.Network/networkWatchers@2026-03-01",
    "Network watchers",
    operation=of_subscription(Library.NETWORK, "network_watchers", "list_all"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2019-11-01", "network/resource-manager/Microsoft.Network/stable/2019-11-01/networkWatcher.json"),
)
NETWORK_PROVIDER = arm(
    "network_provider",
    "Microsoft.Resources/subscriptions/providers@2021-04-01",
    "Regions in which Azure offers network watchers (only if a region in use has no network watcher)",
    path="{scope}/providers/Microsoft.Network",
    after=("network_watchers", "resources", "virtual_networks"),
    targets=subscription_with_unwatched_region,
    prepare=only_watchers,
    **SINGLE,
    error_codes=GENERAL,
    **since("2019-10-01", "resources/resource-manager/Microsoft.Resources/stable/2019-10-01/resources.json"),
    definition=Definition(
        "azure.mgmt.resource.resources.v2021_04_01.models:Provider", library="azure-mgmt-resource 23.1.1"
    ),
)
FLOW_LOGS = child(
    "network_watchers",
    "flow_logs",
    "Microsoft.Network/networkWatchers/flowLogs@2026-03-01",
    "Flow logs",
    operation=of_resource(Library.NETWORK, "flow_logs", "list"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2019-11-01",
        "network/resource-manager/Microsoft.Network/stable/2019-11-01/networkWatcher.json",
        {"properties.enabledFilteringCriteria": "2024-03-01", "properties.recordTypes": "2025-03-01"},
    ),
)
VIRTUAL_NETWORKS = listed(
    "virtual_networks",
    "Microsoft.Network/virtualNetworks@2026-03-01",
    "Virtual networks",
    operation=of_subscription(Library.NETWORK, "virtual_networks", "list_all"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2022-09-01", "network/resource-manager/Microsoft.Network/stable/2022-09-01/virtualNetwork.json"),
)
BASTION_HOSTS = listed(
    "bastion_hosts",
    "Microsoft.Network/bastionHosts@2026-03-01",
    "Bastion hosts",
    operation=of_subscription(Library.NETWORK, "bastion_hosts", "list"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-05-01", "network/resource-manager/Microsoft.Network/stable/2023-05-01/bastionHost.json"),
)
FOREIGN_FLOW_LOGS = arm(
    "foreign_flow_logs",
    "Microsoft.Network/networkWatchers/flowLogs@2026-03-01",
    "Flow logs in other subscriptions",
    path="{scope}",
    after=("network_security_groups", "flow_logs", "virtual_networks"),
    targets=cross_subscription.foreign_flow_logs,
    operation=of_resource(Library.NETWORK, "flow_logs", "get"),
    **OPTIONAL,
    error_codes=GENERAL,
    **since(
        "2019-11-01",
        "network/resource-manager/Microsoft.Network/stable/2019-11-01/networkWatcher.json",
        {"properties.enabledFilteringCriteria": "2024-03-01", "properties.recordTypes": "2025-03-01"},
    ),
)
# A subscription lists only its own perimeters. Its resources can also be in perimeters of other subscriptions, which
# Surety does not read.
PERIMETERS = listed(
    "network_security_perimeters",
    "Microsoft.Network/networkSecurityPerimeters@2026-03-01",
    "Network security perimeters",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2024-07-01",
        "network/resource-manager/Microsoft.Network/stable/2024-07-01/networkSecurityPerimeter.json",
    ),
    definition=Definition("azure.mgmt.network.models:NetworkSecurityPerimeter"),
)
PERIMETER_ASSOCIATIONS = child(
    "network_security_perimeters",
    "perimeter_associations",
    "Microsoft.Network/networkSecurityPerimeters/resourceAssociations@2026-03-01",
    "Resources in network security perimeters",
    error_codes=GENERAL,
    **since(
        "2024-07-01",
        "network/resource-manager/Microsoft.Network/stable/2024-07-01/networkSecurityPerimeter.json",
    ),
    definition=Definition("azure.mgmt.network.models:NspAssociation"),
)
