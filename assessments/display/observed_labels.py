"""Labels of observed values, for keys whose words would not be a clear label.

These keys occur in findings of several controls. A key of one control has its label in the declaration of this control
(`Control.labels`). Other keys need no label: `assessments.display.observed.label` splits them into words, for example
`publicNetworkAccess` into “Public network access”.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LABELS: Final[Mapping[str, str]] = {
    "WDATP": "Defender for Endpoint",
    "accounts": "Storage accounts",
    "allowBlobPublicAccess": "Anonymous access allowed",
    "allowSharedKeyAccess": "Access keys accepted",
    "assigned": "Role is assigned",
    "authorizations": "Delegated rights",
    "computeMode": "Compute",
    "azureADOnlyAuthentication": "Only Microsoft Entra accounts",
    "backupManagementType": "Kind of backup",
    "backupRetentionInDays": "Backups are kept for",
    "balancingRules": "Rules of load balancers",
    "channel": "Alerts are sent by",
    "complianceStatus": "Compliance with the baseline",
    "defaultAction": "Networks without a rule",
    "disableLocalAuth": "Keys refused",
    "customVirtualNetworkId": "Virtual network",
    "disks": "Managed disks",
    "dormantRules": "Inactive firewall rules",
    "enablePurgeProtection": "Purge protection",
    "enableRbacAuthorization": "Azure roles grant access",
    "excludedMachines": "Machines excluded from the plan",
    "exists": "Action group exists",
    "exp": "Expires",
    "exposed": "Reachable from",
    "field": "Property",
    "firewallModes": "Web application firewall",
    "geoRedundantBackup": "Backups in the paired region",
    "grant": "Role",
    "http20Enabled": "HTTP/2",
    "identityType": "Managed identity",
    "ipv4Addresses": "Allowed IPv4",
    "ipv6Addresses": "Allowed IPv6",
    "isEnabled": "Enabled",
    "isMfaCapable": "Can use MFA",
    "keySource": "Encryption keys",
    "listSha256": "Fingerprint of the list",
    "managedByTenantId": "Managing directory",
    "members": "Enabled members",
    "methodsRegistered": "Registered methods",
    "minimalTlsVersion": "Minimum version of TLS",
    "minimumTlsVersion": "Minimum version of TLS",
    "misses": "Why the alert rule does not count",
    "missing": "Categories not exported",
    "nearest": "Closest alert rule",
    "openingRules": "Rules that let the Internet in",
    "perimeter": "Network security perimeter",
    "perimeterProfile": "Profile of the perimeter",
    "perimeterRules": "Access rules that let too many networks in",
    "permissionGrantPoliciesAssigned": "Assigned consent policies",
    "plan": "Plan with the component",
    "policies": "Conditional Access policies",
    "policy": "Conditional Access policy",
    "powerState": "Power state",
    "pricingTier": "Plan",
    "protocols": "Protocols without required encryption",
    "publicAddressKind": "SKU of the public address",
    "publicDataEndpointEnabled": "Public data endpoint",
    "retentionDays": "Deleted data is kept for",
    "rule": "Alert rule",
    "scanner": "Vulnerability scanner",
    "settings": "Diagnostic settings",
    "shares": "File shares",
    "signedIn": "Last sign-in",
    "sinks": "Destinations",
    "skuName": "SKU",
    "softDeleteRetentionInDays": "Deleted keys and secrets are kept for",
    "subPlan": "Sub-plan",
    "supportsHttpsTrafficOnly": "HTTPS required",
    "switched_off_because": "Reason",
    "suppressedBy": "Alert processing rule",
    "updates": "Recommended updates of software",
    "unmanaged": "Unmanaged disks",
    "value": "Value of the parameter",
    "servicesRefusingKeys": "Services that refuse access keys",
    "withoutFlowLog": "Without a flow log",
    "withoutVulnerabilities": "Resources without vulnerabilities",
    "vulnerable": "Resources with vulnerabilities",
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
"""The spellings of acronyms in the labels of keys that are not in `LABELS`. The plurals are derived from these
spellings.
"""
