"""Microsoft's examples of Azure Synapse workspaces. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/synapse/resource-manager/Microsoft.Synapse/stable/2021-06-01/examples:
ListWorkspacesInSubscription.json, GetWorkspace.json, CreateOrUpdateWorkspace.json (its answer, as the second
workspace), GetIpFirewallRule.json (as the only rule of the first workspace) and ListIpFirewallRules.json
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_WORKSPACES = f"{RG}/providers/Microsoft.Synapse/workspaces"
_FIRST, _SECOND = f"{_WORKSPACES}/workspace1", f"{_WORKSPACES}/workspace2"


def _workspace(identifier: str, **properties: Any) -> dict[str, Any]:
    held = {
        "defaultDataLakeStorage": {
            "accountUrl": "https://accountname.dfs.core.windows.net",
            "filesystem": "default",
        },
        "connectivityEndpoints": {
            "dev": "workspace1.dev.projectarcadia.net",
            "sql": "workspace1.sql.projectarcadia.net",
        },
        "sqlAdministratorLogin": "login",
        "managedResourceGroupName": "resourceGroup2",
        "provisioningState": "Succeeded",
        "workspaceUID": "999b999q-b888-4b44-bacd-2c222cc2222d",
        **properties,
    }
    return doc(
        identifier, held, type="Microsoft.Synapse/workspaces", location="East US", tags={"key": "value"}
    )


_ENDPOINT = {
    "name": "sql",
    "type": "Microsoft.Synapse/workspaces/privateEndpointConnections",
    "properties": {
        "provisioningState": "Succeeded",
        "privateEndpoint": {
            "id": f"{RG}/providers/Microsoft.Network/privateEndpoints/ExamplePrivateEndpoint"
        },
        "privateLinkServiceConnectionState": {
            "status": "Approved",
            "description": "Auto-approved",
            "actionsRequired": "None",
        },
    },
}

SUBSCRIPTION: Bodies = {
    "synapse_workspaces": [_workspace(_FIRST), _workspace(_SECOND)],
    "synapse_details": {
        _FIRST: [_workspace(_FIRST, privateEndpointConnections=[_ENDPOINT])],
        _SECOND: [
            _workspace(
                _SECOND,
                managedVirtualNetwork="default",
                privateEndpointConnections=[_ENDPOINT],
                publicNetworkAccess="Enabled",
            )
        ],
    },
    "synapse_firewall_rules": {
        _FIRST: [
            doc(
                f"{_FIRST}/firewallRules/ExampleIpFirewallRule",
                {
                    "startIpAddress": "10.0.0.0",
                    "endIpAddress": "10.0.0.254",
                    "provisioningState": "Succeeded",
                },
                type="Microsoft.Synapse/workspaces/firewallRules",
            )
        ],
        _SECOND: [],
    },
}

MAY_BE_ABSENT = {"synapse_details"}

DEFINED = {
    "synapse_details": "properties.azureADOnlyAuthentication",
}
