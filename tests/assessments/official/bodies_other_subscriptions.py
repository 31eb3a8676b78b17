"""Bodies of other subscriptions and management groups, to which the bodies of the subscription refer.

The module `bodies` names the sources, and describes how the bodies were changed. If Surety requests a single document,
the body is the example of that request, and not an element of a list.
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, SUB, TENANT, doc
from tests.assessments.official.bodies import (
    BALANCER,
    BALANCER_BODY,
    LOG_SETTINGS,
    MACHINE,
    MAIL,
    NO_RECEIVERS,
    OTHER_ALERT_GROUP,
    OTHER_FLOW_LOG,
    OTHER_LOGS,
    OTHER_SUB,
    SMS,
    WATCHER,
    Bodies,
    alert,
    flow_log,
)

MANAGEMENT_GROUP = "testChildMG7"
_POLICIES = {
    "locationPlacementId": "Internal_2014-09-01",
    "quotaId": "Internal_2014-09-01",
    "spendingLimit": "Off",
}
_MANAGING = [{"tenantId": "8f70baf1-1f6e-46a2-a1ff-238dac1ebfb7"}]


def _subscription(identifier: str, name: str, managing: list[dict[str, str]]) -> dict[str, object]:
    return {
        "id": identifier,
        "subscriptionId": identifier.rpartition("/")[2],
        "tenantId": TENANT,
        "displayName": name,
        "state": "Enabled",
        "subscriptionPolicies": _POLICIES,
        "authorizationSource": "RoleBased",
        "managedByTenants": managing,
        "tags": {"tagKey1": "tagValue1", "tagKey2": "tagValue2"},
    }


def _in_other(identifier: str) -> str:
    return identifier.replace(SUB, OTHER_SUB)


_SUBSCRIPTIONS = [
    _subscription(SUB, "Example Subscription", _MANAGING),
    _subscription(
        OTHER_SUB,
        "Example Subscription2",
        [*_MANAGING, {"tenantId": "f7fb6af2-321d-47c8-9c0f-b0239eaad39a"}],
    ),
]
_VAULTS = "Microsoft.RecoveryServices/vaults"
_OTHER_VAULT = f"{_in_other(RG)}/providers/{_VAULTS}/PySDKBackupTestRsVault"
_OTHER_POLICY = f"{_OTHER_VAULT}/backupPolicies/testPolicy1"

SUBSCRIPTION: Bodies = {
    "visible_subscriptions": {"/subscriptions": _SUBSCRIPTIONS},
    "backup_subscriptions": {"/subscriptions": _SUBSCRIPTIONS},
    "recovery_vaults_elsewhere": {
        OTHER_SUB: [
            doc(
                _OTHER_VAULT,
                {"provisioningState": "Succeeded"},
                location="westus",
                type=_VAULTS,
                sku={"name": "Standard"},
            )
        ]
    },
    "backup_items_elsewhere": {
        _OTHER_VAULT: [
            doc(
                f"{_OTHER_VAULT}/backupFabrics/Azure/protectionContainers"
                "/IaasVMContainer;iaasvmcontainerv2;iaasvm-rg;iaasvm-1/protectedItems"
                "/VM;iaasvmcontainerv2;iaasvm-rg;iaasvm-1",
                {
                    "friendlyName": "iaasvm-1",
                    "virtualMachineId": f"{MACHINE}/myVM",
                    "protectionStatus": "Healthy",
                    "protectionState": "Protected",
                    "healthStatus": "Passed",
                    "lastBackupStatus": "Completed",
                    "lastBackupTime": "2018-01-22T12:25:32.048723Z",
                    "protectedItemDataId": "636482643132986882",
                    "protectedItemType": "Microsoft.Compute/virtualMachines",
                    "backupManagementType": "AzureIaasVM",
                    "workloadType": "VM",
                    "containerName": "iaasvmcontainerv2;iaasvm-rg;iaasvm-1",
                    "sourceResourceId": f"{MACHINE}/myVM",
                    "policyId": _OTHER_POLICY,
                    "lastRecoveryPoint": "2017-11-22T12:25:32.048723Z",
                },
                type=f"{_VAULTS}/backupFabrics/protectionContainers/protectedItems",
            )
        ]
    },
    "backup_policies_elsewhere": {
        _OTHER_POLICY: [
            doc(
                _OTHER_POLICY,
                {
                    "backupManagementType": "AzureIaasVM",
                    "schedulePolicy": {
                        "schedulePolicyType": "SimpleSchedulePolicy",
                        "scheduleRunFrequency": "Daily",
                        "scheduleRunTimes": ["2018-01-24T02:00:00Z"],
                        "scheduleWeeklyFrequency": 0,
                    },
                    "retentionPolicy": {
                        "retentionPolicyType": "LongTermRetentionPolicy",
                        "dailySchedule": {
                            "retentionTimes": ["2018-01-24T02:00:00Z"],
                            "retentionDuration": {"count": 1, "durationType": "Days"},
                        },
                    },
                    "timeZone": "Pacific Standard Time",
                    "protectedItemsCount": 0,
                },
                type=f"{_VAULTS}/backupPolicies",
            )
        ]
    },
    "alerts_elsewhere": {
        OTHER_SUB: [
            {
                **alert(1, SUB[1:], "level", "Error", OTHER_ALERT_GROUP),
                "id": f"{OTHER_SUB}/resourceGroups/MyResourceGroup1/providers/microsoft.insights/activityLogAlerts/"
                "SampleActivityLogAlertRule1",
            }
        ]
    },
    "foreign_action_groups": [
        doc(
            OTHER_ALERT_GROUP,
            {
                "groupShortName": "sample",
                "enabled": True,
                "emailReceivers": [
                    MAIL,
                    {**MAIL, "emailAddress": "janesmith@email.com", "status": "Disabled"},
                ],
                "smsReceivers": [{**SMS, "name": "John Doe's mobile", "status": "Disabled"}, SMS],
                **NO_RECEIVERS,
                "webhookReceivers": [
                    {
                        "name": "Sample webhook",
                        "serviceUri": "http://www.example.com/webhook",
                        "useCommonAlertSchema": False,
                    }
                ],
            },
            type="Microsoft.Insights/ActionGroups",
            location="Global",
            tags={},
        )
    ],
    # The load balancer of `bodies`, with an id in another subscription.
    "foreign_load_balancers": [{**BALANCER_BODY, "id": _in_other(BALANCER)}],
    # In Microsoft's example, the name of the network watcher in the id has two Cyrillic letters.
    "foreign_flow_logs": {
        OTHER_FLOW_LOG: [
            {
                **flow_log("flowLog1", OTHER_LOGS, "testnsg", {}),
                "id": _in_other(WATCHER).replace("nw1", "тц1") + "/FlowLogs/flowLog1",
                "identity": {"type": "UserAssigned", "userAssignedIdentities": {}},
            }
        ]
    },
    "foreign_log_accounts": [
        doc(
            OTHER_LOGS,
            {
                "keyCreationTime": {
                    "key1": "2021-03-18T04:42:22.4322836Z",
                    "key2": "2021-03-18T04:42:22.4322836Z",
                },
                "isHnsEnabled": True,
                "creationTime": "2017-06-01T02:42:41.7633306Z",
                "networkAcls": {
                    "bypass": "AzureServices",
                    "defaultAction": "Allow",
                    "ipRules": [],
                    "virtualNetworkRules": [],
                    "resourceAccessRules": [],
                },
                "encryption": {
                    "services": {
                        service: {
                            "keyType": "Account",
                            "enabled": True,
                            "lastEnabledTime": "2019-12-11T20:49:31.7036140Z",
                        }
                        for service in ("file", "blob")
                    },
                    "keySource": "Microsoft.Storage",
                },
                "supportsHttpsTrafficOnly": False,
                "provisioningState": "Succeeded",
            },
            kind="Storage",
            location="eastus2(stage)",
            sku={"name": "Standard_GRS", "tier": "Standard"},
            type="Microsoft.Storage/storageAccounts",
        )
    ],
    # Microsoft publishes no example of this answer. The row has the columns of Surety's query. `name` and `displayName`
    # are properties of `managementGroupAncestorsChain` in
    # https://learn.microsoft.com/azure/governance/management-groups/resource-graph-samples.
    "management_groups": {
        SUB: [
            doc(
                f"{SUB}/providers/Microsoft.Management/managementGroups/{MANAGEMENT_GROUP}",
                {"displayName": "testChildMG7"},
                type="Microsoft.Management/managementGroups",
            )
        ]
    },
    "policy_management_groups": {
        SUB: [
            doc(
                f"{SUB}/providers/Microsoft.Management/managementGroups/{MANAGEMENT_GROUP}",
                {"displayName": "testChildMG7"},
                type="Microsoft.Management/managementGroups",
            )
        ]
    },
    # As in the example, the id has no leading slash.
    "management_group_log_settings": {
        MANAGEMENT_GROUP: [
            doc(
                f"providers/Microsoft.Management/managementGroups/{MANAGEMENT_GROUP}/providers/microsoft.insights/"
                "diagnosticSettings/setting1",
                {
                    "storageAccountId": OTHER_LOGS,
                    "workspaceId": f"{OTHER_SUB}/resourceGroups/mgTest/providers/Microsoft.OperationalInsights/"
                    "workspaces/mgTestWorkspace",
                    "eventHubAuthorizationRuleId": f"{OTHER_SUB}/resourceGroups/montest/providers/"
                    "microsoft.eventhub/namespaces/mynamespace/eventhubs/myeventhub/authorizationrules/myrule",
                    "logs": [{"categoryGroup": "allLogs", "enabled": True}],
                },
                type="Microsoft.Insights/diagnosticSettings",
            )
        ]
    },
}
"""Answers about resources outside of the subscription, to which Azure's answers about the subscription refer."""

MAY_BE_ABSENT = {
    "foreign_action_groups",
    "foreign_flow_logs",
    "foreign_load_balancers",
    "foreign_log_accounts",
}

NOT_REQUESTED = {
    "foreign_load_balancers": "no interface is behind a load balancer of another subscription",
    "management_groups": "the subscription exports its activity log itself",
    "policy_management_groups": "no assignment excludes a management group",
}

DEFINED = {
    "recovery_vaults_elsewhere": "location",
    "backup_items_elsewhere": """
    properties.backupManagementType properties.isScheduledForDeferredDelete properties.lastRecoveryPoint
    properties.policyId properties.protectionState properties.sourceResourceId
    properties.virtualMachineId""",
    "backup_policies_elsewhere": """
    properties.retentionPolicy.dailySchedule.retentionDuration.count
    properties.retentionPolicy.dailySchedule.retentionDuration.durationType
    properties.retentionPolicy.monthlySchedule.retentionDuration.count
    properties.retentionPolicy.monthlySchedule.retentionDuration.durationType
    properties.retentionPolicy.retentionDuration.count
    properties.retentionPolicy.retentionDuration.durationType
    properties.retentionPolicy.retentionPolicyType
    properties.retentionPolicy.weeklySchedule.retentionDuration.count
    properties.retentionPolicy.weeklySchedule.retentionDuration.durationType
    properties.retentionPolicy.yearlySchedule.retentionDuration.count
    properties.retentionPolicy.yearlySchedule.retentionDuration.durationType""",
    "management_group_log_settings": LOG_SETTINGS,
}
