"""Kinds of observed values by key, such as people, times and counts. The kind decides how a value is shown."""

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
"""Keys whose GUIDs are users, groups or applications of the directory."""

GRANTS: Final = frozenset({"assignments", "directoryRoles", "grant"})
"""Keys whose values are role grants: `assignment`, `role`, `scope`, `eligible`, `group`."""

DIRECTORY_ROLES: Final = frozenset({"roles", "directoryRoles", "guestUserRoleId"})
"""Keys whose GUIDs are directory roles."""

ADDRESSES: Final = {"ipv4Addresses": 4, "ipv6Addresses": 6}
"""Keys that count addresses, with the IP version."""

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
"""Keys for which true and false are shown as on and off; for other keys, as yes and no."""

CODE: Final = {"field": 300, "listSha256": 12, "actions": 300}
"""Keys whose values are technical, with the number of characters that are shown."""

UNITS: Final = {"lockoutThreshold": "failed attempt"}
"""Keys whose values are counts, with the singular of what they count."""
