"""Plain English for Azure's words in observed values.

`WORDS` is {key of an observed value: {Azure's word in lower case: plain English}}. A word that is not in `WORDS` is
shown as Azure spells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "EnableGroupCreation": {"true": "yes", "false": "no"},
    "activeDirectoryAuth": {"enabled": "on", "disabled": "off"},
    "allowInvitesFrom": {
        "everyone": "everyone, including guests",
        "adminsguestinvitersandallmembers": "administrators, guest inviters and all members",
        "adminsandguestinviters": "administrators and guest inviters",
        "none": "nobody",
    },
    "assessed": {"no": "never"},
    "basicAuth": {"ftp": "FTP", "scm": "advanced tools"},
    "bypass": {
        "azureservices": "trusted Microsoft services",
        "logging": "reading logs",
        "metrics": "reading metrics",
        "none": "none",
    },
    "clientCertMode": {
        "required": "required",
        "optional": "optional",
        "optionalinteractiveuser": "optional, without a question in the browser",
    },
    "ftpsState": {"allallowed": "on", "ftpsonly": "only with TLS", "disabled": "off"},
    "identityType": {
        "systemassigned": "system-assigned",
        "userassigned": "user-assigned",
        "systemassigned, userassigned": "system-assigned and user-assigned",
        "systemassigned,userassigned": "system-assigned and user-assigned",
        "none": "none",
    },
    "firewallModes": {"prevention": "blocks", "detection": "reports", "off": "off"},
    "minProtocolVersion": {"tlsv1_0": "1.0", "tlsv1_1": "1.1", "tlsv1_2": "1.2", "tlsv1_3": "1.3"},
    "minimalTlsVersion": {"none": "none", "tls": "1.0", "tls11": "1.1", "tls12": "1.2", "tls13": "1.3"},
    "multiFactorAuthConfiguration": {"required": "required", "notrequired": "not required"},
    "configuration": {"express": "express", "classic": "classic", "off": "off"},
    "serverKeyType": {"servicemanaged": "Microsoft-managed key", "azurekeyvault": "customer-managed key"},
    "strongMethods": {
        "fido2": "passkeys (FIDO2)",
        "microsoftauthenticator": "Microsoft Authenticator",
        "x509certificate": "certificates",
    },
    "weakMethods": {"sms": "text messages", "voice": "voice calls"},
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
    "dataAccessAuthMode": {"azureactivedirectory": "with Microsoft Entra ID", "none": "without"},
    "jitRecommendation": {
        "healthy": "protected",
        "unhealthy": "not protected",
        "notapplicable": "not applicable",
    },
    "networkAccessPolicy": {
        "allowall": "all",
        "allowprivate": "private endpoints",
        "denyall": "none",
    },
    "securityType": {
        "standard": "standard",
        "trustedlaunch": "trusted launch",
        "confidentialvm": "confidential machine",
        "confidentialvm_diskencryptedwithcustomerkey": "confidential disk with a customer-managed key",
    },
    "accessKeysAuthentication": {"enabled": "accepted", "disabled": "refused"},
    "authnotrequired": {"true": "yes", "false": "no"},
    "clientProtocol": {"encrypted": "with TLS", "plaintext": "without TLS"},
    "backupManagementType": {
        "azureiaasvm": "virtual machines",
        "azuresql": "SQL databases",
        "azurestorage": "file shares",
        "azureworkload": "databases in virtual machines",
        "genericprotectionpolicy": "other data",
        "mab": "files, with the agent of Azure Backup",
    },
    "protectionState": {
        "protected": "backed up",
        "irpending": "first backup pending",
        "protectionstopped": "stopped",
        "protectionpaused": "paused",
        "backupssuspended": "suspended",
        "protectionerror": "error",
    },
    "immutability": {"disabled": "off", "unlocked": "on, not locked", "locked": "locked"},
    "softDelete": {
        "enabled": "on",
        "on": "on",
        "alwayson": "always on",
        "disabled": "off",
        "off": "off",
    },
    "backupPolicy": {"continuous": "continuous", "periodic": "periodic"},
    "backupStorageRedundancy": {
        "geo": "in a second region",
        "local": "in one data center",
        "zone": "in several availability zones",
    },
    "backupTier": {"continuous7days": "7 days", "continuous30days": "30 days"},
    "expirationAction": {"block": "blocked", "log": "only logged"},
    "externalUserState": {"pendingacceptance": "not accepted yet", "accepted": "accepted"},
    "geoRedundantBackup": {"enabled": "on", "disabled": "off"},
    # These ids are the same in every directory:
    # https://learn.microsoft.com/entra/identity/users/users-restrict-guest-permissions
    "guestUserRoleId": {
        "a0b1b346-4d3e-4e8b-98f8-753987be4970": "the same as members",
        "10dae51f-b6af-4016-8d66-8c2a99b929b3": "limited",
        "2af84b1e-32c8-42b7-82bc-daa82404023b": "their own profile only",
    },
    "highAvailability": {
        "disabled": "off",
        "samezone": "in the same availability zone",
        "zoneredundant": "in another availability zone",
    },
    "keySource": {
        "microsoft.storage": "managed by Microsoft",
        "microsoft.keyvault": "managed by the customer in a key vault",
    },
    "lifetimeActions": {"notify": "notify", "rotate": "rotate"},
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
    "passwordAuth": {"enabled": "on", "disabled": "off"},
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
    "virtualNetworkType": {
        "none": "none",
        "external": "with a public address",
        "internal": "without a public address",
    },
    "unauthenticatedClientAction": {
        "redirecttologinpage": "redirect to the sign-in",
        "allowanonymous": "let in",
        "return401": "error 401",
        "return403": "error 403",
    },
    "state": {"enabled": "enabled", "disabled": "disabled", "new": "new (set by the plan)"},
    "status": {"succeeded": "succeeded", "failed": "unsuccessful", "inprogress": "in progress"},
    "access": {"blob": "blobs readable", "container": "blobs readable and listed"},
}
SENTENCES: Final = frozenset(
    {"assignments", "managementGroups", "misses", "policies", "powerState", "settings", "signedIn"}
)
"""Keys whose values are texts that Surety writes, and not words of Azure."""
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
"""The text for an absent or empty value, by key. For other keys, an absent value is shown as "not set", and an empty
list as "none".
"""
