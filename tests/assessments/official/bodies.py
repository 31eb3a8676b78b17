"""Bodies that Microsoft publishes as examples, one list for each collection.

Each body has the properties and the spellings of the example, and lacks what the example lacks. Only the ids were
changed, so that they fit together: all bodies belong to one subscription and one directory, and each child resource
is below a parent that another example lists. Long texts, and properties that are the same for every resource of an
example, were left out.

Besides the bodies (`SUBSCRIPTION` and `DIRECTORY`), a module states, where needed:

- `MAY_BE_ABSENT`: the collections whose document need not exist, so that 404 causes no gap (`absent_is_none`)
- `NOT_REQUESTED`: {collection: why an assessment of all bodies would not request it}

Two more tables are about the definition of a document (`definition` in the declaration of the collection). They list
only properties that controls read:

- `DEFINED`: {collection: properties that the definition has}. For Microsoft Graph, each property is looked up in the
  metadata of three clouds. A property needs no entry in one of these cases:
  - The definition is in an installed library and has the property.
  - The example shows the property and is from the folder `examples` beside the file of the definition, and the
    docstring of the module names this folder.
- `UNDEFINED`: {collection: {property that the definition lacks: why controls read it}}

Each property is stated as a path. In a path, `[]` stands for each item of a list, and `{}` for any key of a dictionary.

Sources: docs/azure-requests.md names a specification or a page for each collection. The examples of Azure Resource
Manager are in the folder `examples` beside the specification in https://github.com/Azure/azure-rest-api-specs. The
example of Microsoft Graph is the response on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc

Bodies = Mapping[str, Any]

PROVIDERS = f"{RG}/providers"
ACCOUNT = f"{PROVIDERS}/Microsoft.Storage/storageAccounts"
MACHINE = f"{PROVIDERS}/Microsoft.Compute/virtualMachines"
ASSIGNMENTS = f"{MACHINE}/myVM/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments"
SERVER = f"{PROVIDERS}/Microsoft.Sql/servers/sqlcrudtest-4645"
OTHER_SERVER = f"{PROVIDERS}/Microsoft.Sql/servers/sqlcrudtest-6661"
DATABASE = f"{SERVER}/databases/testdb"
INSTANCE = f"{PROVIDERS}/Microsoft.Sql/managedInstances/testinstance1"
WATCHER = f"{PROVIDERS}/Microsoft.Network/networkWatchers/nw1"
NSG = f"{PROVIDERS}/Microsoft.Network/networkSecurityGroups"
NIC = f"{PROVIDERS}/Microsoft.Network/networkInterfaces"
VNET = f"{PROVIDERS}/Microsoft.Network/virtualNetworks"
ADDRESS = f"{PROVIDERS}/Microsoft.Network/publicIPAddresses"
BALANCER = f"{PROVIDERS}/Microsoft.Network/loadBalancers/lb1"
WORKSPACE = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/test1"
SECURITY = f"{SUB}/providers/Microsoft.Security"
SITE = f"{PROVIDERS}/Microsoft.Web/sites/sitef6141"
LOGS = f"{ACCOUNT}/appteststorage1"
BLOCKS = f"{ACCOUNT}/sto4445"
WITH_FILES = (LOGS, f"{ACCOUNT}/sto4036", f"{ACCOUNT}/sto4452")
"""The storage accounts that can have file shares."""
ROLES = "providers/Microsoft.Authorization"
OTHER_SUB = "/subscriptions/72ac930a-f34e-42d8-b06d-dc2a9e12ed71"
"""Another subscription of the same directory, with a flow log and an alert rule for the subscription `SUB`."""
OTHER_LOGS = f"{OTHER_SUB}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/wzstorage002"
OTHER_FLOW_LOG = (
    f"{OTHER_SUB}/resourceGroups/rg/providers/Microsoft.Network/networkWatchers/тц1/FlowLogs/flowLog1"
)
OTHER_ALERT_GROUP = (
    f"{OTHER_SUB}/resourceGroups/Default-NotificationRules/providers/microsoft.insights/actionGroups/"
    "SampleActionGroup"
)
BENCHMARK = "1f3afdf9-d0c9-4c3d-847f-89da613e70a8"
BENCHMARK_ASSIGNMENT = f"{SUB}/{ROLES}/policyAssignments/SecurityCenterBuiltIn"


def _pricing(name: str, tier: str, coverage: str, **more: Any) -> dict[str, Any]:
    properties = {
        "pricingTier": tier,
        "freeTrialRemainingTime": "PT0S",
        "enforce": "False",
        "resourcesCoverageStatus": coverage,
        **more,
    }
    return doc(f"{SECURITY}/pricings/{name}", properties, type="Microsoft.Security/pricings")


def _default_rules(group: str) -> list[dict[str, Any]]:
    found = []
    for name, access, direction, source, target, priority in (
        ("AllowVnetInBound", "Allow", "Inbound", "VirtualNetwork", "VirtualNetwork", 65000),
        ("AllowAzureLoadBalancerInBound", "Allow", "Inbound", "AzureLoadBalancer", "*", 65001),
        ("DenyAllInBound", "Deny", "Inbound", "*", "*", 65500),
        ("AllowVnetOutBound", "Allow", "Outbound", "VirtualNetwork", "VirtualNetwork", 65000),
        ("AllowInternetOutBound", "Allow", "Outbound", "*", "Internet", 65001),
        ("DenyAllOutBound", "Deny", "Outbound", "*", "*", 65500),
    ):
        properties = {
            "access": access,
            "destinationAddressPrefix": target,
            "destinationPortRange": "*",
            "direction": direction,
            "priority": priority,
            "protocol": "*",
            "provisioningState": "Succeeded",
            "sourceAddressPrefix": source,
            "sourcePortRange": "*",
        }
        found.append(doc(f"{group}/defaultSecurityRules/{name}", properties))
    return found


def _group(name: str, rules: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    properties = {
        "defaultSecurityRules": _default_rules(f"{NSG}/{name}"),
        "provisioningState": "Succeeded",
        "securityRules": rules,
        **more,
    }
    return doc(f"{NSG}/{name}", properties, location="westus", type="Microsoft.Network/networkSecurityGroups")


_RULE_80 = doc(
    f"{NSG}/testnsg/securityRules/rule1",
    {
        "provisioningState": "Succeeded",
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "80",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "access": "Allow",
        "priority": 130,
        "direction": "Inbound",
    },
)


def flow_log(name: str, account: str, group: str, analytics: Bodies) -> dict[str, Any]:
    properties = {
        "format": {"type": "JSON", "version": 2},
        "enabled": True,
        "enabledFilteringCriteria": "srcIP=158.255.7.8 || dstPort=56891",
        "flowAnalyticsConfiguration": analytics,
        "provisioningState": "Succeeded",
        "recordTypes": "B,E",
        "retentionPolicy": {"days": 0, "enabled": False},
        "storageId": account,
        "targetResourceGuid": "00000000-0000-0000-0000-000000000000",
        "targetResourceId": f"{NSG}/{group}",
    }
    return doc(
        f"{WATCHER}/FlowLogs/{name}",
        properties,
        type="Microsoft.Network/networkWatchers/FlowLogs",
        location="centraluseuap",
    )


def _interface(
    name: str, address: str, network: str, balanced: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    configuration: dict[str, Any] = {
        "provisioningState": "Succeeded",
        "privateIPAddress": "172.20.2.4",
        "privateIPAllocationMethod": "Dynamic",
        "publicIPAddress": {"id": f"{ADDRESS}/{address}"},
        "subnet": {"id": f"{VNET}/{network}/subnets/default"},
        "primary": True,
        "privateIPAddressVersion": "IPv4",
    }
    if balanced:
        configuration["loadBalancerBackendAddressPools"] = [{"id": one} for one in balanced]
    properties = {
        "provisioningState": "Succeeded",
        "ipConfigurations": [doc(f"{NIC}/{name}/ipConfigurations/ipconfig1", configuration)],
        "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
        "enableAcceleratedNetworking": True,
        "enableIPForwarding": False,
        **more,
    }
    return doc(f"{NIC}/{name}", properties, location="eastus", type="Microsoft.Network/networkInterfaces")


def _account(name: str, *endpoints: str, **more: Any) -> dict[str, Any]:
    properties = {
        "creationTime": "2017-05-24T13:24:47.818801Z",
        "primaryEndpoints": {service: f"https://{name}.{service}.core.windows.net/" for service in endpoints},
        "primaryLocation": "eastus",
        "provisioningState": "Succeeded",
        "secondaryLocation": "centraluseuap",
        "statusOfPrimary": "available",
        "statusOfSecondary": "available",
        "supportsHttpsTrafficOnly": False,
        **more,
    }
    return doc(
        f"{ACCOUNT}/{name}",
        properties,
        kind="Storage",
        location="eastus",
        sku={"name": "Standard_GRS", "tier": "Standard"},
        type="Microsoft.Storage/storageAccounts",
    )


def _blob_service(account: str, **more: Any) -> dict[str, Any]:
    properties = {
        "cors": {"corsRules": []},
        "defaultServiceVersion": "2017-07-29",
        "deleteRetentionPolicy": {"enabled": True, "days": 300},
        "isVersioningEnabled": True,
        "changeFeed": {"enabled": True, "retentionInDays": 7},
        **more,
    }
    return doc(
        f"{account}/blobServices/default",
        properties,
        type="Microsoft.Storage/storageAccounts/blobServices",
        sku={"name": "Standard_GRS", "tier": "Standard"},
    )


def _container(name: str, access: str) -> dict[str, Any]:
    properties = {
        "publicAccess": access,
        "leaseStatus": "Unlocked",
        "leaseState": "Available",
        "lastModifiedTime": "2018-03-14T08:20:47Z",
        "hasImmutabilityPolicy": False,
        "hasLegalHold": False,
    }
    return doc(f"{ACCOUNT}/sto4036/blobServices/default/containers/{name}", properties)


# The administrator in Microsoft's examples of requests that expand `administrators`. The name was left out, because
# Surety does not store it.
_ADMINISTRATOR = {
    "principalType": "User",
    "sid": "00000011-1111-2222-2222-123456789111",
    "tenantId": "00000011-1111-2222-2222-123456789111",
    "azureADOnlyAuthentication": True,
}


def _server(identifier: str) -> dict[str, Any]:
    name = identifier.rsplit("/", 1)[-1]
    properties = {
        "fullyQualifiedDomainName": f"{name}.database.windows.net",
        "administratorLogin": "dummylogin",
        "version": "12.0",
        "state": "Ready",
        "workspaceFeature": "Connected",
        "publicNetworkAccess": "Enabled",
        "restrictOutboundNetworkAccess": "Enabled",
        "administrators": _ADMINISTRATOR,
        "privateEndpointConnections": [
            {
                "id": f"{SERVER}/privateEndpointConnections/private-endpoint-name",
                "properties": {
                    "provisioningState": "Ready",
                    "privateLinkServiceConnectionState": {"status": "Approved", "actionsRequired": "None"},
                },
            }
        ],
    }
    return doc(identifier, properties, kind="v12.0", location="japaneast", type="Microsoft.Sql/servers")


def _firewall_rule(name: str, last: int) -> list[dict[str, Any]]:
    return [
        doc(
            f"{SERVER}/firewallRules/firewallrulecrudtest-{name}",
            {"startIpAddress": f"0.0.0.{last}", "endIpAddress": f"0.0.0.{last}"},
        ),
        doc(
            f"{SERVER}/ipv6FirewallRules/firewallrulecrudtest-{name}",
            {
                "startIPv6Address": f"0000:0000:0000:0000:0000:ffff:0000:000{last}",
                "endIPv6Address": f"0000:0000:0000:0000:0000:ffff:0000:000{last}",
            },
        ),
    ]


_FIREWALL = [
    _firewall_rule(name, last) for name, last in (("2304", 0), ("3927", 1), ("5370", 3), ("5767", 2))
]
_NO_AUDIT = {
    "predicateExpression": "object_name = 'SensitiveData'",
    "state": "Disabled",
    "storageEndpoint": "",
    "retentionDays": 0,
    "auditActionsAndGroups": [],
    "storageAccountSubscriptionId": "00000000-0000-0000-0000-000000000000",
    "isStorageSecondaryKeyInUse": False,
    "isAzureMonitorTargetEnabled": False,
    "isManagedIdentityInUse": False,
}


def _status(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "level": "Info", **more}


_VIEW = {
    "computerName": "myVM",
    "osName": "Windows Server 2016 Datacenter",
    "vmAgent": {
        "vmAgentVersion": "2.7.41491.949",
        "statuses": [
            _status("ProvisioningState/succeeded", displayStatus="Ready", time="2019-10-14T23:11:22+00:00")
        ],
        "extensionHandlers": [
            {
                "type": "Microsoft.Azure.Security.IaaSAntimalware",
                "typeHandlerVersion": "1.5.5.9",
                "status": _status("ProvisioningState/succeeded", displayStatus="Ready"),
            }
        ],
    },
    "extensions": [
        {
            "name": "IaaSAntiMalware-ext0",
            "type": "Microsoft.Azure.Security.IaaSAntimalware",
            "typeHandlerVersion": "1.5.5.9",
            "statuses": [_status("ProvisioningState/succeeded", message="Microsoft Antimalware enabled")],
        }
    ],
    "patchStatus": {
        "availablePatchSummary": {
            "status": "Succeeded",
            "assessmentActivityId": "68f8b292-dfc2-4646-9781-33cc88631968",
            "rebootPending": True,
            "criticalAndSecurityPatchCount": 1,
            "otherPatchCount": 2,
            "startTime": "2020-04-24T21:02:04.2556154Z",
            "lastModifiedTime": "2020-04-24T21:02:04.2556154Z",
            "error": None,
        },
        "lastPatchInstallationSummary": {
            "status": "Succeeded",
            "installedPatchCount": 1,
            "failedPatchCount": 1,
            "startTime": "2020-04-24T21:02:04.2556154Z",
            "lastModifiedTime": "2020-04-24T21:02:04.2556154Z",
            "error": None,
        },
    },
    "statuses": [
        _status("ProvisioningState/succeeded", time="2019-10-14T21:30:12.8051917+00:00"),
        _status("PowerState/running", displayStatus="VM running"),
    ],
}


def _machine(**more: Any) -> dict[str, Any]:
    def disk(name: str, **extra: Any) -> dict[str, Any]:
        managed = {
            "storageAccountType": "Premium_LRS",
            "id": f"{PROVIDERS}/Microsoft.Compute/disks/{name}",
        }
        return {"name": name, "caching": "ReadWrite", "managedDisk": managed, "diskSizeGB": 30, **extra}

    properties = {
        "vmId": "0f47b100-583c-48e3-a4c0-aefc2c9bbcc1",
        "hardwareProfile": {"vmSize": "Standard_DS3_v2"},
        "storageProfile": {
            "imageReference": {
                "publisher": "MicrosoftWindowsServer",
                "offer": "WindowsServer",
                "sku": "2016-Datacenter",
                "version": "latest",
            },
            "osDisk": disk("myManagedDisk1", osType="Windows", createOption="FromImage"),
            "dataDisks": [disk("myManagedDisk2", lun=0, createOption="Empty")],
        },
        "osProfile": {
            "computerName": "myVM",
            "adminUsername": "admin",
            "windowsConfiguration": {"provisionVMAgent": True, "enableAutomaticUpdates": False},
            "secrets": [],
        },
        "networkProfile": {"networkInterfaces": [{"id": f"{NIC}/test-nic"}, {"id": f"{NIC}/test-nic2"}]},
        "provisioningState": "Succeeded",
        **more,
    }
    return doc(f"{MACHINE}/myVM", properties, location="West US", type="Microsoft.Compute/virtualMachines")


def _disk(name: str, **more: Any) -> dict[str, Any]:
    properties = {
        "osType": "Windows",
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": 10,
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "timeCreated": "2016-12-28T04:41:36.872242+00:00",
        "provisioningState": "Succeeded",
        **more,
    }
    return doc(
        f"{PROVIDERS}/Microsoft.Compute/disks/{name}",
        properties,
        type="Microsoft.Compute/disks",
        location="westus",
    )


_VAULT = {"id": f"{PROVIDERS}/Microsoft.KeyVault/vaults/myVMVault"}


def all_logs(resource: str, **more: Any) -> dict[str, Any]:
    """A diagnostic setting that sends all logs of a resource to a storage account."""
    identifier = f"{resource}/providers/microsoft.insights/diagnosticSettings/mysetting"
    retention = {"enabled": False, "days": 0}
    logs = [{"categoryGroup": "allLogs", "enabled": True, "retentionPolicy": retention}]
    return doc(identifier, {"storageAccountId": LOGS, "workspaceId": "", "logs": logs}, **more)


ENCRYPTED = {
    "enabled": True,
    "encryptionSettings": [
        {
            "diskEncryptionKey": {
                "sourceVault": _VAULT,
                "secretUrl": "https://myvmvault.vault-int.azure-int.net/secrets/{secret}",
            },
            "keyEncryptionKey": {
                "sourceVault": _VAULT,
                "keyUrl": "https://myvmvault.vault-int.azure-int.net/keys/{key}",
            },
        }
    ],
}


ALERT_GROUP = f"{RG}/providers/microsoft.insights/actionGroups/SampleActionGroup"


def alert(number: int, scope: str, field: str, value: str, group: str = ALERT_GROUP) -> dict[str, Any]:
    properties = {
        "scopes": [scope],
        "condition": {
            "allOf": [
                {"field": "category", "equals": "Administrative"},
                {"field": field, "equals": value},
            ]
        },
        "actions": {"actionGroups": [{"actionGroupId": group, "webhookProperties": {}}]},
        "enabled": True,
        "description": "Description of sample Activity Log Alert rule.",
    }
    identifier = f"{RG}/providers/microsoft.insights/activityLogAlerts/SampleActivityLogAlertRule{number}"
    return doc(
        identifier, properties, type="Microsoft.Insights/ActivityLogAlerts", location="Global", tags={}
    )


MAIL = {
    "name": "John Doe's email",
    "emailAddress": "johndoe@email.com",
    "status": "Enabled",
    "useCommonAlertSchema": True,
}
SMS = {
    "name": "Jane Smith's mobile",
    "countryCode": "1",
    "phoneNumber": "0987654321",
    "status": "Enabled",
}
NO_RECEIVERS: dict[str, Any] = {
    f"{kind}Receivers": []
    for kind in (
        "webhook",
        "itsm",
        "azureAppPush",
        "automationRunbook",
        "voice",
        "logicApp",
        "azureFunction",
        "armRole",
        "eventHub",
    )
}


def _action_group(name: str, enabled: bool, **more: Any) -> dict[str, Any]:
    properties = {
        "groupShortName": "sample",
        "enabled": enabled,
        "emailReceivers": [MAIL],
        "smsReceivers": [SMS],
        **NO_RECEIVERS,
        **more,
    }
    identifier = f"{RG}/providers/microsoft.insights/actionGroups/{name}"
    return doc(identifier, properties, type="Microsoft.Insights/ActionGroups", location="Global", tags={})


def _setting(name: str, enabled: bool, kind: str = "DataExportSettings") -> dict[str, Any]:
    return doc(
        f"{SECURITY}/settings/{name}", {"enabled": enabled}, kind=kind, type="Microsoft.Security/settings"
    )


_ENDPOINT_PROTECTION = "21300918-b2e3-0346-785f-c77ff57d243b"


def _recommendation(scale_set: str, status: Bodies) -> dict[str, Any]:
    resource = f"{PROVIDERS}/Microsoft.Compute/virtualMachineScaleSets/{scale_set}"
    properties = {
        "resourceDetails": {"source": "Azure", "id": resource},
        "displayName": "Install endpoint protection solution on virtual machine scale sets",
        "status": status,
    }
    return doc(
        f"{resource}/providers/Microsoft.Security/assessments/{_ENDPOINT_PROTECTION}",
        properties,
        type="Microsoft.Security/assessments",
    )


def _metadata(name: str, title: str, **more: Any) -> dict[str, Any]:
    properties = {
        "displayName": title,
        "categories": ["Compute"],
        "severity": "Medium",
        "userImpact": "Low",
        "implementationEffort": "Low",
        "threats": ["dataExfiltration", "dataSpillage", "maliciousInsider"],
        "publishDates": {"ga": "06/01/2021", "public": "06/01/2021"},
        "assessmentType": "BuiltIn",
        **more,
    }
    identifier = f"/providers/Microsoft.Security/assessmentMetadata/{name}"
    return doc(identifier, properties, type="Microsoft.Security/assessmentMetadata")


REGISTRY = f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/myRegistry"

_SUBSCRIPTION: Bodies = {
    "defender_pricings": [
        _pricing(
            "VirtualMachines",
            "Standard",
            "PartiallyCovered",
            subPlan="P2",
            enablementTime="2023-03-01T12:42:42.1921106Z",
            extensions=[
                {
                    "name": "AgentlessVmScanning",
                    "isEnabled": "True",
                    "additionalExtensionProperties": {
                        "ExclusionTags": '[{"Key":"TestKey1","Value":"TestValue1"}]'
                    },
                }
            ],
        ),
        _pricing("SqlServers", "Standard", "FullyCovered"),
        _pricing("AppServices", "Free", "NotCovered"),
        _pricing("StorageAccounts", "Standard", "FullyCovered", subPlan="DefenderForStorageV2"),
        _pricing("SqlServerVirtualMachines", "Standard", "FullyCovered"),
        _pricing("KubernetesService", "Free", "NotCovered", deprecated=True, replacedBy=["Containers"]),
        _pricing("OpenSourceRelationalDatabases", "Free", "NotCovered"),
        _pricing("CloudPosture", "Standard", "FullyCovered"),
    ],
    "security_contacts": [
        # The example's id contains `securityContact`, but the path of the request contains `securityContacts`.
        doc(
            f"{SECURITY}/securityContact/default",
            {
                "notificationsByRole": {"state": "On", "roles": ["Owner", "Admin"]},
                "isEnabled": True,
                "emails": "john@contoso.com;Jane@contoso.com",
                "phone": "(214)275-4038",
                "notificationsSources": [
                    {"sourceType": "AttachPath", "minimalRiskLevel": "Critical"},
                    {"sourceType": "Alert", "minimalSeverity": "Medium"},
                ],
            },
            type="Microsoft.Security/securityContact",
        )
    ],
    "security_settings": [
        _setting("MCAS", True),
        _setting("WDATP", False),
        _setting("WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW", False),
        _setting("Sentinel", False, "AlertSyncSettings"),
    ],
    "auto_provisioning": [doc(f"{SECURITY}/autoProvisioningSettings/default", {"autoProvision": "On"})],
    "vulnerability_settings": [
        doc(
            f"{SECURITY}/serverVulnerabilityAssessmentsSettings/azureServersSetting",
            {"selectedProvider": "MdeTvm"},
            kind="AzureServersSetting",
        )
    ],
    "secure_scores": [
        doc(
            f"{SECURITY}/secureScores/ascScore",
            {
                "displayName": "ASC score",
                "score": {"max": 39, "current": 23.53, "percentage": 0.6033},
                "weight": 67,
            },
        )
    ],
    "security_assessments": {
        SUB: [
            _recommendation("vmss1", {"code": "Healthy"}),
            _recommendation(
                "vmss2",
                {
                    "code": "NotApplicable",
                    "cause": "OffByPolicy",
                    "description": "The effective policy for the assessment was evaluated to off",
                },
            ),
        ]
    },
    "security_assessments_metadata": {
        SUB: [
            _metadata(
                _ENDPOINT_PROTECTION,
                "Install endpoint protection solution on virtual machine scale sets",
                plannedDeprecationDate="03/2022",
            ),
            _metadata(
                "bc303248-3d14-44c2-96a0-55f5c326b5fe",
                "Close management ports on your virtual machines",
                preview=True,
                assessmentType="CustomPolicy",
            ),
        ]
    },
    "security_subassessments": {
        SUB: [
            doc(
                f"{REGISTRY}/providers/Microsoft.Security/assessments/{_ENDPOINT_PROTECTION}/subAssessments/8c98f353",
                {
                    "displayName": "'Back Orifice' Backdoor",
                    "id": "1001",
                    "status": {"code": "Unhealthy", "cause": "", "severity": "High"},
                    "timeGenerated": "2019-06-23T12:20:08.7644808Z",
                    "additionalData": {
                        "assessedResourceType": "ContainerRegistryVulnerability",
                        "publishedTime": "2018-01-01T00:00:00.0000000Z",
                    },
                },
                type="Microsoft.Security/assessments/subAssessments",
            )
        ]
    },
    # Microsoft documents the fields in a query, not in an example:
    # https://learn.microsoft.com/azure/defender-for-cloud/transition-grouped-individual-recommendations and
    # https://learn.microsoft.com/azure/defender-for-cloud/release-notes (2026-03-04)
    "software_updates": {
        SUB: [
            doc(
                f"{REGISTRY}/providers/Microsoft.Security/assessments/5d2f0c1e",
                {
                    "displayName": "Update OpenSSL",
                    "status": {"code": "Unhealthy", "firstEvaluationDate": "2026-08-01T10:00:00.0000000Z"},
                    "metadata": {"severity": "High", "recommendationCategory": "SoftwareUpdate"},
                    "resourceDetails": {"Source": "Azure", "ResourceType": ".containerimage"},
                },
                type="Microsoft.Security/assessments",
            )
        ]
    },
    "policy_assignments": [
        # The examples of the first two assignments have no `enforcementMode`, and the second one has no `parameters`.
        doc(
            f"{SUB}/{ROLES}/policyAssignments/CostManagement",
            {
                "displayName": "Storage Cost Management",
                "policyDefinitionId": f"{SUB}/{ROLES}/policyDefinitions/storageSkus",
                "parameters": {"allowedSkus": {"value": "Standard_A1"}},
                "scope": SUB,
                "notScopes": [],
            },
        ),
        doc(
            f"{SUB}/{ROLES}/policyAssignments/TagEnforcement",
            {
                "displayName": "Enforces a tag key and value",
                "policyDefinitionId": f"{SUB}/{ROLES}/policyDefinitions/TagKeyValue",
                "scope": SUB,
                "notScopes": [],
            },
        ),
        # The example assigns another initiative. Here, the assignment refers to the benchmark.
        doc(
            BENCHMARK_ASSIGNMENT,
            {
                "displayName": "Limit the resource location and resource SKU",
                "metadata": {"assignedBy": "Special Someone"},
                "policyDefinitionId": f"/{ROLES}/policySetDefinitions/{BENCHMARK}",
                "notScopes": [],
                "enforcementMode": "Default",
                "scope": SUB,
                "overrides": [
                    {
                        "kind": "policyEffect",
                        "value": "Audit",
                        "selectors": [
                            {
                                "kind": "policyDefinitionReferenceId",
                                "in": ["Limit_Skus", "Limit_Locations"],
                            }
                        ],
                    }
                ],
            },
            type="Microsoft.Authorization/policyAssignments",
        ),
    ],
    "activity_log_settings": {
        SUB: [
            # As in the example, the id has no leading slash and names no provider namespace, and the type is null.
            doc(
                f"{SUB[1:]}/providers/AzureResourceManager/diagnosticSettings/ds4",
                {
                    "storageAccountId": LOGS,
                    "workspaceId": WORKSPACE,
                    "eventHubAuthorizationRuleId": f"{PROVIDERS}/microsoft.eventhub/namespaces/mynamespace/eventhubs/"
                    "myeventhub/authorizationrules/myrule",
                    "logs": [{"categoryGroup": "allLogs", "enabled": True}],
                },
                type=None,
            )
        ]
    },
    "workspaces": [
        {
            **doc(
                WORKSPACE,
                {
                    "customerId": "5b02755b-5bf4-430c-9487-45502a2a7e62",
                    "provisioningState": "Succeeded",
                    "sku": {"name": "Free"},
                    "retentionInDays": 30,
                    "publicNetworkAccessForQuery": "Enabled",
                    "publicNetworkAccessForIngestion": "Enabled",
                },
                location="eastus",
            ),
            # The example spells these segments in lower case.
            "id": WORKSPACE.replace("resourceGroups", "resourcegroups").replace(
                "Microsoft.OperationalInsights", "microsoft.operationalinsights"
            ),
        }
    ],
    "workspace_tables": {
        WORKSPACE: [
            doc(
                f"{WORKSPACE}/tables/{name}",
                {
                    "schema": {"name": name, "tableType": "Microsoft", "columns": None},
                    "provisioningState": "Succeeded",
                    "retentionInDays": days,
                    "totalRetentionInDays": total,
                    "archiveRetentionInDays": total - days,
                    "retentionInDaysAsDefault": False,
                    "totalRetentionInDaysAsDefault": days == total,
                    "plan": "Analytics",
                },
            )
            for name, days, total in (("AzureNetworkFlow", 45, 70), ("SurfaceHubDns", 30, 30))
        ]
    },
    "activity_log_alerts": [
        alert(1, SUB[1:], "level", "Error"),
        alert(2, RG[1:], "status", "Succeeded"),
    ],
    "alert_processing_rules": [
        doc(
            f"{RG}/providers/Microsoft.AlertsManagement/actionRules/RemoveActionGroupsSpecificAlertRule",
            {
                "actions": [{"actionType": "RemoveAllActionGroups"}],
                "conditions": [
                    {
                        "field": "AlertRuleId",
                        "operator": "Equals",
                        "values": [f"{RG}/providers/microsoft.insights/activityLogAlerts/RuleName"],
                    }
                ],
                "enabled": True,
                "scopes": [SUB],
            },
            type="Microsoft.AlertsManagement/actionRules",
        )
    ],
    "action_groups": [
        _action_group(
            "SampleActionGroup",
            True,
            emailReceivers=[
                MAIL,
                {**MAIL, "emailAddress": "janesmith@email.com", "status": "Disabled"},
            ],
        ),
        _action_group("SampleActionGroup2", False),
    ],
    "network_security_groups": [
        _group("nsg1", []),
        _group("nsg3", []),
        # `flowLogs` is from the specification; no example of a security group has it.
        _group(
            "testnsg",
            [_RULE_80],
            networkInterfaces=[{"id": f"{NIC}/test-nic"}],
            flowLogs=[{"id": OTHER_FLOW_LOG}],
        ),
    ],
    "network_watchers": [
        doc(WATCHER, {"provisioningState": "Succeeded"}, location="eastus", tags={}),
        doc(WATCHER.replace("nw1", "nw2"), {"provisioningState": "Succeeded"}, location="westus", tags={}),
    ],
    "flow_logs": {
        WATCHER: [
            flow_log(
                "flowLog1",
                OTHER_LOGS,
                "nsg1",
                {
                    "networkWatcherFlowAnalyticsConfiguration": {
                        "enabled": False,
                        "trafficAnalyticsInterval": 60,
                        "workspaceId": "-",
                        "workspaceRegion": "-",
                    }
                },
            ),
            flow_log("flowLog2", f"{ACCOUNT}/iraflowlogtest2diag", "nsg3", {}),
        ]
    },
    "network_interfaces": [
        _interface(
            "test-nic",
            "test-ip",
            "vnet1",
            networkSecurityGroup={"id": f"{NSG}/testnsg"},
            primary=True,
            virtualMachine={"id": f"{MACHINE}/myVM"},
        ),
        # This network interface has neither a security group nor a virtual machine.
        _interface("test-nic2", "test-ip2", "vnet2", balanced=(f"{BALANCER}/backendAddressPools/be",)),
    ],
    "virtual_networks": {
        SUB: [
            doc(
                f"{VNET}/vnet1",
                {
                    "addressSpace": {"addressPrefixes": ["10.0.0.0/8"]},
                    "dhcpOptions": {"dnsServers": []},
                    "subnets": [
                        doc(f"{VNET}/vnet1/subnets/test-1", {"addressPrefix": "10.0.0.0/24"}),
                    ],
                    "virtualNetworkPeerings": [],
                },
                location="westus",
            ),
            doc(
                f"{VNET}/vnet2",
                {
                    "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                    "dhcpOptions": {"dnsServers": ["8.8.8.8"]},
                    "subnets": [],
                    "virtualNetworkPeerings": [],
                },
                location="westus",
            ),
        ]
    },
    "storage_accounts": [
        _account("sto4036", "blob", "dfs", "file", "queue", "table", "web", isHnsEnabled=True),
        _account("sto4452", "blob", "file", "queue", "table"),
        _account("appteststorage1", "blob", "file", "queue", "table"),
        # In the example of the list, this account has no `allowBlobPublicAccess`. The value is from the example of a
        # request that creates an account.
        doc(
            BLOCKS,
            {
                "allowBlobPublicAccess": False,
                "enableExtendedGroups": True,
                "isHnsEnabled": True,
                "isNfsV3Enabled": True,
                "networkAcls": {
                    "bypass": "AzureServices",
                    "defaultAction": "Allow",
                    "ipRules": [],
                    "virtualNetworkRules": [{"id": f"{VNET}/net123/subnets/subnet12"}],
                },
                "supportsHttpsTrafficOnly": False,
            },
            kind="BlockBlobStorage",
            location="eastus",
            sku={"name": "Premium_LRS", "tier": "Premium"},
            type="Microsoft.Storage/storageAccounts",
        ),
    ],
    # `staticWebsite` is from the specification; no example of the newest api-version has it.
    "blob_services": [
        _blob_service(BLOCKS, staticWebsite={"enabled": True, "indexDocument": "index.html"}),
        *map(_blob_service, WITH_FILES),
    ],
    "blob_containers": [_container("container1644", "Container"), _container("container4052", "None")],
    # The example has no protocol settings: they are absent unless somebody has set them.
    "file_services": [
        doc(
            f"{account}/fileServices/default",
            {"cors": {"corsRules": []}},
            type="Microsoft.Storage/storageAccounts/fileServices",
            sku={"name": "Standard_GRS", "tier": "Standard"},
        )
        for account in WITH_FILES
    ],
    "file_shares": [
        doc(
            f"{ACCOUNT}/sto4036/fileServices/default/shares/{name}",
            {
                "includedBurstIops": 15000,
                "lastModifiedTime": "2024-10-25T01:50:50.0000000Z",
                "provisionedIops": 5000,
                "shareQuota": 100,
            },
        )
        for name in ("share1644", "share4052")
    ],
    "management_policies": [
        doc(
            f"{LOGS}/managementPolicies/default",
            {
                "lastModifiedTime": "2018-06-08T03:01:55.7168089Z",
                "policy": {
                    "rules": [
                        {
                            "name": "olcmtest",
                            "type": "Lifecycle",
                            "definition": {
                                "actions": {
                                    "baseBlob": {
                                        "delete": {"daysAfterModificationGreaterThan": 1000},
                                        "tierToArchive": {"daysAfterModificationGreaterThan": 90},
                                        "tierToCool": {"daysAfterModificationGreaterThan": 30},
                                    },
                                    "snapshot": {"delete": {"daysAfterCreationGreaterThan": 30}},
                                },
                                "filters": {
                                    "blobTypes": ["blockBlob"],
                                    "prefixMatch": ["olcmtestcontainer"],
                                },
                            },
                            "enabled": True,
                        }
                    ]
                },
            },
        )
    ],
    "sql_servers": [_server(SERVER), _server(OTHER_SERVER)],
    "sql_firewall_rules": [rules[0] for rules in _FIREWALL],
    "sql_ipv6_firewall_rules": [rules[1] for rules in _FIREWALL],
    # In the examples of `sql_perimeters` and `storage_perimeters`, the access rule lets in a /8 network.
    "sql_perimeters": [
        doc(
            f"{OTHER_SERVER}/networkSecurityPerimeterConfigurations/00000001-2222-3333-4444-111144444444.assoc1",
            {
                "networkSecurityPerimeter": {
                    "id": f"{PROVIDERS}/Microsoft.Network/networkSecurityPerimeters/perimeter1",
                    "location": "japaneast",
                },
                "profile": {
                    "name": "profile1",
                    "accessRules": [
                        {
                            "name": "rule1",
                            "properties": {
                                "addressPrefixes": ["148.0.0.0/8", "152.4.6.0/24"],
                                "direction": "Inbound",
                            },
                        }
                    ],
                    "accessRulesVersion": "0",
                },
                "provisioningState": "Accepted",
                "resourceAssociation": {"name": "assoc1", "accessMode": "Enforced"},
            },
        )
    ],
    "storage_perimeters": [
        doc(
            f"{ACCOUNT}/sto4036/networkSecurityPerimeterConfigurations/"
            "dbedb4e0-40e6-4145-81f3-f1314c150774.resourceAssociation1",
            {
                "networkSecurityPerimeter": {
                    "id": f"{PROVIDERS}/Microsoft.Network/networkSecurityPerimeters/nsp1",
                    "location": "East US",
                    "perimeterGuid": "ce2d5953-5c15-40ca-9d51-cc3f4a63b0f5",
                },
                "profile": {
                    "name": "profile1",
                    "accessRules": [
                        {
                            "name": "inVpnRule",
                            "properties": {
                                "addressPrefixes": ["148.0.0.0/8", "152.4.6.0/24"],
                                "direction": "Inbound",
                            },
                        }
                    ],
                    "accessRulesVersion": 10,
                    "diagnosticSettingsVersion": 5,
                    "enabledLogCategories": [
                        "NspPublicInboundPerimeterRulesAllowed",
                        "NspPublicInboundPerimeterRulesDenied",
                    ],
                },
                "provisioningState": "Succeeded",
                "resourceAssociation": {"name": "association1", "accessMode": "Enforced"},
            },
        )
    ],
    "sql_virtual_network_rules": [
        doc(
            f"{SERVER}/virtualNetworkRules/vnet-firewall-rule",
            {
                "ignoreMissingVnetServiceEndpoint": False,
                "state": "Ready",
                "virtualNetworkSubnetId": f"{VNET}/testvnet/subnets/testsubnet",
            },
        )
    ],
    "sql_databases": [doc(DATABASE, {"status": "Online"}, kind="v12.0,user")],
    # The second server sends its audit records only to Azure Monitor, as the specification describes.
    "sql_server_auditing": {
        SERVER: [doc(f"{SERVER}/extendedAuditingSettings/default", _NO_AUDIT)],
        OTHER_SERVER: [
            doc(
                f"{OTHER_SERVER}/extendedAuditingSettings/default",
                {**_NO_AUDIT, "state": "Enabled", "isAzureMonitorTargetEnabled": True},
            )
        ],
    },
    # In the example, the setting has the id of the database.
    "sql_database_auditing": {
        DATABASE: [{"id": DATABASE, "name": "default", "kind": "V12", "properties": _NO_AUDIT}]
    },
    "sql_alert_policies": {
        server: [
            {
                "id": f"{server}/securityAlertPolicies/default",
                "name": "Default",
                "properties": {
                    "state": "Enabled",
                    "creationTime": "2020-04-03T04:41:33.937Z",
                    "emailAccountAdmins": True,
                    # The example has one entry with two addresses.
                    "emailAddresses": ["test@consoto.com;user@consoto.com"],
                    "disabledAlerts": ["Access_Anomaly"],
                    "retentionDays": 0,
                    "storageAccountAccessKey": "",
                    "storageEndpoint": "https://mystorage.blob.core.windows.net",
                },
            }
        ]
        for server in (SERVER,)
    },
    "managed_instances": [
        doc(
            INSTANCE,
            {
                "fullyQualifiedDomainName": "testinstance1.1b4e2caff2530.database.windows.net",
                # The example writes the subscription in capitals here.
                "subnetId": f"{VNET}/vnet1/subnets/subnet1".replace(SUB, SUB.upper()),
                "state": "Ready",
                "provisioningState": "Succeeded",
                "vCores": 8,
                "publicDataEndpointEnabled": False,
                "proxyOverride": "Default",
                "minimalTlsVersion": "1.2",
                "administrators": _ADMINISTRATOR,
            },
            location="japaneast",
            sku={"name": "GP_Gen4", "tier": "GeneralPurpose", "capacity": 8, "family": "Gen4"},
        )
    ],
    "managed_instance_atp": [
        doc(
            f"{INSTANCE}/advancedThreatProtectionSettings/Default",
            {"state": "Disabled", "creationTime": "2022-04-03T04:41:33.937Z"},
            type="Microsoft.Sql/managedInstances/advancedThreatProtectionSettings",
        )
    ],
    "managed_instance_audit_settings": {INSTANCE: [all_logs(INSTANCE)]},
    "sql_virtual_machines": [
        doc(
            f"{PROVIDERS}/Microsoft.SqlVirtualMachine/sqlVirtualMachines/testvm",
            {
                "virtualMachineResourceId": f"{MACHINE}/myVM",
                "provisioningState": "Succeeded",
                "sqlServerLicenseType": "PAYG",
                "sqlImageOffer": "SQL2022-WS2022",
                "sqlManagement": "Full",
                "osType": "Windows",
            },
            location="northeurope",
        )
    ],
    "virtual_machines": [_machine()],
    "virtual_machine_statuses": [doc(f"{MACHINE}/myVM", {"instanceView": {"statuses": _VIEW["statuses"]}})],
    "virtual_machine_instance_views": [_machine(instanceView=_VIEW)],
    "virtual_machine_extensions": [
        doc(
            f"{MACHINE}/myVM/extensions/myVMExtension",
            {
                "autoUpgradeMinorVersion": True,
                "provisioningState": "Creating",
                "publisher": "extPublisher",
                "type": "extType",
                "typeHandlerVersion": "1.2",
            },
        )
    ],
    "disks": [
        _disk("myManagedDisk1", encryptionSettingsCollection=ENCRYPTED),
        _disk("myManagedDisk2"),
        _disk("myManagedDisk3", encryptionSettingsCollection=ENCRYPTED),
    ],
    "guest_configuration": {
        SUB: [
            doc(
                f"{ASSIGNMENTS}/{name}",
                {
                    "complianceStatus": "Compliant",
                    "assignmentHash": "content hash",
                    "latestReportId": f"{ASSIGNMENTS}/{name}/reports/7367cbb8-ae99-47d0-a33b-a283564d2cb1",
                    "lastComplianceStatusChecked": "2018-08-29T22:14:13Z",
                    "context": None,
                    "guestConfiguration": {
                        "kind": None,
                        "name": name,
                        "version": "1.0.0.3",
                        "configurationParameter": [],
                        "configurationSetting": None,
                    },
                    "provisioningState": None,
                },
                location="centraluseuap",
            )
            for name in ("AuditSecureProtocol2", "myAssignment")
        ]
    },
    "guest_configuration_reports": [
        doc(
            f"{ASSIGNMENTS}/AuditSecureProtocol/reports/7367cbb8-ae99-47d0-a33b-a283564d2cb1",
            {
                "complianceStatus": "Compliant",
                "assignment": {
                    "name": "AuditSecureProtocol",
                    "configuration": {"name": "AuditSecureProtocol", "version": "1.0.0.0"},
                },
                "reportId": "7367cbb8-ae99-47d0-a33b-a283564d2cb1",
                "vm": {"id": f"{MACHINE}/myVM", "uuid": "vmuuid"},
                "details": {
                    "complianceStatus": "Compliant",
                    "startTime": "2018-08-29T22:13:53Z",
                    "endTime": "2018-08-29T22:14:13Z",
                    "jobId": "7367cbb8-ae99-47d0-a33b-a283564d2cb1",
                    "resources": [
                        {
                            "complianceStatus": "Compliant",
                            "reasons": [
                                {"phrase": "Operation successful.", "code": "DSC::RESOURCE::SUCCESS"}
                            ],
                            "properties": {
                                "ConfigurationName": "IsWebServerSecure",
                                "IsSingleInstance": "Yes",
                            },
                        }
                    ],
                    "operationType": "Consistency",
                },
                "startTime": "2018-08-29T22:13:53Z",
                "endTime": "2018-08-29T22:14:13Z",
            },
        )
    ],
    "resources": [
        {"id": identifier, "name": identifier.rsplit("/", 1)[-1], "type": kind, "location": "eastus"}
        for identifier, kind in (
            (f"{MACHINE}/myVM", "Microsoft.Compute/virtualMachines"),
            (f"{VNET}/vnet1", "Microsoft.Network/virtualNetworks"),
            (
                f"{PROVIDERS}/Microsoft.Network/bastionHosts/bastionhostdeveloper",
                "Microsoft.Network/bastionHosts",
            ),
            (
                f"{PROVIDERS}/Microsoft.Network/applicationGateways/appgw",
                "Microsoft.Network/applicationGateways",
            ),
            (
                f"{PROVIDERS}/Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/Policy1",
                "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
            ),
            (
                f"{PROVIDERS}/Microsoft.Network/virtualNetworkGateways/vpngw",
                "Microsoft.Network/virtualNetworkGateways",
            ),
            (f"{ADDRESS}/test-ip2", "Microsoft.Network/publicIPAddresses"),
            (SERVER, "Microsoft.Sql/servers"),
            (INSTANCE, "Microsoft.Sql/managedInstances"),
            (
                f"{PROVIDERS}/Microsoft.SqlVirtualMachine/sqlVirtualMachines/testvm",
                "Microsoft.SqlVirtualMachine/sqlVirtualMachines",
            ),
            (SITE, "Microsoft.Web/sites"),
            (f"{PROVIDERS}/Microsoft.Devices/IotHubs/FirstIotHub", "Microsoft.Devices/IotHubs"),
            (f"{SITE}/slots/staging", "Microsoft.Web/sites/slots"),
            (f"{PROVIDERS}/Microsoft.Web/serverfarms/testsf6141", "Microsoft.Web/serverfarms"),
        )
    ],
}

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
JOEY, KALYAN, MARKIE = (
    "ace08ec9-aa11-4ada-9145-addf0398233e",
    "6f87972e-2e7e-4b49-9980-eb3888bdcfe1",
    "10fc1cc8-ac36-4186-b99b-0cf814aa2dd5",
)
ALEX, ALLAN, BIANCA = (
    "86462606-fde0-4fc4-9e0c-a20eb73e54c6",
    "c6ad1942-4afa-47f8-8d48-afb5d8d69d2f",
    "c8096958-797c-44fa-8fde-a6fb62567cf0",
)
ROLE_GROUP = "2b5ed229-4072-478d-9504-a047ebd4b07d"
ELIGIBLE_MEMBER, ELIGIBLE_OWNER = (
    "3cce9d87-3986-4f19-8335-7ed075408ca2",
    "56f2d212-e49c-42e3-8298-0188e5bef094",
)
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
WRITER, ELIGIBLE_WRITER = "ce2ce14e-85d7-4629-bdbc-454d0519d987", "a3bb8764-cb92-4276-9d2a-ca1e895e55ea"
CUSTOM_ROLE = "0b5fe924-9a61-425c-96af-cfe6e287ca2d"
DELEGATION = (
    f"{SUB}/providers/Microsoft.ManagedServices/registrationAssignments/484a7d5f-9729-4b87-bc9b-26610985a013"
)


def _registered(identifier: str, name: str, methods: list[str], kind: str = "member") -> dict[str, Any]:
    capable = bool(methods)
    return {
        "id": identifier,
        "userPrincipalName": f"{name}@Contoso.com",
        "userDisplayName": name,
        "isAdmin": False,
        "isSsprRegistered": False,
        "isMfaRegistered": capable,
        "isMfaCapable": capable,
        "isPasswordlessCapable": False,
        "lastUpdatedDateTime": "2023-03-13T19:15:41.6195833Z",
        "methodsRegistered": methods,
        "userPreferredMethodForSecondaryAuthentication": "push" if capable else "",
        "userType": kind,
    }


def _holder(identifier: str, principal: str, kind: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "principalId": principal,
        "resourceScope": "/",
        "directoryScopeId": "/",
        "roleDefinitionId": GLOBAL_ADMINISTRATOR,
        "principal": {
            "@odata.type": "#microsoft.graph.user",
            "id": principal,
            "accountEnabled": True,
            "displayName": "Joey Cruz",
            "imAddresses": [],
            "userType": kind,
        },
    }


def _user(identifier: str, name: str, **more: Any) -> dict[str, Any]:
    """A user with the properties that Surety's request for users selects."""
    return {
        "id": identifier,
        "displayName": name,
        "userPrincipalName": f"{name}@contoso.com",
        "userType": "Member",
        "accountEnabled": True,
        "createdDateTime": "2021-03-13T19:15:41Z",
        "externalUserState": None,
        "externalUserStateChangeDateTime": None,
        "passwordPolicies": None,
        "onPremisesSyncEnabled": None,
        **more,
    }


def _access_policy(name: str, control: str) -> dict[str, Any]:
    return {
        "id": name,
        "displayName": name,
        "createdDateTime": None,
        "modifiedDateTime": None,
        "state": "disabled",
        "sessionControls": None,
        "conditions": {
            "signInRiskLevels": [],
            "clientAppTypes": ["all"],
            "platforms": None,
            "locations": None,
            "applications": {
                "includeApplications": ["None"],
                "excludeApplications": [],
                "includeUserActions": [],
            },
            "users": {
                "includeUsers": ["None"],
                "excludeUsers": [],
                "includeGroups": [],
                "excludeGroups": [],
                "includeRoles": [],
                "excludeRoles": [],
            },
        },
        "grantControls": {
            "operator": "OR",
            "builtInControls": [control],
            "customAuthenticationFactors": [],
            "termsOfUse": [],
        },
    }


DIRECTORY: Bodies = {
    "security_defaults": [
        {
            "id": "00000000-0000-0000-0000-000000000005",
            "displayName": "Security Defaults",
            "isEnabled": True,
        }
    ],
    "conditional_access_policies": [
        _access_policy("SimplePolicy1", "block"),
        _access_policy("SimplePolicy2", "mfa"),
    ],
    # https://learn.microsoft.com/graph/api/conditionalaccessroot-list-namedlocations
    "named_locations": [
        {
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "id": "06e4ff15-ca6b-4843-9c34-3fdd1ce8f739",
            "displayName": "IPv4 named location",
            "isTrusted": False,
            "ipRanges": [
                {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "6.5.4.3/32"},
                {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "127.126.125.0/24"},
            ],
        },
        {
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": "1b7f0916-7677-40d8-97a1-d606f4ed8fcf",
            "displayName": "Country named location",
            "countriesAndRegions": ["US", "CA"],
            "includeUnknownCountriesAndRegions": False,
        },
        # As in the example, the address is not the first one of its /48 network.
        {
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "id": "05239353-9117-4d29-a6a1-89724cb61b8c",
            "displayName": "Trusted IPv6 named location",
            "isTrusted": True,
            "ipRanges": [
                {
                    "@odata.type": "#microsoft.graph.iPv6CidrRange",
                    "cidrAddress": "2001:4898:80e8:7:d92a:7695:fda1:9d62/48",
                }
            ],
        },
    ],
    "authorization_policy": [
        # The example has no `guestUserRoleId`.
        {
            "id": "authorizationPolicy",
            "allowInvitesFrom": "everyone",
            "allowedToSignUpEmailBasedSubscriptions": True,
            "allowedToUseSSPR": True,
            "allowEmailVerifiedUsersToJoinOrganization": True,
            "allowUserConsentForRiskyApps": False,
            "blockMsolPowerShell": None,
            "displayName": "Authorization Policy",
            "defaultUserRolePermissions": {
                "allowedToCreateApps": True,
                "allowedToCreateSecurityGroups": True,
                "allowedToReadOtherUsers": True,
                "permissionGrantPoliciesAssigned": ["just-user-read"],
            },
        }
    ],
    "cross_tenant_access": [
        {
            "isServiceDefault": True,
            "inboundTrust": {
                "isMfaAccepted": False,
                "isCompliantDeviceAccepted": False,
                "isHybridAzureADJoinedDeviceAccepted": False,
            },
        }
    ],
    "cross_tenant_partners": [
        {
            "id": "123f4846-ba00-4fd7-ba43-dac1f8f63013",
            "tenantId": "123f4846-ba00-4fd7-ba43-dac1f8f63013",
            "inboundTrust": None,
            "automaticUserConsentSettings": {"inboundAllowed": None, "outboundAllowed": None},
            "b2bCollaborationInbound": None,
        },
        # The example does not have this partner. The partner's `inboundTrust` is from Microsoft's reference page of
        # `crossTenantAccessPolicyInboundTrust`.
        {
            "id": "3d0f5dec-5d3d-455c-8016-e2af1ae4d31a",
            "tenantId": "3d0f5dec-5d3d-455c-8016-e2af1ae4d31a",
            "inboundTrust": {
                "isMfaAccepted": True,
                "isCompliantDeviceAccepted": True,
                "isHybridAzureADJoinedDeviceAccepted": True,
            },
            "b2bCollaborationInbound": None,
        },
    ],
    "mfa_registrations": [
        _registered(ALEX, "AlexW", ["microsoftAuthenticatorPush", "softwareOneTimePasscode"]),
        _registered(ALLAN, "AllanD", [], "guest"),
        _registered(BIANCA, "BiancaP", ["mobilePhone", "microsoftAuthenticatorPush"]),
    ],
    "users": [
        _user(ALEX, "AlexW"),
        _user(ALLAN, "AllanD", userType="Guest", externalUserState="Accepted"),
        _user(BIANCA, "BiancaP"),
        _user(JOEY, "joeyc"),
        _user(KALYAN, "kalyan_example.com#EXT#", userType="Guest", externalUserState="Accepted"),
        _user(MARKIE, "markie_example.com#EXT#", userType="Guest", externalUserState="PendingAcceptance"),
        *(
            _user(identifier, f"user{number}")
            for number, identifier in enumerate((WRITER, ELIGIBLE_WRITER, ELIGIBLE_MEMBER, ELIGIBLE_OWNER))
        ),
        # The account of a room mailbox. `userType` is null for some old accounts.
        _user("6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0", "Adams", userType=None, accountEnabled=False),
    ],
    # `signInActivity` is absent for a guest who never signed in.
    "guest_sign_ins": [{"id": identifier, "userType": "Guest"} for identifier in (ALLAN, KALYAN, MARKIE)],
    "directory_role_assignments": [
        _holder("1", JOEY, "Member"),
        _holder("2", KALYAN, "Guest"),
        _holder("3", MARKIE, "Guest"),
    ],
    "directory_role_eligibilities": [
        {
            "id": "8MYkhImhnkm70CbBdTyW1BbHHAdHgZdDpbqyEFlRzAs-1-e",
            "principalId": ALEX,
            # Surety's request expands the principal. The request of the example does not, so the principal was added.
            "principal": {"@odata.type": "#microsoft.graph.user", "id": ALEX},
            "roleDefinitionId": "8424c6f0-a189-499e-bbd0-26c1753c96d4",
            "directoryScopeId": "/",
            "appScopeId": None,
            "startDateTime": "2022-04-12T14:44:50.287Z",
            "endDateTime": "2024-04-10T00:00:00Z",
            "memberType": "Direct",
            "roleEligibilityScheduleId": "77f71919-62f3-4d0c-9f88-0a0391b665cd",
        }
    ],
    "domains": [
        {
            "id": "contoso.com",
            "authenticationType": "Federated",
            "availabilityStatus": None,
            "isAdminManaged": True,
            "isDefault": True,
            "isInitial": True,
            "isRoot": True,
            "isVerified": True,
            "supportedServices": ["Email", "OfficeCommunicationsOnline"],
        }
    ],
    "domain_federation": {
        "contoso.com": [
            {
                "@odata.type": "#microsoft.graph.internalDomainFederation",
                "id": "6601d14b-d113-8f64-fda2-9b5ddda18ecc",
                "displayName": "Contoso",
                "issuerUri": "http://contoso.com/adfs/services/trust",
                "signingCertificate": "MIIE3jCCAsagAwIBAgIQQcyDaZz3MI",
                "preferredAuthenticationProtocol": "wsFed",
                "isSignedAuthenticationRequestRequired": True,
                "federatedIdpMfaBehavior": "rejectMfaByFederatedIdp",
            }
        ]
    },
    "group_settings": [
        {
            "id": "f0b2d6f5-097d-4177-91af-a24e530b53cc",
            "displayName": "Group.Unified",
            "templateId": "62375ab9-6b52-47ed-826b-58e47e0e304b",
            "values": [
                {"name": "EnableMIPLabels", "value": "true"},
                {"name": "AllowToAddGuests", "value": "true"},
                {"name": "EnableGroupCreation", "value": "true"},
            ],
        }
    ],
    "role_definitions": {
        SUB: [
            doc(
                f"{SUB}/{ROLES}/roleDefinitions/{CUSTOM_ROLE}",
                {
                    "roleName": "Role name",
                    "type": "CustomRole",
                    "assignableScopes": [SUB],
                    "permissions": [
                        {
                            "actions": ["Microsoft.Compute/virtualMachines/write"],
                            "notActions": [],
                            "dataActions": [],
                            "notDataActions": [],
                        }
                    ],
                },
                type="Microsoft.Authorization/roleDefinitions",
            ),
            *(
                doc(
                    f"{SUB}/{ROLES}/roleDefinitions/{identifier}",
                    {
                        "roleName": name,
                        "type": "BuiltInRole",
                        "assignableScopes": ["/"],
                        "permissions": [
                            {
                                "actions": actions,
                                "notActions": refused,
                                "dataActions": [],
                                "notDataActions": [],
                            }
                        ],
                    },
                    type="Microsoft.Authorization/roleDefinitions",
                )
                for identifier, name, actions, refused in (
                    (CONTRIBUTOR, "Contributor", ["*"], ["Microsoft.Authorization/*/Write"]),
                    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ["*/read"], []),
                    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ["*"], []),
                    (
                        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
                        "User Access Administrator",
                        ["*/read", "Microsoft.Authorization/*"],
                        [],
                    ),
                )
            ),
        ]
    },
    "role_assignments": {
        SUB: [
            # In the example, the id of the role definition does not begin with the subscription.
            doc(
                f"{SUB}/{ROLES}/roleAssignments/b0f43c54-e787-4862-89b1-a653fa9cf747",
                {
                    "roleDefinitionId": f"/{ROLES}/roleDefinitions/{CUSTOM_ROLE}",
                    "principalId": WRITER,
                    "principalType": "User",
                    "scope": SUB,
                },
            ),
            doc(
                f"{SUB}/{ROLES}/roleAssignments/group",
                {
                    "roleDefinitionId": f"{SUB}/{ROLES}/roleDefinitions/{CONTRIBUTOR}",
                    "principalId": ROLE_GROUP,
                    "principalType": "Group",
                    "scope": SUB,
                },
            ),
        ]
    },
    "role_eligibilities": {
        SUB: [
            doc(
                f"{SUB}/{ROLES}/RoleEligibilityScheduleInstances/21e4b59a-0499-4fe0-a3c3-43a3055b773a",
                {
                    "scope": SUB,
                    "roleDefinitionId": f"{SUB}/{ROLES}/roleDefinitions/{CONTRIBUTOR}",
                    "principalId": ELIGIBLE_WRITER,
                    "principalType": "User",
                    "status": "Provisioned",
                    "startDateTime": "2020-09-10T00:32:36.86Z",
                    "endDateTime": "2021-09-10T00:31:41.477Z",
                    "memberType": "Direct",
                    "createdOn": "2020-09-10T00:32:36.86Z",
                    "condition": "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:ContainerName]"
                    " StringEqualsIgnoreCase 'foo_storage_container'",
                    "conditionVersion": "1.0",
                    # As in the example, this is another role than that of `roleDefinitionId`.
                    "expandedProperties": {
                        "roleDefinition": {
                            "id": f"{SUB}/{ROLES}/roleDefinitions/c8d4ff99-41c3-41a8-9f60-21dfdad59608",
                            "displayName": "Contributor",
                            "type": "BuiltInRole",
                        },
                        "principal": {
                            "id": ELIGIBLE_WRITER,
                            "displayName": "User Account",
                            "email": "user@my-tenant.com",
                            "type": "User",
                        },
                    },
                },
                type="Microsoft.Authorization/RoleEligibilityScheduleInstances",
            )
        ]
    },
    "registration_assignments": {
        SUB: [
            doc(
                DELEGATION,
                {
                    "registrationDefinitionId": DELEGATION.replace("Assignments", "Definitions"),
                    "provisioningState": "Succeeded",
                    "registrationDefinition": {
                        "properties": {
                            "registrationDefinitionName": "DefinitionName",
                            "authorizations": [
                                {
                                    "principalId": "f98d86a2-4cc4-4e9d-ad47-b3e80a1bcdfc",
                                    "principalIdDisplayName": "Support User",
                                    "roleDefinitionId": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
                                },
                                {
                                    "principalId": "f98d86a2-4cc4-4e9d-ad47-b3e80a1bcdfc",
                                    "principalIdDisplayName": "User Access Administrator",
                                    "roleDefinitionId": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
                                    "delegatedRoleDefinitionIds": [CONTRIBUTOR],
                                },
                            ],
                            # The example has no `principalIdDisplayName` here.
                            "eligibleAuthorizations": [
                                {
                                    "principalId": "700bddf4-2c3b-4cd1-bb02-6a2c622524f4",
                                    "roleDefinitionId": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
                                    "justInTimeAccessPolicy": {
                                        "multiFactorAuthProvider": "Azure",
                                        "maximumActivationDuration": "PT8H",
                                    },
                                }
                            ],
                            "provisioningState": "Succeeded",
                            "managedByTenantId": "83abe5cd-bcc3-441a-bd86-e6a75360cecc",
                            "managedByTenantName": "Contoso Corp.",
                        },
                        "id": DELEGATION.replace("Assignments", "Definitions"),
                    },
                },
            )
        ]
    },
    "group_members": {
        ROLE_GROUP: [
            # Graph returns no further properties if the application may not read users.
            {"@odata.type": "#microsoft.graph.user", "id": ALEX, "mail": "group1@contoso.com"}
        ]
    },
    "group_eligibilities": {
        ROLE_GROUP: [
            {
                "id": f"{ROLE_GROUP}_{access}_326a4063-93c5-4998-9537-969b8cd50297",
                "startDateTime": "2023-08-18T00:33:48.8Z",
                "endDateTime": None,
                "accessId": access,
                "principalId": principal,
                "groupId": ROLE_GROUP,
                "memberType": "Direct",
            }
            for access, principal in (("member", ELIGIBLE_MEMBER), ("owner", ELIGIBLE_OWNER))
        ]
    },
}
"""The answers of one directory, and the role assignments of its subscription."""

_OF_BOTH = ("role_definitions", "role_assignments", "role_eligibilities")
# From the example LoadBalancerListAll.json.
BALANCER_BODY = doc(
    BALANCER,
    {
        "provisioningState": "Succeeded",
        "frontendIPConfigurations": [],
        "backendAddressPools": [],
        "loadBalancingRules": [],
        "probes": [],
        "inboundNatRules": [],
        "outboundRules": [],
        "inboundNatPools": [],
    },
    location="eastus",
    sku={"name": "Basic", "tier": "Regional"},
    type="Microsoft.Network/loadBalancers",
)

SUBSCRIPTION: Bodies = {**_SUBSCRIPTION, **{name: DIRECTORY[name] for name in _OF_BOTH}}
"""The answers of one subscription."""

ABSENT = (("sql_alert_policies", OTHER_SERVER),)
"""Settings, by collection and scope, for which Azure answers 404."""

MAY_BE_ABSENT = {
    "cross_tenant_access",
    "cross_tenant_partners",
    "domain_federation",
    "guest_configuration_reports",
    "management_policies",
    "workspaces",
}

NOT_REQUESTED = {
    "guest_configuration_reports": "the machine meets its assignments, none of which is about the firewall",
}

LOG_SETTINGS = """
    properties.eventHubAuthorizationRuleId properties.logs[].category properties.logs[].categoryGroup
    properties.logs[].enabled properties.marketplacePartnerId properties.storageAccountId
    properties.workspaceId"""
"""The properties of diagnostic settings that controls read."""
DEFINED = {
    "registration_assignments": """
    properties.registrationDefinition.properties.authorizations[].delegatedRoleDefinitionIds
    properties.registrationDefinition.properties.authorizations[].principalId
    properties.registrationDefinition.properties.authorizations[].roleDefinitionId
    properties.registrationDefinition.properties.eligibleAuthorizations[].principalId
    properties.registrationDefinition.properties.eligibleAuthorizations[].roleDefinitionId
    properties.registrationDefinition.properties.managedByTenantId""",
    "security_contacts": """
    properties.emails properties.isEnabled properties.notificationsByRole.roles
    properties.notificationsByRole.state properties.notificationsSources[].minimalRiskLevel
    properties.notificationsSources[].minimalSeverity properties.notificationsSources[].sourceType
    properties.phone""",
    "security_defaults": "id isEnabled",
    "conditional_access_policies": """
    conditions.applications.applicationFilter.mode conditions.applications.excludeApplications
    conditions.applications.includeApplications conditions.applications.includeUserActions
    conditions.authenticationFlows.transferMethods conditions.clientAppTypes
    conditions.devices.deviceFilter conditions.insiderRiskLevels conditions.locations.excludeLocations
    conditions.locations.includeLocations conditions.platforms.excludePlatforms
    conditions.platforms.includePlatforms conditions.servicePrincipalRiskLevels
    conditions.signInRiskLevels conditions.userRiskLevels conditions.users.excludeGroups
    conditions.users.excludeGuestsOrExternalUsers.guestOrExternalUserTypes conditions.users.excludeRoles
    conditions.users.excludeUsers conditions.users.includeGroups
    conditions.users.includeGuestsOrExternalUsers.externalTenants.membershipKind
    conditions.users.includeGuestsOrExternalUsers.guestOrExternalUserTypes conditions.users.includeRoles
    conditions.users.includeUsers displayName grantControls.authenticationStrength.requirementsSatisfied
    grantControls.builtInControls grantControls.customAuthenticationFactors grantControls.operator
    grantControls.termsOfUse id state""",
    "named_locations": """
    countriesAndRegions id includeUnknownCountriesAndRegions ipRanges[].cidrAddress isTrusted""",
    "authorization_policy": """
    allowInvitesFrom allowUserConsentForRiskyApps defaultUserRolePermissions.allowedToCreateApps
    defaultUserRolePermissions.allowedToCreateSecurityGroups
    defaultUserRolePermissions.allowedToCreateTenants
    defaultUserRolePermissions.permissionGrantPoliciesAssigned guestUserRoleId id""",
    "cross_tenant_access": "id inboundTrust.isMfaAccepted",
    "cross_tenant_partners": "inboundTrust.isMfaAccepted tenantId",
    "mfa_registrations": """
    id isAdmin isMfaCapable isMfaRegistered isPasswordlessCapable isSsprRegistered lastUpdatedDateTime
    methodsRegistered userDisplayName userPreferredMethodForSecondaryAuthentication userPrincipalName
    userType""",
    "users": """
    accountEnabled assignedLicenses createdDateTime displayName externalUserState
    externalUserStateChangeDateTime id identityParentId onPremisesSyncEnabled passwordPolicies
    userPrincipalName userType""",
    "guest_sign_ins": "id signInActivity.lastSuccessfulSignInDateTime",
    "directory_role_assignments": """
    directoryScopeId id principal.displayName principal.id principal.userPrincipalName principalId
    roleDefinitionId""",
    "directory_role_eligibilities": """
    directoryScopeId id principal.displayName principal.id principal.userPrincipalName principalId
    roleDefinitionId""",
    "group_eligibilities": "groupId id principalId",
    "group_members": "displayName id userPrincipalName",
    "domains": "authenticationType id isVerified",
    "domain_federation": "federatedIdpMfaBehavior id signingCertificate",
    "group_settings": "id templateId values[].name values[].value",
    "activity_log_settings": LOG_SETTINGS,
    "workspaces": "properties.retentionInDays",
    "workspace_tables": "properties.totalRetentionInDays",
    "alert_processing_rules": """
    properties.actions[].actionGroupIds properties.actions[].actionType properties.conditions[].field
    properties.conditions[].operator properties.conditions[].values properties.enabled
    properties.schedule.effectiveFrom properties.schedule.effectiveUntil properties.schedule.recurrences
    properties.scopes""",
    "resources": "location sku.name sku.tier tags.{}",
    "policy_assignments": """
    properties.enforcementMode properties.notScopes properties.overrides[].kind
    properties.overrides[].value properties.parameters.{}.value properties.policyDefinitionId
    properties.resourceSelectors properties.scope""",
    "managed_instance_audit_settings": LOG_SETTINGS,
    "sql_virtual_machines": "properties.virtualMachineResourceId",
    "guest_configuration": """
    properties.complianceStatus properties.guestConfiguration.configurationParameter[].name
    properties.guestConfiguration.configurationParameter[].value properties.lastComplianceStatusChecked
    properties.latestAssignmentReport.resources[].complianceStatus
    properties.latestAssignmentReport.resources[].reasons[].phrase properties.latestReportId""",
    "guest_configuration_reports": """
    properties.details.resources[].complianceStatus properties.details.resources[].reasons[].phrase""",
}

UNDEFINED = {
    "security_contacts": {
        "properties.alertNotifications.minimalSeverity": "Only in 2020-01-01-preview, the oldest acceptable version",
        "properties.alertNotifications.state": "Only in 2020-01-01-preview, the oldest acceptable version",
    },
    "software_updates": {
        "properties.metadata.recommendationCategory": (
            "Newer than this version; Microsoft's page on single recommendations names it"
        ),
        "properties.resourceDetails.ResourceType": (
            "Resource Graph spells it so; Microsoft's queries for single recommendations read it"
        ),
        "properties.resourceDetails.Source": (
            "Resource Graph spells it so; Microsoft's queries for single recommendations read it"
        ),
    },
    "cross_tenant_partners": {
        "id": "Added by Surety from tenantId",
    },
    "virtual_machine_extensions": {
        "properties.settings.Exclusions.Paths": (
            "`settings` is any object; Microsoft Antimalware's page documents the setting"
        ),
        "properties.settings.RealtimeProtectionEnabled": (
            "`settings` is any object; Microsoft Antimalware's page documents the setting"
        ),
    },
}
