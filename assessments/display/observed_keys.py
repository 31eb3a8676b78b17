"""The kinds of observed values, such as people, times and counts. Each constant has the keys of the values of one kind.
The kind decides how a value is shown.
"""

from __future__ import annotations

from typing import Final

PRINCIPALS: Final = frozenset(
    {
        "disableStrongPassword",
        "globalAdministrators",
        "guests",
        "lacking",
        "leftOut",
        "licensedAdministrators",
        "owners",
        "principal",
        "synchronisedAdministrators",
        "tenantCreators",
        "unclear",
    }
)
"""Keys whose values contain GUIDs of users, groups or applications of the directory."""

GRANTS: Final = frozenset({"assignments", "directoryRoles", "grant"})
"""Keys whose values are role grants. A grant can have `assignment`, `role`, `scope`, `eligible` and `group`."""

DIRECTORY_ROLES: Final = frozenset({"roles", "directoryRoles", "guestUserRoleId"})
"""Keys whose values contain GUIDs of directory roles."""

ADDRESSES: Final = {"ipv4Addresses": 4, "ipv6Addresses": 6}
"""Keys whose values are numbers of addresses, with the IP version of the addresses."""

TIMES: Final = frozenset({"exp", "key1", "key2", "lastRecoveryPoint"})
SECONDS: Final = frozenset({"lockoutDurationInSeconds"})
DAYS: Final = frozenset(
    {
        "backupRetentionInDays",
        "deletedAfterDays",
        "keyExpirationPeriodInDays",
        "retentionDays",
        "softDeleteRetentionInDays",
    }
)
SWITCHES: Final = frozenset(
    {
        "AgentlessVmScanning",
        "MCAS",
        "WDATP",
        "WDATP_UNIFIED_SOLUTION",
        "agentless",
        "authEnabled",
        "azurepolicy",
        "clientCertEnabled",
        "confidential",
        "enableNonSslPort",
        "enablePurgeProtection",
        "enableSoftDelete",
        "enableDdosProtection",
        "enableHttp2",
        "enableIPForwarding",
        "encryptionAtHost",
        "groupFlowLog",
        "http20Enabled",
        "omsagent",
        "prometheus",
        "recurringScans",
        "securityMonitoring",
        "remoteDebuggingEnabled",
        "requestBodyCheck",
        "requireInfrastructureEncryption",
        "isAzureMonitorTargetEnabled",
        "isVersioningEnabled",
        "publicDataEndpointEnabled",
        "publicNetworkAccess",
        "realtimeProtection",
        "secureBootEnabled",
        "securityDefaults",
        "vTpmEnabled",
    }
)
"""Keys whose values true and false are shown as on and off. For other keys, they are shown as yes and no."""

CODE: Final = {"field": 300, "listSha256": 12, "actions": 300}
"""Keys whose values are shown as code, with the maximum number of characters that are shown."""

UNITS: Final = {"lockoutThreshold": "failed attempt"}
"""Keys whose values are counts, with the noun for what is counted, in the singular."""
