"""Security groups, interfaces, flow logs and the networks they are about."""

from __future__ import annotations

from assessments.estate import cross_subscription
from assessments.estate.collections.declare import IN_SCOPE, OPTIONAL, arm, child

NSGS = arm(
    "network_security_groups",
    IN_SCOPE + "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/networkSecurityGroups/read",
    "2026-03-01",
    "Network security groups",
)
NICS = arm(
    "network_interfaces",
    IN_SCOPE + "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/networkInterfaces/read",
    "2026-03-01",
    "Network interfaces",
)
NETWORK_WATCHERS = arm(
    "network_watchers",
    IN_SCOPE + "Microsoft.Network/networkWatchers",
    "Microsoft.Network/networkWatchers/read",
    "2026-03-01",
    "Network watchers",
)
FLOW_LOGS = child(
    "network_watchers",
    "flow_logs",
    "{scope}/flowLogs",
    "Microsoft.Network/networkWatchers/flowLogs/read",
    "2026-03-01",
    "Flow logs",
)
VIRTUAL_NETWORKS = arm(
    "virtual_networks",
    IN_SCOPE + "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/virtualNetworks/read",
    "2026-03-01",
    "Virtual networks without a flow log here",
    after=("network_security_groups", "flow_logs"),
    targets=cross_subscription.networks_without_flow_log,
)
FOREIGN_FLOW_LOGS = arm(
    "foreign_flow_logs",
    "{scope}",
    "Microsoft.Network/networkWatchers/flowLogs/read",
    "2026-03-01",
    "Flow logs elsewhere",
    after=("network_security_groups", "flow_logs", "virtual_networks"),
    targets=cross_subscription.foreign_flow_logs,
    **OPTIONAL,
)
