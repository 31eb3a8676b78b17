"""Microsoft's examples of MySQL flexible servers. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/mysql/resource-manager/Microsoft.DBforMySQL/FlexibleServers/stable/2024-12-30/examples:
ServersListByResourceGroup and ConfigurationsListByServer. Firewall/stable/2022-09-01/examples:
FirewallRulesListByServer.
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import LOG_SETTINGS, LOGS, Bodies

_TYPE = "Microsoft.DBforMySQL/flexibleServers"
_SERVERS = f"{RG}/providers/{_TYPE}"
_FIRST, _SECOND = f"{_SERVERS}/mysqltestserver1", f"{_SERVERS}/mysqltestserver2"


def _server(identifier: str, zone: str, sku: str, tier: str) -> dict[str, Any]:
    return doc(
        identifier,
        {
            "availabilityZone": zone,
            "backup": {"backupIntervalHours": 24, "backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
            "fullVersion": "5.7.44",
            "highAvailability": {"mode": "Disabled", "state": "NotEnabled"},
            "network": {"publicNetworkAccess": "Enabled"},
            "replicaCapacity": 10,
            "replicationRole": "None",
            "state": "Ready",
            "version": "5.7",
        },
        location="Southeast Asia",
        sku={"name": sku, "tier": tier},
        tags={"num": "1"},
        type=_TYPE,
    )


def _parameter(name: str, value: str, allowed: str, kind: str) -> dict[str, Any]:
    return doc(
        f"{_FIRST}/configurations/{name}",
        {
            "allowedValues": allowed,
            "dataType": kind,
            "defaultValue": value,
            "isConfigPendingRestart": "False",
            "isDynamicConfig": "True",
            "isReadOnly": "False",
            "source": "system-default",
            "value": value,
        },
        type=f"{_TYPE}/configurations",
    )


SUBSCRIPTION: Bodies = {
    # From the same example as `sql_audit_settings` in bodies_sql.
    "mysql_log_settings": {
        _FIRST: [
            doc(
                f"{_FIRST}/providers/microsoft.insights/diagnosticSettings/mysetting",
                {
                    "storageAccountId": LOGS,
                    "workspaceId": "",
                    "logs": [{"categoryGroup": "allLogs", "enabled": True}],
                },
                type="Microsoft.Insights/diagnosticSettings",
            )
        ]
    },
    "mysql_servers": [
        _server(_FIRST, "1", "Standard_B1ms", "Burstable"),
        _server(_SECOND, "2", "Standard_D2ds_v4", "GeneralPurpose"),
    ],
    "mysql_parameters": {
        _FIRST: [
            _parameter("audit_log_enabled", "OFF", "ON,OFF", "Enumeration"),
            _parameter(
                "audit_log_events",
                "CONNECTION",
                "DDL,DML_SELECT,DML_NONSELECT,DCL,ADMIN,DML,GENERAL,CONNECTION,TABLE_ACCESS",
                "Set",
            ),
            _parameter("audit_log_exclude_users", "azure_superuser", "", "String"),
            _parameter("audit_log_include_users", "", "", "String"),
        ],
        _SECOND: [],
    },
    "mysql_firewall_rules": {
        _FIRST: [
            doc(
                f"{_FIRST}/firewallRules/rule1",
                {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
                type=f"{_TYPE}/firewallRules",
            ),
            doc(
                f"{_FIRST}/firewallRules/rule2",
                {"startIpAddress": "1.0.0.0", "endIpAddress": "255.0.0.0"},
                type=f"{_TYPE}/firewallRules",
            ),
        ],
        _SECOND: [],
    },
}

DEFINED = {
    "mysql_servers": "properties.network.delegatedSubnetResourceId",
    "mysql_parameters": "properties.currentValue",
    "mysql_log_settings": LOG_SETTINGS,
}
