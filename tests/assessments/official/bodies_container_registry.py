"""Microsoft's example of a list of container registries. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/containerregistry/resource-manager/Microsoft.ContainerRegistry/Registry/stable/2025-11-01/examples
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

SUBSCRIPTION: Bodies = {
    "container_registries": [
        doc(
            f"{RG}/providers/Microsoft.ContainerRegistry/registries/myRegistry",
            {
                "loginServer": "myRegistry.azurecr.io",
                "creationDate": "2021-06-15T21:38:26.1537861Z",
                "provisioningState": "Succeeded",
                "adminUserEnabled": False,
                "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
                "policies": {"quarantinePolicy": {"status": "disabled"}},
                "encryption": {"status": "disabled"},
                "status": None,
                "dataEndpointEnabled": False,
                "dataEndpointHostNames": [],
                "privateEndpointConnections": [],
                "publicNetworkAccess": "Enabled",
                "networkRuleBypassOptions": "AzureServices",
                "networkRuleBypassAllowedForTasks": False,
                "zoneRedundancy": "Disabled",
                "anonymousPullEnabled": False,
                "roleAssignmentMode": "LegacyRegistryPermissions",
            },
            location="westus",
            tags={"key": "value"},
            sku={"name": "Standard", "tier": "Standard"},
            type="Microsoft.ContainerRegistry/registries",
        )
    ]
}

DEFINED = {
    "container_registries": """
    properties.adminUserEnabled properties.anonymousPullEnabled properties.encryption.status
    properties.networkRuleBypassAllowedForTasks properties.networkRuleSet.defaultAction
    properties.networkRuleSet.ipRules[].value
    properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status
    properties.privateEndpointConnections[].properties.provisioningState properties.publicNetworkAccess
    sku.name""",
}
