"""Microsoft's examples of Azure Databricks workspaces. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/databricks/resource-manager/Microsoft.Databricks/Databricks/examples/2026-01-01:
WorkspacesListBySubscription.json, WorkspaceGetParameters.json, WorkspaceManagedDiskEncryptionGet.json. The diagnostic
setting is that of `bodies_keyvault`: specification/monitor/resource-manager/Microsoft.Insights/preview
/2021-05-01-preview.
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import LOG_SETTINGS, VNET, Bodies, all_logs

_WORKSPACES = f"{RG}/providers/Microsoft.Databricks/workspaces"
_FIRST, _SECOND = f"{_WORKSPACES}/myWorkspace1", f"{_WORKSPACES}/myWorkspace2"


def _workspace(identifier: str, **properties: Any) -> dict[str, Any]:
    held = {
        "authorizations": [
            {
                "principalId": "00000000-0000-0000-0000-000000000000",
                "roleDefinitionId": "11111111-1111-1111-1111-111111111111",
            }
        ],
        "computeMode": "Hybrid",
        "createdDateTime": "2020-02-20T00:10:29.2858439Z",
        "isUcEnabled": True,
        "parameters": None,
        "provisioningState": "Succeeded",
        "workspaceId": "5555555555555555",
        "workspaceUrl": "adb-5555555555555555.19.azuredatabricks.net",
        **properties,
    }
    return doc(
        identifier,
        held,
        type="Microsoft.Databricks/workspaces",
        location="East US 2",
        sku={"name": "premium"},
    )


_ENDPOINT = {
    "name": "myWorkspace.23456789-1111-1111-1111-111111111111",
    "type": "Microsoft.Databricks/workspaces/privateEndpointConnections",
    "properties": {
        "privateEndpoint": {"id": f"{RG}/providers/Microsoft.Network/privateEndpoints/myPrivateEndpoint"},
        "privateLinkServiceConnectionState": {
            "description": "Auto-Approved",
            "actionsRequired": "None",
            "status": "Approved",
        },
        "provisioningState": "Succeeded",
    },
}
_PARAMETERS = {
    "customPrivateSubnetName": {"type": "String", "value": "PrivateBob"},
    "customPublicSubnetName": {"type": "String", "value": "PublicSarah"},
    "customVirtualNetworkId": {"type": "String", "value": f"{VNET}/myNetwork"},
}
_DISKS = {
    "keySource": "Microsoft.Keyvault",
    "keyVaultProperties": {
        "keyName": "test-cmk-key",
        "keyVaultUri": "https://test-vault-name.vault.azure.net/",
        "keyVersion": "00000000000000000000000000000000",
    },
    "rotationToLatestKeyVersionEnabled": True,
}

SUBSCRIPTION: Bodies = {
    "databricks_workspaces": [_workspace(_FIRST), _workspace(_SECOND)],
    "databricks_details": {
        _FIRST: [
            _workspace(
                _FIRST,
                isUcEnabled=False,
                parameters=_PARAMETERS,
                privateEndpointConnections=[_ENDPOINT],
                publicNetworkAccess="Disabled",
                requiredNsgRules="NoAzureDatabricksRules",
            )
        ],
        _SECOND: [_workspace(_SECOND, encryption={"entities": {"managedDisk": _DISKS}})],
    },
    "databricks_log_settings": {_SECOND: [all_logs(_SECOND, type="Microsoft.Insights/diagnosticSettings")]},
}

MAY_BE_ABSENT = {"databricks_details"}

DEFINED = {
    "databricks_workspaces": "sku.name",
    "databricks_details": """
    properties.computeMode properties.encryption.entities.managedDisk.keySource
    properties.encryption.entities.managedServices.keySource
    properties.enhancedSecurityCompliance.complianceSecurityProfile.value properties.isUcEnabled
    properties.parameters.customPrivateSubnetName.value
    properties.parameters.customPublicSubnetName.value
    properties.parameters.customVirtualNetworkId.value properties.parameters.enableNoPublicIp.value
    properties.parameters.encryption.value.keySource
    properties.privateEndpointConnections[].properties.groupIds
    properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status
    properties.privateEndpointConnections[].properties.provisioningState properties.publicNetworkAccess
    properties.requiredNsgRules sku.name""",
    "databricks_log_settings": LOG_SETTINGS,
}
