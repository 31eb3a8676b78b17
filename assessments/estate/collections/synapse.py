"""Workspaces of Azure Synapse Analytics and the rules of their firewalls."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, arm, listed, since
from assessments.estate.documented_codes import GENERAL

_COMMIT = "00eda9b5ca57d38ddca2e0635a837a0c64036339"

_VERSION = "2021-06-01"
_FOLDER = "synapse/resource-manager/Microsoft.Synapse/stable/2021-06-01"

SYNAPSE_WORKSPACES = listed(
    "synapse_workspaces",
    f"Microsoft.Synapse/workspaces@{_VERSION}",
    "Azure Synapse workspaces",
    error_codes=GENERAL,
    **since(_VERSION, f"{_FOLDER}/workspace.json"),
    definition=Definition("Workspace", commit=_COMMIT),
)
# Microsoft's example of the list lacks the settings of private endpoints, network and sign-in, so each workspace is
# also read on its own.
SYNAPSE_DETAILS = arm(
    "synapse_details",
    f"Microsoft.Synapse/workspaces@{_VERSION}",
    "Settings of Azure Synapse workspaces",
    path="{scope}",
    after=("synapse_workspaces",),
    targets=t.each("synapse_workspaces"),
    inventory=Inventory.CONFIGURATION,
    **OPTIONAL,
    error_codes=GENERAL,
    **since(_VERSION, f"{_FOLDER}/workspace.json"),
    definition=Definition("Workspace", commit=_COMMIT),
)
SYNAPSE_FIREWALL_RULES = arm(
    "synapse_firewall_rules",
    f"Microsoft.Synapse/workspaces/firewallRules@{_VERSION}",
    "Firewall rules of Azure Synapse workspaces",
    path="{scope}/firewallRules",
    after=("synapse_details",),
    targets=t.open_to_public_networks("synapse_details"),
    error_codes=GENERAL,
    **since(_VERSION, f"{_FOLDER}/firewallRule.json"),
    definition=Definition("IpFirewallRuleInfo", commit=_COMMIT),
)
