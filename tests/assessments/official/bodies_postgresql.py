"""Microsoft's examples of PostgreSQL flexible servers. `bodies` describes how the examples were changed.

ConfigurationListByServer has more than 400 parameters; only those that controls read are here.

Sources in https://github.com/Azure/azure-rest-api-specs,
specification/postgresql/resource-manager/Microsoft.DBforPostgreSQL:

- stable/2024-08-01/examples: ServerList, ConfigurationListByServer, FirewallRuleListByServer,
  AdministratorsListByServer
- stable/2022-12-01/examples: ServerUpdateWithAadAuthEnabled
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_TYPE = "Microsoft.DBforPostgreSQL/flexibleServers"
_SERVERS = f"{RG}/providers/{_TYPE}"
_PRIVATE = f"{_SERVERS}/pgtestsvc4"
_PUBLIC = f"{_SERVERS}/pgtestsvc1"
_WITH_ENTRA = f"{_SERVERS}/exampleserver"
_NETWORK = f"{RG}/providers/Microsoft.Network"


_IN_NETWORK = {
    "publicNetworkAccess": "Disabled",
    "delegatedSubnetResourceId": f"{_NETWORK}/virtualNetworks/test-vnet/subnets/test-vnet-subnet",
    "privateDnsZoneArmResourceId": f"{_NETWORK}/privateDnsZones/test-private-dns-zone.postgres.database.azure.com",
}
_ZONES = {"mode": "ZoneRedundant", "state": "Healthy", "standbyAvailabilityZone": "2"}


def _server(
    identifier: str, location: str, network: Bodies, high_availability: Bodies, entra: str = "Disabled"
) -> dict[str, Any]:
    return doc(
        identifier,
        {
            "version": "12",
            "minorVersion": "6",
            "state": "Ready",
            "availabilityZone": "1",
            "authConfig": {"activeDirectoryAuth": entra, "passwordAuth": "Enabled"},
            "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
            "network": network,
            "highAvailability": high_availability,
        },
        sku={"name": "Standard_D4s_v3", "tier": "GeneralPurpose"},
        location=location,
        tags={"ElasticServer": "1"},
        type=_TYPE,
    )


def _parameter(name: str, value: str, allowed: str, kind: str = "Boolean") -> dict[str, Any]:
    return doc(
        f"{_PUBLIC}/configurations/{name}",
        {
            "value": value,
            "defaultValue": value,
            "dataType": kind,
            "allowedValues": allowed,
            "source": "system-default",
            "isDynamicConfig": True,
            "isReadOnly": False,
            "isConfigPendingRestart": False,
        },
        type=f"{_TYPE}/configurations",
    )


SUBSCRIPTION: Bodies = {
    "postgres_servers": [
        _server(_PRIVATE, "westus", _IN_NETWORK, _ZONES),
        _server(_WITH_ENTRA, "westus", _IN_NETWORK, _ZONES, "Enabled"),
        _server(
            _PUBLIC,
            "eastus",
            {"publicNetworkAccess": "Enabled"},
            {"mode": "Disabled", "state": "NotEnabled"},
        ),
    ],
    "postgres_parameters": {
        _PRIVATE: [],
        _WITH_ENTRA: [],
        _PUBLIC: [
            _parameter("connection_throttle.enable", "off", "on,off"),
            _parameter("log_checkpoints", "on", "on,off"),
            _parameter("log_connections", "on", "on,off"),
            _parameter("log_disconnections", "on", "on,off"),
            _parameter("logfiles.download_enable", "off", "on,off"),
            _parameter("logfiles.retention_days", "3", "1-7", "Integer"),
            _parameter("require_secure_transport", "on", "on,off"),
            _parameter("ssl_min_protocol_version", "TLSv1.2", "TLSv1.2,TLSv1.3", "Enumeration"),
        ],
    },
    "postgres_firewall_rules": {
        _PUBLIC: [
            doc(
                f"{_PUBLIC}/firewallRules/examplefirewallrule1",
                {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
                type=f"{_TYPE}/firewallRules",
            ),
            doc(
                f"{_PUBLIC}/firewallRules/examplefirewallrule2",
                {"startIpAddress": "1.0.0.0", "endIpAddress": "255.0.0.0"},
                type=f"{_TYPE}/firewallRules",
            ),
        ]
    },
    # As in the example, the administrator has no `name`.
    "postgres_administrators": {
        _WITH_ENTRA: [
            {
                "id": f"{_WITH_ENTRA}/administrators/gggggggg-gggg-gggg-gggg-gggggggggggg",
                "type": f"{_TYPE}/administrators",
                "properties": {
                    "principalType": "Group",
                    "principalName": "examplegroup@contoso.com",
                    "objectId": "gggggggg-gggg-gggg-gggg-gggggggggggg",
                    "tenantId": "tttttttt-tttt-tttt-tttt-tttttttttttt",
                },
            }
        ]
    },
}

DEFINED = {
    "postgres_servers": """
    properties.authConfig.activeDirectoryAuth properties.authConfig.passwordAuth
    properties.backup.geoRedundantBackup properties.highAvailability.mode
    properties.highAvailability.state properties.network.delegatedSubnetResourceId
    properties.network.publicNetworkAccess properties.replicationRole properties.state sku.tier""",
    "postgres_parameters": "properties.isConfigPendingRestart properties.value",
    "postgres_firewall_rules": "properties.endIpAddress properties.startIpAddress",
}
