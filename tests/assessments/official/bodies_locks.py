"""Microsoft's example of a list of locks. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/resources/resource-manager/Microsoft.Authorization/locks/stable/2020-05-01/examples
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

SUBSCRIPTION: Bodies = {
    "locks": [
        doc(
            f"{RG}/providers/Microsoft.Authorization/locks/testlock",
            {"level": "ReadOnly"},
            type="Microsoft.Authorization/locks",
        )
    ]
}
