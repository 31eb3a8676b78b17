"""Bodies for SQL servers (advanced threat protection, audit logs) and for the networks of managed instances and of SQL
virtual machines.

The module `bodies` names the sources, and describes how the bodies were changed.
"""

from __future__ import annotations

from tests.assessments.controls.judging import SUB, doc
from tests.assessments.official.bodies import (
    ADDRESS,
    BALANCER_BODY,
    LOG_SETTINGS,
    LOGS,
    NIC,
    OTHER_SERVER,
    VNET,
    Bodies,
)

# `sku` was left out. `ipAddress` was left out because no address is allocated.
_ADDRESS = doc(
    f"{ADDRESS}/test-ip2",
    {
        "provisioningState": "Succeeded",
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Dynamic",
        "idleTimeoutInMinutes": 4,
        "ipConfiguration": {"id": f"{NIC}/test-nic2/ipConfigurations/ipconfig1"},
        "ipTags": [
            {"ipTagType": "FirstPartyUsage", "tag": "SQL"},
            {"ipTagType": "FirstPartyUsage", "tag": "Storage"},
        ],
    },
    location="westus",
    type="Microsoft.Network/publicIPAddresses",
)
SUBSCRIPTION: Bodies = {
    "sql_audit_settings": {
        f"{OTHER_SERVER}/databases/master": [
            doc(
                f"{OTHER_SERVER}/databases/master/providers/microsoft.insights/diagnosticSettings/mysetting",
                {
                    "storageAccountId": LOGS,
                    # The example has an empty text here.
                    "workspaceId": "",
                    "metrics": [
                        {
                            "category": "WorkflowMetrics",
                            "enabled": True,
                            "retentionPolicy": {"enabled": False, "days": 0},
                        }
                    ],
                    "logs": [
                        {
                            "categoryGroup": "allLogs",
                            "enabled": True,
                            "retentionPolicy": {"enabled": False, "days": 0},
                        }
                    ],
                },
                type="Microsoft.Insights/diagnosticSettings",
            )
        ]
    },
    "sql_atp_settings": [
        doc(
            f"{OTHER_SERVER}/advancedThreatProtectionSettings/Default",
            {"state": "Disabled", "creationTime": "2022-04-03T04:41:33.937Z"},
            type="Microsoft.Sql/servers/advancedThreatProtectionSettings",
        )
    ],
    # No subnet of these networks has a security group.
    "sql_networks": [
        doc(
            f"{VNET}/{name}",
            {
                "provisioningState": "Succeeded",
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [
                    doc(
                        f"{VNET}/{name}/subnets/default",
                        {"provisioningState": "Succeeded", "addressPrefix": "10.0.1.0/24"},
                    )
                ],
                "virtualNetworkPeerings": [],
            },
            location="westus",
            type="Microsoft.Network/virtualNetworks",
        )
        for name in ("vnet1", "vnet2")
    ],
    "sql_public_addresses": [_ADDRESS],
    "public_addresses": {SUB: [_ADDRESS]},
    "load_balancers": {SUB: [BALANCER_BODY]},
}

DEFINED = {
    "sql_audit_settings": f"{LOG_SETTINGS} properties.logAnalyticsDestinationType",
}
