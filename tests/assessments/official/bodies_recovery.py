"""Microsoft's examples of vaults, their items and policies. `bodies` describes how the examples were changed. The
examples of items and policies begin their ids with `/Subscriptions`.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/recoveryservices/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/examples:
ListBySubscriptionIds (one of three vaults), GETVault, ListReplicationUsages; specification/dataprotection
/resource-manager/Microsoft.DataProtection/stable/2024-04-01/examples/VaultCRUD: GetBackupVaultsInSubscription (one of
two vaults); specification/recoveryservicesbackup/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01
/examples: AzureIaasVm/BackupProtectedItems_List, AzureIaasVm/V2Policy/v2-List-Policies, AzureWorkload
/BackupPolicies_List and AzureStorage/ProtectionPolicies_CreateOrUpdate_Hardened (the policy in its answer)
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_KIND = "Microsoft.RecoveryServices/vaults"
_VAULT = f"{RG}/providers/{_KIND}/swaggerExample"
_BACKUP_VAULTS = "Microsoft.DataProtection/BackupVaults"
_UNUSED = f"{RG}/providers/{_KIND}/avrai7517Vault1"
_CLASSIC = f"{RG}/providers/Microsoft.ClassicCompute/virtualMachines/iaasvm-1"


def _long_term(count: int, at: str, **more: Any) -> dict[str, Any]:
    daily = {"retentionTimes": [at], "retentionDuration": {"count": count, "durationType": "Days"}}
    return {"retentionPolicyType": "LongTermRetentionPolicy", "dailySchedule": daily, **more}


def _simple(at: str) -> dict[str, Any]:
    return {
        "schedulePolicyType": "SimpleSchedulePolicy",
        "scheduleRunFrequency": "Daily",
        "scheduleRunTimes": [at],
        "scheduleWeeklyFrequency": 0,
    }


def _policy(name: str, kind: str, **properties: Any) -> dict[str, Any]:
    return doc(
        f"{_VAULT}/backupPolicies/{name}",
        {"backupManagementType": kind, **properties, "protectedItemsCount": 0},
        type=f"{_KIND}/backupPolicies",
    )


def _retained(count: int, unit: str, at: str, **more: Any) -> dict[str, Any]:
    return {**more, "retentionTimes": [at], "retentionDuration": {"count": count, "durationType": unit}}


_AT = "2023-07-18T09:30:00.000Z"
_FIRST_SUNDAY = {
    "retentionScheduleFormatType": "Weekly",
    "retentionScheduleDaily": None,
    "retentionScheduleWeekly": {"daysOfTheWeek": ["Sunday"], "weeksOfTheMonth": ["First"]},
}


def _settings(vault: str) -> dict[str, Any]:
    return doc(
        vault,
        {
            "publicNetworkAccess": "Enabled",
            "provisioningState": "Succeeded",
            "privateEndpointStateForBackup": "Enabled",
            "privateEndpointStateForSiteRecovery": "None",
            "securitySettings": {
                "immutabilitySettings": {"state": "Disabled"},
                "softDeleteSettings": {
                    "softDeleteRetentionPeriodInDays": 14,
                    "softDeleteState": "Enabled",
                    "enhancedSecurityState": "Enabled",
                },
                "multiUserAuthorization": "Disabled",
            },
            "redundancySettings": {
                "standardTierStorageRedundancy": "GeoRedundant",
                "crossRegionRestore": "Enabled",
            },
            "secureScore": "None",
            "bcdrSecurityLevel": "Poor",
        },
        location="westus",
        tags={"TestUpdatedKey": "TestUpdatedValue"},
        type=_KIND,
        sku={"name": "Standard"},
    )


SUBSCRIPTION: Bodies = {
    "recovery_vaults": [
        doc(
            _VAULT,
            {"provisioningState": "Succeeded"},
            location="westus",
            tags={"TestUpdatedKey": "TestUpdatedValue"},
            type=_KIND,
            sku={"name": "Standard"},
        ),
        doc(
            _UNUSED,
            {"provisioningState": "Succeeded"},
            location="westus",
            type=_KIND,
            sku={"name": "Standard"},
        ),
    ],
    "backup_items": {
        _VAULT: [
            doc(
                f"{_VAULT}/protectionContainers/IaasVMContainer;iaasvmcontainer;iaasvm-rg;iaasvm-1"
                "/protectedItems/VM;iaasvmcontainer;iaasvm-rg;iaasvm-1",
                {
                    "friendlyName": "iaasvm-1",
                    "virtualMachineId": _CLASSIC,
                    "protectionStatus": "Healthy",
                    "protectionState": "Protected",
                    "healthStatus": "Passed",
                    "lastBackupStatus": "Completed",
                    "lastBackupTime": "2018-01-22T12:25:32.048723Z",
                    "protectedItemDataId": "636482643132986882",
                    "protectedItemType": "Microsoft.ClassicCompute/virtualMachines",
                    "backupManagementType": "AzureIaasVM",
                    "workloadType": "VM",
                    "containerName": "iaasvmcontainer;iaasvm-rg;iaasvm-1",
                    "sourceResourceId": _CLASSIC,
                    "policyId": f"{_VAULT}/backupPolicies/testPolicy1",
                    "lastRecoveryPoint": "2017-11-22T12:25:32.048723Z",
                },
                type=f"{_KIND}/backupFabrics/protectionContainers/protectedItems",
            )
        ],
        _UNUSED: [],
    },
    "backup_policies": {
        _VAULT: [
            _policy(
                "DefaultPolicy",
                "AzureIaasVM",
                schedulePolicy=_simple("2017-12-05T19:00:00Z"),
                retentionPolicy=_long_term(30, "2017-12-05T19:00:00Z"),
            ),
            _policy(
                "v2-daily-policy",
                "AzureIaasVM",
                schedulePolicy={
                    "schedulePolicyType": "SimpleSchedulePolicyV2",
                    "scheduleRunFrequency": "Daily",
                    "dailySchedule": {"scheduleRunTimes": ["2018-01-24T10:00:00Z"]},
                },
                retentionPolicy=_long_term(1, "2018-01-24T02:00:00Z"),
                timeZone="Pacific Standard Time",
            ),
            _policy(
                "HourlyLogBackup",
                "AzureWorkload",
                workLoadType="SQLDataBase",
                settings={"timeZone": "UTC", "issqlcompression": False},
                subProtectionPolicy=[
                    {
                        "policyType": "Full",
                        "schedulePolicy": _simple("2017-12-05T19:00:00Z"),
                        "retentionPolicy": _long_term(30, "2017-12-05T19:00:00Z"),
                    },
                    {
                        "policyType": "Log",
                        "schedulePolicy": {
                            "schedulePolicyType": "LogSchedulePolicy",
                            "scheduleFrequencyInMins": 60,
                        },
                        "retentionPolicy": {
                            "retentionPolicyType": "SimpleRetentionPolicy",
                            "retentionDuration": {"count": 30, "durationType": "Days"},
                        },
                    },
                ],
            ),
            _policy(
                "newPolicyV2",
                "AzureStorage",
                schedulePolicy={
                    "schedulePolicyType": "SimpleSchedulePolicy",
                    "scheduleRunFrequency": "Daily",
                    "scheduleRunTimes": [_AT],
                },
                vaultRetentionPolicy={
                    "snapshotRetentionInDays": 5,
                    "vaultRetention": _long_term(
                        30,
                        _AT,
                        weeklySchedule=_retained(12, "Weeks", _AT, daysOfTheWeek=["Sunday"]),
                        monthlySchedule=_retained(60, "Months", _AT, **_FIRST_SUNDAY),
                        yearlySchedule=_retained(10, "Years", _AT, monthsOfYear=["January"], **_FIRST_SUNDAY),
                    ),
                },
                timeZone="UTC",
            ),
        ],
        _UNUSED: [],
    },
    "replication_usages": {
        _UNUSED: [
            {
                "id": f"{_UNUSED}/replicationUsages",
                "value": [
                    {
                        "monitoringSummary": {
                            "unHealthyVmCount": 0,
                            "unHealthyProviderCount": 0,
                            "eventsCount": 0,
                            "deprecatedProviderCount": 0,
                            "supportedProviderCount": 0,
                            "unsupportedProviderCount": 0,
                        },
                        "jobsSummary": {"failedJobs": 0, "suspendedJobs": 0, "inProgressJobs": 0},
                        "protectedItemCount": 2,
                        "registeredServersCount": 2,
                        "recoveryPlanCount": 1,
                    }
                ],
            }
        ]
    },
    "recovery_vault_settings": [_settings(_VAULT), _settings(_UNUSED)],
    "backup_vaults": [
        doc(
            f"{RG}/providers/{_BACKUP_VAULTS}/ExampleVault1",
            {
                "provisioningState": "Succeeded",
                "storageSettings": [{"datastoreType": "VaultStore", "type": "LocallyRedundant"}],
                "featureSettings": {"crossRegionRestoreSettings": {"state": "Enabled"}},
                "securitySettings": {
                    "softDeleteSettings": {"state": "Enabled", "retentionDurationInDays": 14}
                },
                "secureScore": "Adequate",
                "bcdrSecurityLevel": "Good",
            },
            location="WestUS",
            tags={"key1": "val1"},
            identity={"type": "None"},
            type=_BACKUP_VAULTS,
        )
    ],
}

DEFINED = {
    "recovery_vaults": """
    properties.securitySettings.immutabilitySettings.state
    properties.securitySettings.multiUserAuthorization
    properties.securitySettings.softDeleteSettings.softDeleteRetentionPeriodInDays
    properties.securitySettings.softDeleteSettings.softDeleteState""",
    "backup_items": "properties.isScheduledForDeferredDelete",
    "backup_policies": """
    properties.retentionPolicy.monthlySchedule.retentionDuration.count
    properties.retentionPolicy.monthlySchedule.retentionDuration.durationType
    properties.retentionPolicy.retentionDuration.count
    properties.retentionPolicy.retentionDuration.durationType
    properties.retentionPolicy.weeklySchedule.retentionDuration.count
    properties.retentionPolicy.weeklySchedule.retentionDuration.durationType
    properties.retentionPolicy.yearlySchedule.retentionDuration.count
    properties.retentionPolicy.yearlySchedule.retentionDuration.durationType
    properties.subProtectionPolicy[].retentionPolicy.monthlySchedule.retentionDuration.count
    properties.subProtectionPolicy[].retentionPolicy.monthlySchedule.retentionDuration.durationType
    properties.subProtectionPolicy[].retentionPolicy.weeklySchedule.retentionDuration.count
    properties.subProtectionPolicy[].retentionPolicy.weeklySchedule.retentionDuration.durationType
    properties.subProtectionPolicy[].retentionPolicy.yearlySchedule.retentionDuration.count
    properties.subProtectionPolicy[].retentionPolicy.yearlySchedule.retentionDuration.durationType
    properties.vaultRetentionPolicy.vaultRetention.retentionDuration.count
    properties.vaultRetentionPolicy.vaultRetention.retentionDuration.durationType""",
    "backup_vaults": "properties.securitySettings.immutabilitySettings.state",
}
