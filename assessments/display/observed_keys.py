"""Labels of observed values, and translations of Azure's words. A test checks them with all cases of the controls.

`LABELS` has every key that a control may observe. `WORDS` translates values of Azure by key, ignoring case. A value
without a translation is shown as Azure spells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LABELS: Final[Mapping[str, str]] = {
    "AgentlessVmScanning": "Agentless scanning",
    "MCAS": "Defender for Cloud Apps",
    "WDATP": "Defender for Endpoint",
    "WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW": "Linux machines left out of Defender for Endpoint",
    "WDATP_UNIFIED_SOLUTION": "Defender for Endpoint on Windows Server 2012 R2 and 2016",
    "accounts": "Storage accounts",
    "actions": "Administrative actions",
    "agentless": "Agentless scanning",
    "allDataActions": "All data actions allowed",
    "allowBlobPublicAccess": "Anonymous access allowed",
    "allowCrossTenantReplication": "Replication to other directories allowed",
    "allowInvitesFrom": "Guests can be invited by",
    "allowSharedKeyAccess": "Access keys accepted",
    "antimalware": "Microsoft Antimalware extension",
    "assessed": "Patch assessment",
    "assessmentMode": "Checks for missing patches",
    "assignableScopes": "Can be assigned at",
    "assigned": "Role is assigned",
    "assignment": "Assignment",
    "assignments": "Assignments",
    "authorizations": "Delegated rights",
    "autoProvision": "Automatic provisioning of the retired agent",
    "azureADOnlyAuthentication": "Only Microsoft Entra accounts",
    "balancingRules": "Rules of load balancers",
    "builtIn": "Equal built-in roles",
    "by": "Audited by",
    "bypass": "Exceptions of the firewall",
    "capable": "Members who can use MFA",
    "channel": "Alerts are sent by",
    "channelEncryption": "Allowed encryption of SMB",
    "classicRoles": "Classic roles",
    "complianceStatus": "Compliance with the baseline",
    "confidential": "Confidential machine",
    "criticalAndSecurityPatchCount": "Missing critical and security patches",
    "defaultAction": "Networks without a rule",
    "defaultToOAuthAuthentication": "Portal signs in with Entra ID by default",
    "deletedAfterDays": "Deleted by a lifecycle rule after",
    "diagnosticSettings": "Diagnostic settings",
    "directoryRoles": "Directory roles",
    "disableStrongPassword": "Users exempt from strong passwords",
    "disabledAlerts": "Disabled detection types",
    "disks": "Managed disks",
    "displayStatus": "Status of the agent",
    "dormantRules": "Inactive firewall rules",
    "emails": "Email addresses",
    "enablePurgeProtection": "Purge protection",
    "enableRbacAuthorization": "Azure roles grant access",
    "enableSoftDelete": "Soft delete",
    "enabled": "Enabled",
    "encryption": "Encryption",
    "enableIPForwarding": "IP forwarding",
    "encryptionAtHost": "Encryption at host",
    "ephemeralSystemDisk": "Ephemeral system disk",
    "excludedMachines": "Machines excluded from the plan",
    "exists": "Action group exists",
    "expirationAction": "Longer lifetimes are",
    "exposed": "Reachable from",
    "extension": "Protection extension",
    "externalUserState": "Invitation",
    "federatedDomains": "Federated domains",
    "field": "Property",
    "filtered": "Flow logs with a filter",
    "findings": "Vulnerability findings",
    "grant": "Role",
    "group": "Group",
    "groupFlowLog": "Flow log on the group itself",
    "guestUserRoleId": "Permissions of guests",
    "guests": "Guests",
    "inherited": "Set by a management group",
    "interfaces": "Network interfaces",
    "ipv4Addresses": "Allowed IPv4",
    "ipv6Addresses": "Allowed IPv6",
    "isAzureMonitorTargetEnabled": "Audit to Azure Monitor",
    "isEnabled": "Enabled",
    "isMfaCapable": "Can use MFA",
    "isVersioningEnabled": "Versioning of blobs",
    "key1": "Key 1 regenerated",
    "key2": "Key 2 regenerated",
    "keyExpirationPeriodInDays": "Reminder to regenerate keys after",
    "keySource": "Encryption keys",
    "kinds": "Kinds of recommendations",
    "lacking": "Members without MFA",
    "leftOut": "Left out",
    "listSha256": "Fingerprint of the list",
    "loadBalancers": "Load balancers",
    "lockoutDurationInSeconds": "Lockout lasts",
    "lockoutThreshold": "Lockout after",
    "locks": "Locks",
    "machines": "Machines",
    "managedByTenantId": "Managing directory",
    "managedHsms": "Managed HSMs",
    "managementGroups": "Management groups that export the activity log",
    "members": "Enabled members",
    "methodsRegistered": "Registered methods",
    "minimalTlsVersion": "Minimum version of TLS",
    "minimalRiskLevel": "Attack paths mailed from risk level",
    "minimalSeverity": "Alerts mailed from severity",
    "minimumTlsVersion": "Minimum version of TLS",
    "misses": "Why it does not count",
    "missing": "Categories not exported",
    "nearest": "Closest alert rule",
    "networkSecurityGroup": "Network security group",
    "notifiedRoles": "Notified roles",
    "oldKeys": "Keys to regenerate",
    "open": "Open recommendations",
    "openingRules": "Rules that let the Internet in",
    "ownKeys": "Disks with customer-managed keys",
    "perimeter": "Network security perimeter",
    "perimeterProfile": "Profile of the perimeter",
    "perimeterRules": "Access rules that let too many in",
    "phone": "Phone number",
    "plan": "Plan with the component",
    "policies": "Conditional Access policies",
    "policy": "Conditional Access policy",
    "powerState": "Power state",
    "pricingTier": "Plan",
    "premiumVaults": "Premium key vaults",
    "principal": "Principal",
    "principalType": "Kind of administrator",
    "privateEndpoints": "Private endpoints",
    "protocols": "Protocols without required encryption",
    "provisionVMAgent": "Created with the VM agent",
    "publicAddressKind": "SKU of the public address",
    "publicContainers": "Public containers",
    "publicDataEndpointEnabled": "Public data endpoint",
    "publicNetworkAccess": "Public network access",
    "readOnlyAccounts": "Storage accounts with a read-only lock",
    "realtimeProtection": "Real-time protection",
    "reasons": "Reported by the baseline",
    "receivers": "Receivers",
    "recent": "Known for a short time",
    "recommendation": "Recommendation",
    "regionWithoutWatcher": "Region without a network watcher",
    "requireInfrastructureEncryption": "Infrastructure encryption",
    "resources": "Resources",
    "retentionDays": "Deleted data is kept for",
    "retentionPolicy": "Retention",
    "roles": "Directory roles",
    "rule": "Alert rule",
    "rules": "Rules",
    "sasExpirationPeriod": "Longest lifetime of a signature",
    "sasPolicy": "SAS policy",
    "scanner": "Vulnerability scanner",
    "secureScore": "Secure score",
    "securityDefaults": "Security defaults",
    "settings": "Diagnostic settings",
    "severity": "Severity",
    "shares": "File shares",
    "signedIn": "Last sign-in",
    "sinks": "Destinations",
    "sku": "Redundancy",
    "softDeleteRetentionInDays": "Deleted keys and secrets are kept for",
    "sqlServers": "SQL servers",
    "state": "State",
    "status": "Patch assessment",
    "storageEndpoint": "Storage endpoint",
    "subPlan": "Sub-plan",
    "supportsHttpsTrafficOnly": "HTTPS required",
    "suppressedBy": "Alert processing rule",
    "synchronisedUsers": "Synchronized users",
    "tags": "Tags",
    "unclear": "Members missing from the report",
    "unmanaged": "Unmanaged disks",
    "versions": "Allowed versions of SMB",
    "vmAgentVersion": "Version of the agent",
    "vulnerabilities": "Vulnerabilities",
    "wideRules": "Rules wider than allowed",
    "within": "Built-in roles that allow at least the same",
    "withoutEncryption": "Disks without encryption",
    "withoutFlowLog": "Without a flow log",
}

ACRONYMS: Final[Mapping[str, str]] = {
    word.lower(): word
    for word in (
        "API", "ARM", "BGP", "CIDR", "CMK", "CPU", "CRL", "CVE", "DDoS", "DNS", "FTP", "FTPS", "GUID", "HSM", "HTTP",
        "HTTPS", "ID", "IP", "IPv4", "IPv6", "JIT", "JSON", "MFA", "NFS", "NIC", "NSG", "OS", "PIM", "RBAC", "RDP",
        "SAS", "SHA", "SKU", "SMB", "SMS", "SQL", "SSH", "SSL", "TCP", "TDE", "TLS", "UDP", "UPN", "URI", "URL", "UTC",
        "VM", "VNet", "VPN", "WAF",
    )
}  # fmt: skip
"""Spellings of acronyms in labels of keys that `LABELS` lacks; the plural follows from them."""

PRINCIPALS: Final = frozenset(
    {"disableStrongPassword", "guests", "lacking", "leftOut", "principal", "unclear"}
)
"""Keys whose GUIDs are users, groups or applications of the directory."""

GRANTS: Final = frozenset({"assignments", "directoryRoles", "grant"})
"""Keys whose values are role grants: `assignment`, `role`, `scope`, `eligible`, `group`."""

DIRECTORY_ROLES: Final = frozenset({"roles", "directoryRoles", "guestUserRoleId"})
"""Keys whose GUIDs are directory roles."""

ADDRESSES: Final = {"ipv4Addresses": 4, "ipv6Addresses": 6}
"""Keys that count addresses, with the IP version."""

TIMES: Final = frozenset({"key1", "key2"})
SECONDS: Final = frozenset({"lockoutDurationInSeconds"})
DAYS: Final = frozenset(
    {"deletedAfterDays", "keyExpirationPeriodInDays", "retentionDays", "softDeleteRetentionInDays"}
)
SWITCHES: Final = frozenset(
    {
        "AgentlessVmScanning",
        "MCAS",
        "WDATP",
        "WDATP_UNIFIED_SOLUTION",
        "agentless",
        "confidential",
        "enablePurgeProtection",
        "enableSoftDelete",
        "enableIPForwarding",
        "encryptionAtHost",
        "groupFlowLog",
        "requireInfrastructureEncryption",
        "isAzureMonitorTargetEnabled",
        "isVersioningEnabled",
        "publicDataEndpointEnabled",
        "realtimeProtection",
        "securityDefaults",
    }
)
"""Keys for which true and false are shown as on and off; for other keys, as yes and no."""

CODE: Final = {"field": 300, "listSha256": 12, "actions": 300}
"""Keys whose values are technical, with the number of characters that are shown."""

UNITS: Final = {"lockoutThreshold": "failed attempt"}
"""Keys whose values are counts, with the singular of what they count."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "allowInvitesFrom": {
        "everyone": "everyone, including guests",
        "adminsguestinvitersandallmembers": "administrators, guest inviters and all members",
        "adminsandguestinviters": "administrators and guest inviters",
        "none": "nobody",
    },
    "assessed": {"no": "never"},
    "bypass": {
        "azureservices": "trusted Microsoft services",
        "logging": "reading logs",
        "metrics": "reading metrics",
        "none": "none",
    },
    "minimalTlsVersion": {"none": "none"},
    "minimalRiskLevel": {"critical": "critical", "high": "high", "medium": "medium", "low": "low"},
    "minimalSeverity": {"high": "high", "medium": "medium", "low": "low"},
    "minimumTlsVersion": {"tls1_0": "1.0", "tls1_1": "1.1", "tls1_2": "1.2", "tls1_3": "1.3"},
    "principalType": {"user": "person", "group": "group", "application": "application"},
    "privateEndpoints": {
        "approved": "approved",
        "pending": "pending",
        "rejected": "rejected",
        "disconnected": "disconnected",
    },
    "assessmentMode": {"automaticbyplatform": "periodically", "imagedefault": "only on request"},
    "autoProvision": {"on": "on", "off": "off"},
    "by": {"server": "the server", "database": "the database"},
    "channel": {"server": "the server", "security contact": "the security contact of Defender for Cloud"},
    "classicRoles": {
        "coadministrator": "co-administrator",
        "serviceadministrator": "service administrator",
        "accountadministrator": "account administrator",
    },
    "complianceStatus": {"compliant": "compliant", "noncompliant": "not compliant", "pending": "pending"},
    "defaultAction": {"allow": "allowed", "deny": "denied"},
    "disabledAlerts": {
        "sql_injection": "SQL injection",
        "sql_injection_vulnerability": "SQL injection vulnerability",
        "access_anomaly": "anomalous access",
        "data_exfiltration": "data exfiltration",
        "unsafe_action": "unsafe action",
        "brute_force": "brute force",
    },
    "encryption": {
        "encryptionatrestwithplatformkey": "Microsoft-managed keys",
        "encryptionatrestwithcustomerkey": "customer-managed keys",
        "encryptionatrestwithplatformandcustomerkeys": "Microsoft-managed and customer-managed keys",
    },
    "expirationAction": {"block": "blocked", "log": "only logged"},
    "externalUserState": {"pendingacceptance": "not accepted yet", "accepted": "accepted"},
    # The ids are fixed: https://learn.microsoft.com/entra/identity/users/users-restrict-guest-permissions
    "guestUserRoleId": {
        "a0b1b346-4d3e-4e8b-98f8-753987be4970": "the same as members",
        "10dae51f-b6af-4016-8d66-8c2a99b929b3": "limited",
        "2af84b1e-32c8-42b7-82bc-daa82404023b": "their own profile only",
    },
    "keySource": {
        "microsoft.storage": "managed by Microsoft",
        "microsoft.keyvault": "managed by the customer in a key vault",
    },
    "methodsRegistered": {
        "microsoftauthenticatorpush": "Microsoft Authenticator (notification)",
        "microsoftauthenticatorpasswordless": "Microsoft Authenticator (passwordless)",
        "softwareonetimepasscode": "one-time code of an app",
        "hardwareonetimepasscode": "one-time code of a token",
        "windowshelloforbusiness": "Windows Hello for Business",
        "fido2securitykey": "FIDO2 security key",
        "passkeydevicebound": "passkey of a device",
        "passkeydeviceboundauthenticator": "passkey in Microsoft Authenticator",
        "passkeydeviceboundwindowshello": "passkey in Windows Hello",
        "mobilephone": "mobile phone",
        "alternatemobilephone": "second mobile phone",
        "officephone": "office phone",
        "email": "email",
        "securityquestion": "security question",
        "temporaryaccesspass": "temporary access pass",
        "macossecureenclavekey": "secure enclave of a Mac",
    },
    "oldKeys": {"key1": "key 1", "key2": "key 2"},
    "pricingTier": {"standard": "on (Standard)", "free": "off (Free)"},
    "protocols": {"smb": "SMB", "nfs": "NFS"},
    "publicNetworkAccess": {
        "enabled": "on",
        "disabled": "off",
        "securedbyperimeter": "restricted to a network security perimeter",
    },
    "receivers": {
        "emailreceivers": "email",
        "smsreceivers": "text message",
        "voicereceivers": "voice call",
        "webhookreceivers": "webhook",
        "armrolereceivers": "Azure role",
        "azureapppushreceivers": "Azure app",
        "azurefunctionreceivers": "Azure function",
        "logicappreceivers": "logic app",
        "eventhubreceivers": "event hub",
        "automationrunbookreceivers": "automation runbook",
        "itsmreceivers": "ITSM",
        "incidentreceivers": "incident",
    },
    "roles": {"isadmin": "marked as administrator in the registration report"},
    "severity": {"high": "high", "medium": "medium", "low": "low", "critical": "critical"},
    "state": {"enabled": "enabled", "disabled": "disabled", "new": "new (set by the plan)"},
    "status": {"succeeded": "succeeded", "failed": "unsuccessful", "inprogress": "in progress"},
    "access": {"blob": "blobs readable", "container": "blobs readable and listed"},
}

SENTENCES: Final = frozenset(
    {"assignments", "managementGroups", "misses", "policies", "powerState", "settings", "signedIn"}
)
"""Keys with words or parts of sentences of Surety as values."""

MISSING: Final[Mapping[str, str]] = {
    "channel": "nobody",
    "emails": "none",
    "extension": "none",
    "keySource": "not stated",
    "enabled": "not stated",
    "nearest": "none",
    "networkSecurityGroup": "none",
    "deletedAfterDays": "never",
    "inherited": "no",
    "pricingTier": "not registered",
    "open": "not known",
    "storageEndpoint": "none",
}
"""The meaning of an absent value, by key; for other keys: "not set"."""
