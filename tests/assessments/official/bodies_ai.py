"""Microsoft's examples of Azure AI Search services and Azure AI services accounts. `bodies` describes how the examples
were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/search/resource-manager/Microsoft.Search/Search/examples/2025-05-01: SearchListServicesBySubscription.json
specification/cognitiveservices/resource-manager/Microsoft.CognitiveServices/stable/2025-06-01/examples:
ListAccountsBySubscription.json (two of its accounts), GetAccount.json
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_ACCOUNTS = f"{RG}/providers/Microsoft.CognitiveServices/accounts"
_TYPE = "Microsoft.CognitiveServices/accounts"


def _service(name: str, tier: str, replicas: int) -> dict[str, Any]:
    return doc(
        f"{RG}/providers/Microsoft.Search/searchServices/{name}",
        {
            "authOptions": {"apiKeyOnly": {}},
            "computeType": "Default",
            "dataExfiltrationProtections": [],
            "disableLocalAuth": False,
            "encryptionWithCmk": {"encryptionComplianceStatus": "Compliant", "enforcement": "Unspecified"},
            "endpoint": "https://mysearchservice.search.windows.net/",
            "hostingMode": "Default",
            "networkRuleSet": {"bypass": "None", "ipRules": []},
            "partitionCount": 1,
            "privateEndpointConnections": [],
            "provisioningState": "succeeded",
            "publicNetworkAccess": "Enabled",
            "replicaCount": replicas,
            "serviceUpgradedAt": None,
            "sharedPrivateLinkResources": [],
            "status": "running",
            "statusDetails": "",
            "upgradeAvailable": "notAvailable",
        },
        type="Microsoft.Search/searchServices",
        location="westus",
        sku={"name": tier},
        tags={"app-name": "My e-commerce app"},
    )


_BING = doc(
    f"{_ACCOUNTS}/bingSearch",
    {"endpoint": "https://api.cognitive.microsoft.com/bing/v5.0", "provisioningState": "Succeeded"},
    type=_TYPE,
    kind="Bing.Search",
    location="global",
    sku={"name": "S1"},
)
_FACE = doc(
    f"{_ACCOUNTS}/rayrptest0308",
    {"endpoint": "https://westus.api.cognitive.microsoft.com/face/v1.0", "provisioningState": "Succeeded"},
    type=_TYPE,
    kind="Face",
    location="westus",
    sku={"name": "S0"},
)
_EMOTION = doc(
    f"{_ACCOUNTS}/myAccount",
    {"endpoint": "https://westus.api.cognitive.microsoft.com/emotion/v1.0", "provisioningState": "Succeeded"},
    type=_TYPE,
    kind="Emotion",
    location="westus",
    sku={"name": "F0"},
    tags={"Owner": "felixwa", "ExpiredDate": "2017/09/01"},
)

SUBSCRIPTION: Bodies = {
    "search_services": [
        _service("mysearchservice", "standard", 3),
        _service("mysearchservice2", "basic", 1),
    ],
    "ai_accounts": [_BING, _FACE, _EMOTION],
    "ai_details": [_BING, _FACE, _EMOTION],
}

MAY_BE_ABSENT = {"ai_details"}

DEFINED = {
    "ai_details": """
    kind properties.disableLocalAuth properties.encryption.keySource
    properties.networkAcls.defaultAction properties.networkAcls.ipRules[].value
    properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status
    properties.privateEndpointConnections[].properties.provisioningState properties.publicNetworkAccess
    sku.name""",
    "search_services": """
    properties.disableLocalAuth properties.networkRuleSet.ipRules[].value
    properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status
    properties.privateEndpointConnections[].properties.provisioningState properties.publicNetworkAccess
    sku.name""",
}
