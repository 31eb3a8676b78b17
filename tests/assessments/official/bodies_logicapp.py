"""Microsoft's example of a list of logic apps. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/logic/resource-manager/Microsoft.Logic/stable/2019-05-01/examples: Workflows_ListBySubscription
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

SUBSCRIPTION: Bodies = {
    "logic_workflows": [
        doc(
            f"{RG}/providers/Microsoft.Logic/workflows/test-workflow",
            {
                "provisioningState": "Succeeded",
                "createdTime": "2018-04-25T01:39:21.4365247Z",
                "changedTime": "2018-08-09T22:54:54.3533634Z",
                "state": "Enabled",
                "version": "08586677515911718341",
                "accessEndpoint": "http://tempuri.org",
                "definition": {
                    "contentVersion": "1.0.0.0",
                    "parameters": {},
                    "triggers": {},
                    "actions": {},
                    "outputs": {},
                },
                "parameters": {},
                "accessControl": {},
            },
            type="Microsoft.Logic/workflows",
            location="brazilsouth",
            tags={},
        )
    ]
}

DEFINED = {
    "logic_workflows": """
    properties.accessControl.triggers.allowedCallerIpAddresses[].addressRange
    properties.accessControl.triggers.openAuthenticationPolicies.policies.{} properties.state""",
}

UNDEFINED = {
    "logic_workflows": {
        "properties.accessControl.triggers.sasAuthenticationPolicy.state": (
            "the page on securing logic apps documents it, the definition does not"
        ),
        "properties.triggerTypes": "Surety puts the types of triggers in place of the definition",
    },
}
