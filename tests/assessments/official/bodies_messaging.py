"""Microsoft's examples of namespaces of Service Bus and Event Hubs. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
Microsoft.ServiceBus: SBNameSpaceList and SBNetworkRuleSetList of 2026-01-01, PrivateEndPointConnectionList of
2024-01-01. Microsoft.EventHub: EHNameSpaceList and PrivateEndPointConnectionGet of 2026-01-01, EHNetworkRuleSetList of
2025-05-01-preview. The models of 2026-01-01 are the same as those of 2024-01-01.
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_BUS = "Microsoft.ServiceBus/Namespaces"
_BUSES = f"{RG}/providers/Microsoft.ServiceBus/namespaces"
_HUB = f"{RG}/providers/Microsoft.EventHub/namespaces/NamespaceSample"
_SUBNETS = f"{RG}/providers/Microsoft.Network/virtualNetworks/myvn/subnets"


def _namespace(name: str, tier: str, **properties: Any) -> dict[str, Any]:
    return doc(
        f"{_BUSES}/{name}",
        {
            "createdAt": "2016-08-23T02:40:17.27Z",
            "disableLocalAuth": False,
            "provisioningState": "Succeeded",
            "serviceBusEndpoint": f"https://{name}.servicebus.windows-int.net:443/",
            "updatedAt": "2017-02-11T07:15:30.78Z",
            **properties,
        },
        type=_BUS,
        location="South Central US",
        sku={"name": tier, "tier": tier},
        tags={},
    )


# The examples of both services have the same network rules and the same private endpoint connection.
_RULES = {
    "defaultAction": "Deny",
    "ipRules": [{"action": "Allow", "ipMask": f"1.1.1.{last}"} for last in range(1, 6)],
    "virtualNetworkRules": [
        {"ignoreMissingVnetServiceEndpoint": True, "subnet": {"id": f"{_SUBNETS}/subnet2"}},
        {"ignoreMissingVnetServiceEndpoint": False, "subnet": {"id": f"{_SUBNETS}/subnet3"}},
        {"ignoreMissingVnetServiceEndpoint": False, "subnet": {"id": f"{_SUBNETS}/subnet6"}},
    ],
}
_CONNECTION = {
    "privateEndpoint": {"id": f"{RG}/providers/Microsoft.Network/privateEndpoints/sdk-Namespace-5828"},
    "privateLinkServiceConnectionState": {"description": "Auto-Approved", "status": "Approved"},
    "provisioningState": "Succeeded",
}

SUBSCRIPTION: Bodies = {
    "servicebus_namespaces": [
        _namespace("NS-91f08e47", "Standard", minimumTlsVersion="1.2"),
        _namespace("SBPremium", "Premium", premiumMessagingPartitions=1),
    ],
    "servicebus_firewalls": [
        doc(
            f"{_BUSES}/SBPremium/networkrulesets/default",
            _RULES,
            type="Microsoft.ServiceBus/Namespaces/NetworkRuleSet",
        )
    ],
    "servicebus_endpoints": [
        doc(
            f"{_BUSES}/SBPremium/privateEndpointConnections/5dc668b3-70e4-437f-b61c-a3c1e594be7a",
            _CONNECTION,
            type="Microsoft.ServiceBus/Namespaces/PrivateEndpointConnections",
        )
    ],
    "eventhub_namespaces": [
        doc(
            _HUB,
            {
                "clusterArmId": f"{RG}/providers/Microsoft.EventHub/clusters/enc-test",
                "createdAt": "2021-01-30T00:28:38.963Z",
                "disableLocalAuth": False,
                "isAutoInflateEnabled": False,
                "maximumThroughputUnits": 0,
                "metricId": "MetricGUID:NamespaceSample",
                "minimumTlsVersion": "1.2",
                "provisioningState": "Succeeded",
                "serviceBusEndpoint": "https://NamespaceSample.servicebus.windows-int.net:443/",
                "updatedAt": "2021-01-30T00:30:55.143Z",
                "zoneRedundant": False,
            },
            type="Microsoft.EventHub/Namespaces",
            location="East US",
            sku={"name": "Standard", "capacity": 0, "tier": "Standard"},
            tags={},
        )
    ],
    "eventhub_firewalls": [
        doc(
            f"{_HUB}/networkrulesets/default",
            _RULES,
            type="Microsoft.EventHub/Namespaces/NetworkRuleSet",
        )
    ],
    "eventhub_endpoints": [
        doc(
            f"{_HUB}/privateEndpointConnections/privateEndpointConnectionName",
            _CONNECTION,
            type="Microsoft.EventHub/Namespaces/PrivateEndpointConnections",
        )
    ],
}

MAY_BE_ABSENT = {"eventhub_firewalls", "servicebus_firewalls"}

DEFINED = {
    "eventhub_namespaces": """
    properties.disableLocalAuth properties.minimumTlsVersion properties.publicNetworkAccess sku.name""",
    "eventhub_firewalls": """
    properties.defaultAction properties.ipRules[].ipMask properties.publicNetworkAccess
    properties.virtualNetworkRules""",
    "eventhub_endpoints": """
    properties.privateLinkServiceConnectionState.status properties.provisioningState""",
    "servicebus_namespaces": """
    properties.disableLocalAuth properties.minimumTlsVersion properties.publicNetworkAccess sku.name""",
    "servicebus_firewalls": """
    properties.defaultAction properties.ipRules[].ipMask properties.publicNetworkAccess
    properties.virtualNetworkRules""",
    "servicebus_endpoints": """
    properties.privateLinkServiceConnectionState.status properties.provisioningState""",
}
