"""Bodies of policies, managed resource groups, operations of providers and classic administrators.

The module `bodies` names the sources, and describes how the bodies were changed.
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, SUB, doc
from tests.assessments.official.bodies import BENCHMARK, BENCHMARK_ASSIGNMENT, ROLES, Bodies

SUBSCRIPTION: Bodies = {
    # The example has no parameters, although the initiative has hundreds of parameters today.
    "policy_set_definitions": {
        BENCHMARK: [
            doc(
                f"/{ROLES}/policySetDefinitions/{BENCHMARK}",
                {
                    "displayName": "[Preview]: Enable Monitoring in Azure Security Center",
                    "policyType": "BuiltIn",
                    "metadata": {"category": "Security Center"},
                    "version": "1.2.1",
                    "versions": ["1.2.1", "1.0.0"],
                    "parameters": {},
                    "policyDefinitions": [
                        {
                            "policyDefinitionId": f"/{ROLES}/policyDefinitions/a8bef009-a5c9-4d0f-90d7-6018734e8a16",
                            "policyDefinitionReferenceId": "RefId1",
                        }
                    ],
                },
                type="Microsoft.Authorization/policySetDefinitions",
            )
        ]
    },
    # `expiresOn` of the example was left out. The second exemption is for a policy that is assigned to a management
    # group.
    "policy_exemptions": {
        SUB: [
            doc(
                f"{RG}/{ROLES}/policyExemptions/DemoExpensiveVM",
                {
                    "policyAssignmentId": BENCHMARK_ASSIGNMENT,
                    "policyDefinitionReferenceIds": ["Limit_Skus"],
                    "exemptionCategory": "Waiver",
                    "displayName": "Exempt demo cluster",
                    "metadata": {"reason": "Temporary exemption for a expensive VM demo"},
                },
                type="Microsoft.Authorization/policyExemptions",
            ),
            doc(
                f"{RG}/{ROLES}/policyExemptions/TestVNetRG",
                {
                    "policyAssignmentId": "/providers/Microsoft.Management/managementGroups/DevOrg/providers/"
                    "Microsoft.Authorization/policyAssignments/LimitPorts",
                    "exemptionCategory": "Mitigated",
                    "displayName": "Exempt jump box open ports",
                    "metadata": {"reason": "Need to open RDP port to corp net"},
                },
                type="Microsoft.Authorization/policyExemptions",
            ),
        ]
    },
    # The example of the list is an empty object. So this document has the properties of `ResourceGroup` in
    # resources/resource-manager/Microsoft.Resources/stable/2021-04-01/resources.json.
    "managed_resource_groups": [
        {
            "id": RG,
            "name": "rg",
            "type": "Microsoft.Resources/resourceGroups",
            "location": "eastus",
            "managedBy": f"{SUB}/resourceGroups/other/providers/Microsoft.Databricks/workspaces/workspace",
            "tags": {},
            "properties": {"provisioningState": "Succeeded"},
        }
    ],
    # As in the example, the actions and the types of principals are placeholders.
    "deny_assignments": {
        SUB: [
            doc(
                f"{SUB}/{ROLES}/denyAssignments/denyAssignmentId",
                {
                    "denyAssignmentName": "Deny assignment name",
                    "description": "Deny assignment description",
                    "permissions": [
                        {
                            "actions": ["action"],
                            "notActions": [],
                            "dataActions": ["action"],
                            "notDataActions": [],
                        }
                    ],
                    "scope": SUB,
                    "doNotApplyToChildScopes": False,
                    "principals": [{"id": "principalId1", "type": "principalType1"}],
                    "excludePrincipals": [{"id": "principalId2", "type": "principalType2"}],
                    "isSystemProtected": True,
                },
                type="Microsoft.Authorization/denyAssignments",
            )
        ]
    },
    # As in the example, every text is a placeholder, and the lists of operations are empty.
    "provider_operations": {
        "microsoft.compute": [
            {
                "id": "id",
                "name": "name",
                "type": "type",
                "displayName": "displayName",
                "resourceTypes": [{"name": "name", "displayName": "name", "operations": []}],
                "operations": [],
            }
        ]
    },
}

DIRECTORY: Bodies = {
    # The example is from the time before classic administrators were retired. Today, Azure answers 404
    # InvalidResourceType.
    "classic_administrators": {
        SUB: [
            doc(
                f"{SUB}/{ROLES}/classicAdministrators/{name}",
                {"emailAddress": mail, "role": role},
                type="Microsoft.Authorization/classicAdministrators",
            )
            for name, mail, role in (
                ("classicadminid", "test@test.com", "ServiceAdministrator;AccountAdministrator"),
                ("classicadminid2", "coadmin@test.com", "CoAdministrator"),
            )
        ]
    }
}

MAY_BE_ABSENT = {"provider_operations"}

DEFINED = {
    "policy_set_definitions": """
    properties.parameters.{}.allowedValues properties.parameters.{}.defaultValue
    properties.parameters.{}.metadata.{} properties.parameters.{}.type""",
    "policy_exemptions": "properties.expiresOn properties.policyAssignmentId",
    "managed_resource_groups": "managedBy",
}
