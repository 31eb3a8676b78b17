"""List settings that always exist in Azure, with the values that GET returns for a resource that was never configured.

`PLAN_STATE` is a placeholder. A reply contains Enabled in its place if the subscription's Defender plan SqlServers is
Standard, and Disabled otherwise.

Sources: REST references of Microsoft.Sql 2021-11-01 and later (serverBlobAuditingPolicies, serverSecurityAlertPolicies,
serverAdvancedThreatProtectionSettings, transparentDataEncryption, encryptionProtectors, vulnerabilityAssessments),
Microsoft.Storage (blobServices, fileServices, queueServices, tableServices) and Microsoft.Security.
"""

from typing import Any, NamedTuple

PLAN_STATE = "<Enabled where pricings/SqlServers is Standard>"
_NEVER = "0001-01-01T00:00:00Z"
_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"

_AUDITING: dict[str, Any] = {
    "retentionDays": 0,
    "auditActionsAndGroups": [],
    "isStorageSecondaryKeyInUse": False,
    "isAzureMonitorTargetEnabled": False,
    "isManagedIdentityInUse": False,
    "state": "Disabled",
    "storageEndpoint": "",
    "storageAccountSubscriptionId": _NO_SUBSCRIPTION,
}
_EXTENDED_AUDITING = {"predicateExpression": "", **_AUDITING}
_ALERTS: dict[str, Any] = {
    "state": PLAN_STATE,
    "disabledAlerts": [""],
    "emailAddresses": [""],
    "emailAccountAdmins": False,
    "storageEndpoint": "",
    "storageAccountAccessKey": "",
    "retentionDays": 0,
    "creationTime": _NEVER,
}
_THREATS = {"state": PLAN_STATE, "creationTime": _NEVER}
_SCANS = {"recurringScans": {"isEnabled": False, "emailSubscriptionAdmins": True, "emails": []}}
_EXPRESS = {"state": "Disabled"}
_PROTECTOR = {
    "serverKeyName": "ServiceManaged",
    "serverKeyType": "ServiceManaged",
    "autoRotationEnabled": False,
}


class Default(NamedTuple):
    """A setting that exists although nobody has configured it.

    `parent` is the lower-case type of the resource that must exist. `path` is in lower case, relative to the parent's
    id. `type` and `name` are in Azure's spelling.
    """

    parent: str
    path: str
    type: str
    name: str
    properties: dict[str, Any]


# {path: another path at which Azure returns the same policy}. Both paths are relative to the parent's id.
# https://learn.microsoft.com/azure/azure-sql/database/auditing-overview
SAME_POLICY = {"extendedauditingsettings/default": "auditingsettings/default"}

_SERVER, _DATABASE = "microsoft.sql/servers", "microsoft.sql/servers/databases"
_INSTANCE, _ACCOUNT = "microsoft.sql/managedinstances", "microsoft.storage/storageaccounts"
_MANAGED_DATABASE = "microsoft.sql/managedinstances/databases"


def _sql(parent: str, spelled: str, setting: str, name: str, properties: dict[str, Any]) -> Default:
    return Default(parent, f"{setting.lower()}/{name.lower()}", f"{spelled}/{setting}", name, properties)


DEFAULTS = (
    *(
        _sql(parent, spelled, setting, name, properties)
        for parent, spelled in (
            (_SERVER, "Microsoft.Sql/servers"),
            (_DATABASE, "Microsoft.Sql/servers/databases"),
        )
        for setting, name, properties in (
            ("auditingSettings", "Default", _AUDITING),
            ("extendedAuditingSettings", "Default", _EXTENDED_AUDITING),
            ("securityAlertPolicies", "Default", _ALERTS),
            ("advancedThreatProtectionSettings", "Default", _THREATS),
            ("vulnerabilityAssessments", "Default", _SCANS),
            ("sqlVulnerabilityAssessments", "Default", _EXPRESS),
        )
    ),
    *(
        _sql(_SERVER, "Microsoft.Sql/servers", setting, name, properties)
        for setting, name, properties in (
            (
                "devOpsAuditingSettings",
                "Default",
                {
                    "isAzureMonitorTargetEnabled": False,
                    "isManagedIdentityInUse": False,
                    "state": "Disabled",
                    "storageEndpoint": "",
                    "storageAccountSubscriptionId": _NO_SUBSCRIPTION,
                },
            ),
            ("connectionPolicies", "default", {"connectionType": "Default"}),
            (
                "encryptionProtector",
                "current",
                _PROTECTOR,
            ),
            ("azureADOnlyAuthentications", "Default", {"azureADOnlyAuthentication": False}),
        )
    ),
    _sql(
        _DATABASE,
        "Microsoft.Sql/servers/databases",
        "transparentDataEncryption",
        "current",
        {"state": "Enabled"},
    ),
    _sql(
        _MANAGED_DATABASE,
        "Microsoft.Sql/managedInstances/databases",
        "transparentDataEncryption",
        "current",
        {"state": "Enabled"},
    ),
    *(
        _sql(_INSTANCE, "Microsoft.Sql/managedInstances", setting, name, properties)
        for setting, name, properties in (
            ("securityAlertPolicies", "Default", _ALERTS),
            ("advancedThreatProtectionSettings", "Default", _THREATS),
            ("vulnerabilityAssessments", "Default", _SCANS),
            ("encryptionProtector", "current", _PROTECTOR),
        )
    ),
    Default(
        _INSTANCE,
        "providers/microsoft.security/sqlvulnerabilityassessments/default",
        "Microsoft.Security/sqlVulnerabilityAssessments",
        "default",
        _EXPRESS,
    ),
    *(
        Default(
            _ACCOUNT,
            f"{service.lower()}/default",
            f"Microsoft.Storage/storageAccounts/{service}",
            "default",
            content,
        )
        for service, content in (
            (
                "blobServices",
                {
                    "cors": {"corsRules": []},
                    "deleteRetentionPolicy": {"allowPermanentDelete": False, "enabled": False},
                },
            ),
            (
                "fileServices",
                {
                    "protocolSettings": {"smb": {}},
                    "cors": {"corsRules": []},
                    "shareDeleteRetentionPolicy": {"enabled": True, "days": 7},
                },
            ),
            ("queueServices", {"cors": {"corsRules": []}}),
            ("tableServices", {"cors": {"corsRules": []}}),
        )
    ),
    Default(
        _ACCOUNT,
        "providers/microsoft.security/advancedthreatprotectionsettings/current",
        "Microsoft.Security/advancedThreatProtectionSettings",
        "current",
        {"isEnabled": False},
    ),
    Default(
        "",
        "providers/microsoft.security/autoprovisioningsettings/default",
        "Microsoft.Security/autoProvisioningSettings",
        "default",
        {"autoProvision": "Off"},
    ),
)
BY_PATH = {(row.parent, row.path): row for row in DEFAULTS}
