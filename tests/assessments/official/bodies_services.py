"""Examples of Defender's services, perimeters, and settings of a directory. `bodies` describes how the examples were
changed.

Sources in https://github.com/Azure/azure-rest-api-specs:

- specification/security/resource-manager/Microsoft.Security, two files:
  stable/2019-08-01/examples/IoTSecuritySolutions/GetIoTSecuritySolutionsList.json (one of its solutions, without
  recommendations)
  preview/2023-12-01-preview/examples/Automations/GetAutomationsResourceGroup_example.json
- specification/riskiq/resource-manager/Microsoft.Easm/preview/2023-04-01-preview/examples/
  Workspaces_ListBySubscription.json
- specification/network/resource-manager/Microsoft.Network/stable/2024-07-01/examples/NspAssociationList.json (and the
  perimeter that it names)
- specification/subscription/resource-manager/Microsoft.Subscription/stable/2021-10-01/examples/getTenantPolicy.json
- specification/azureactivedirectory/resource-manager/Microsoft.Aadiam/stable/2017-04-01/examples/
  listDiagnosticSettings.json, also for Microsoft Intune, which has no example

Source in the Graph reference: application-get.md. The diagnostic settings of resources are those of `bodies_keyvault`.
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc
from tests.assessments.official.bodies import ACCOUNT, ALEX, LOG_SETTINGS, LOGS, PROVIDERS, SITE, Bodies

HUB = f"{PROVIDERS}/Microsoft.Devices/IotHubs/FirstIotHub"
CLUSTER = f"{RG}/providers/Microsoft.ContainerService/managedClusters/clustername1"
_BLOBS = f"{ACCOUNT}/sto4445/blobServices/default"
PERIMETER = f"{PROVIDERS}/Microsoft.Network/networkSecurityPerimeters/nsp1"


def _logged(resource: str, category: str) -> dict[str, Any]:
    return doc(
        f"{resource}/providers/Microsoft.Insights/diagnosticSettings/mysetting",
        {
            "storageAccountId": LOGS,
            "workspaceId": "",
            "eventHubAuthorizationRuleId": "",
            "logs": [
                {"category": category, "enabled": True, "retentionPolicy": {"enabled": False, "days": 0}}
            ],
        },
    )


def _associated(name: str, mode: str) -> dict[str, Any]:
    return doc(
        f"{PERIMETER}/resourceAssociations/{name}",
        {
            "provisioningState": "Succeeded",
            "privateLinkResource": {"id": f"{PROVIDERS}/Microsoft.Sql/servers/{name}"},
            "profile": {"id": f"{PERIMETER}/profiles/profile1"},
            "accessMode": mode,
            "hasProvisioningIssues": "no",
        },
        type="Microsoft.Network/networkSecurityPerimeters/resourceAssociations",
    )


SUBSCRIPTION: Bodies = {
    "iot_solutions": {
        SUB: [
            doc(
                f"{RG}/providers/Microsoft.Security/IoTSecuritySolutions/Locations/eastus/default",
                {
                    "status": "Enabled",
                    "export": [],
                    "disabledDataSources": [],
                    "displayName": "Solution Default",
                    "iotHubs": [HUB],
                    "unmaskedIpLoggingStatus": "Enabled",
                },
                location="East Us",
                type="Microsoft.Security/IoTSecuritySolutions",
            )
        ]
    },
    "security_automations": {
        SUB: [
            doc(
                f"{RG}/providers/Microsoft.Security/automations/exampleAutomation",
                {
                    "description": "An example of a security automation",
                    "isEnabled": True,
                    "scopes": [
                        {"description": "scope", "scopePath": f"{SUB}/resourceGroups/myResourceGroup"}
                    ],
                    "sources": [
                        {
                            "eventSource": "Assessments",
                            "ruleSets": [
                                {
                                    "rules": [
                                        {
                                            "propertyJPath": "$.Entity.AssessmentType",
                                            "propertyType": "String",
                                            "expectedValue": "customAssessment",
                                            "operator": "Equals",
                                        }
                                    ]
                                }
                            ],
                        }
                    ],
                    "actions": [{"logicAppResourceId": f"{RG}/x/MyTest1", "actionType": "LogicApp"}],
                },
                type="Microsoft.Security/automations",
            )
        ]
    },
    "network_security_perimeters": [
        doc(PERIMETER, {"provisioningState": "Succeeded"}, type="Microsoft.Network/networkSecurityPerimeters")
    ],
    "perimeter_associations": {
        PERIMETER: [_associated("association1", "Enforced"), _associated("association2", "Audit")]
    },
    "resource_log_settings": {CLUSTER: [_logged(CLUSTER, "kube-audit")]},
    "storage_log_settings": {_BLOBS: [_logged(_BLOBS, "StorageRead")]},
    # The example is about another resource provider, so this body follows the documented schema of the answer.
    "network_provider": {
        SUB: [
            {
                "id": f"{SUB}/providers/Microsoft.Network",
                "namespace": "Microsoft.Network",
                "registrationState": "Registered",
                "resourceTypes": [
                    {
                        "resourceType": "networkWatchers",
                        "locations": ["West US", "East US", "North Europe", "West Europe"],
                        "apiVersions": ["2026-03-01"],
                    }
                ],
            }
        ]
    },
    "web_app_log_settings": {SITE: [_logged(SITE, "AppServiceHTTPLogs")]},
}

_POLICY = "providers/Microsoft.Subscription/policies/default"


def _of_directory(provider: str) -> dict[str, Any]:
    return {
        **_logged("", "SignInLogs"),
        "id": f"providers/{provider}/diagnosticSettings/mysetting",
        "type": "",
        "location": "",
    }


DIRECTORY: Bodies = {
    "subscription_policy": {
        "": [
            doc(
                _POLICY,
                {
                    "policyId": "291bba3f-e0a5-47bc-a099-3bdcb2a50a05",
                    "blockSubscriptionsLeavingTenant": True,
                    "blockSubscriptionsIntoTenant": True,
                    "exemptedPrincipals": [
                        "e879cf0f-2b4d-5431-109a-f72fc9868693",
                        "9792da87-c97b-410d-a97d-27021ba09ce6",
                    ],
                },
                type="providers/Microsoft.Subscription/policies",
            )
        ]
    },
    "entra_log_settings": {"": [_of_directory("Microsoft.Aadiam")]},
    "intune_log_settings": {"": [_of_directory("Microsoft.Intune")]},
    "easm_workspaces": {
        SUB: [
            doc(
                f"{PROVIDERS}/Microsoft.Easm/workspaces/ThisisaWorkspace",
                {
                    "provisioningState": "Succeeded",
                    "dataPlaneEndpoint": "region.easm.defender.microsoft.com",
                },
                type="Microsoft.Easm/workspaces",
            )
        ]
    },
    "applications": [
        {
            "id": "03ef14b0-ca33-4840-8f4f-d6e91916010e",
            "appId": "631a96bc-a705-4eda-9f99-fdaf9f54f6a2",
            "keyCredentials": [],
            "passwordCredentials": [],
        }
    ],
    "user_sign_ins": [{"id": ALEX}],
}

MAY_BE_ABSENT = {"subscription_policy"}

DEFINED = {
    "security_automations": """
    properties.actions[].actionType properties.isEnabled properties.scopes[].scopePath
    properties.sources[].eventSource properties.sources[].ruleSets[].rules[].expectedValue
    properties.sources[].ruleSets[].rules[].operator
    properties.sources[].ruleSets[].rules[].propertyJPath""",
    "user_sign_ins": """
    id signInActivity.lastNonInteractiveSignInDateTime signInActivity.lastSignInDateTime
    signInActivity.lastSuccessfulSignInDateTime""",
    "applications": """
    id keyCredentials[].endDateTime keyCredentials[].keyId keyCredentials[].startDateTime
    passwordCredentials[].endDateTime passwordCredentials[].keyId passwordCredentials[].startDateTime""",
    "resource_log_settings": LOG_SETTINGS,
    "network_provider": "resourceTypes[].locations resourceTypes[].resourceType",
    "storage_log_settings": LOG_SETTINGS,
    "web_app_log_settings": LOG_SETTINGS,
}

UNDEFINED = {
    "entra_log_settings": {
        "properties.logs[].categoryGroup": (
            "Only settings of resources have groups; Surety looks for them in every setting"
        ),
        "properties.marketplacePartnerId": (
            "Only settings of resources have partners; Surety looks for them in every setting"
        ),
    },
    "intune_log_settings": {
        "properties.logs[].categoryGroup": (
            "Only settings of resources have groups; Surety looks for them in every setting"
        ),
        "properties.marketplacePartnerId": (
            "Only settings of resources have partners; Surety looks for them in every setting"
        ),
    },
}
