"""Microsoft's example of a list of Cosmos DB accounts. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/cosmos-db/resource-manager/Microsoft.DocumentDB/stable/2024-11-15/examples: CosmosDBDatabaseAccountList
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_TYPE = "Microsoft.DocumentDB/databaseAccounts"
_ACCOUNT = f"{RG}/providers/{_TYPE}/ddb1"
# The account has one region, for reading and writing.
_LOCATION = {
    "id": "ddb1-eastus",
    "locationName": "East US",
    "documentEndpoint": "https://ddb1-eastus.documents.azure.com:443/",
    "provisioningState": "Succeeded",
    "failoverPriority": 0,
}

SUBSCRIPTION: Bodies = {
    "cosmos_accounts": [
        doc(
            _ACCOUNT,
            {
                "provisioningState": "Succeeded",
                "ipRules": [],
                "databaseAccountOfferType": "Standard",
                "disableKeyBasedMetadataWriteAccess": False,
                "locations": [_LOCATION],
                "privateEndpointConnections": [
                    {
                        "id": f"{_ACCOUNT}/privateEndpointConnections/pe1",
                        "properties": {
                            "privateEndpoint": {
                                "id": f"{RG}/providers/Microsoft.Network/privateEndpoints/pe1"
                            },
                            "privateLinkServiceConnectionState": {
                                "status": "Approved",
                                "actionsRequired": "None",
                            },
                        },
                    }
                ],
                "backupPolicy": {
                    "type": "Periodic",
                    "periodicModeProperties": {
                        "backupIntervalInMinutes": 240,
                        "backupRetentionIntervalInHours": 720,
                        "backupStorageRedundancy": "Geo",
                    },
                },
                "networkAclBypass": "None",
                "minimalTlsVersion": "Tls",
            },
            location="West US",
            kind="GlobalDocumentDB",
            tags={},
            type=_TYPE,
        )
    ]
}

DEFINED = {
    "cosmos_accounts": """
    kind properties.backupPolicy.continuousModeProperties.tier
    properties.backupPolicy.migrationState.status
    properties.backupPolicy.periodicModeProperties.backupIntervalInMinutes
    properties.backupPolicy.periodicModeProperties.backupRetentionIntervalInHours
    properties.backupPolicy.periodicModeProperties.backupStorageRedundancy properties.backupPolicy.type
    properties.capabilities[].name properties.disableKeyBasedMetadataWriteAccess
    properties.disableLocalAuth properties.enableAutomaticFailover
    properties.enableMultipleWriteLocations properties.ipRules[].ipAddressOrRange
    properties.isVirtualNetworkFilterEnabled properties.locations properties.minimalTlsVersion
    properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status
    properties.privateEndpointConnections[].properties.provisioningState properties.publicNetworkAccess""",
}
