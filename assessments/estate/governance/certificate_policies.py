"""Read the results of Azure Policy about the validity of certificates in key vaults. Pure functions.

The policy definition: https://github.com/Azure/azure-policy, built-in-policies/policyDefinitions/Key Vault/
Certificates_ValidityPeriod.json (2.2.1). Properties of compliance states:
https://learn.microsoft.com/azure/governance/policy/samples/resource-graph-samples and
https://learn.microsoft.com/rest/api/policyinsights/policy-states/list-query-results-for-subscription
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from assessments.estate.estate import Estate
from assessments.estate.ids import name_of
from assessments.estate.view import View

DEFINITION: Final = (
    "/providers/Microsoft.Authorization/policyDefinitions/0a075868-4c26-42ef-914c-5bc007359560"
)
_PARAMETER: Final = "maximumvalidityinmonths"
# {built-in initiative: the name, in lower case, of the initiative's parameter for the maximum validity}. The initiative
# passes the value of this parameter to `_PARAMETER` of the policy definition. The name is empty if the initiative has
# no such parameter. Sources: AzureSecurityCenter.json and MCSBv2.json in the folder
# “built-in-policies/policySetDefinitions/Security Center” of Azure/azure-policy.
_OF_INITIATIVES: Final = {
    "1f3afdf9-d0c9-4c3d-847f-89da613e70a8": "certificatesvalidityperiodinmonths",
    "e3ec7e09-768c-4b64-882c-fcada3772047": "",
}
_DEFAULT_MONTHS: Final = 12
"""The maximum validity in months, if the assignment of the definition or initiative sets no maximum validity."""

STATES_OF_CERTIFICATES: Final = f"""\
policyresources
| where type =~ 'microsoft.policyinsights/policystates'
| where properties.policyDefinitionId =~ '{DEFINITION}'
| project id, name, type, properties = bag_pack('complianceState', properties.complianceState, \
'resourceId', properties.resourceId, 'policyAssignmentId', properties.policyAssignmentId, \
'policyAssignmentName', properties.policyAssignmentName, 'policyAssignmentParameters', \
properties.policyAssignmentParameters, 'policyDefinitionId', properties.policyDefinitionId, \
'policySetDefinitionId', properties.policySetDefinitionId)
| order by id asc"""


def subscription_with_vaults(estate: Estate) -> Iterable[str]:
    """Yield the unit's subscription if it has a key vault."""
    if any(view.id for view in estate.documents("key_vaults")):
        yield estate.scope_id


def months_of(state: View) -> int | None:
    """Return the maximum validity of certificates, in months, that the policy of a compliance state requires.

    Return None if the validity is not known, for example because the policy belongs to an initiative that is not in
    `_OF_INITIATIVES`: Surety does not know which parameter of such an initiative sets the validity.
    """
    initiative = name_of(str(state.raw("properties.policySetDefinitionId") or "")).strip().casefold()
    parameter = _OF_INITIATIVES.get(initiative) if initiative else _PARAMETER
    if parameter is None:
        return None
    given = state.raw("properties.policyAssignmentParameters")
    if isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    if not given:
        return _DEFAULT_MONTHS
    return _months(given, parameter) if isinstance(given, Mapping) else None


def _months(parameters: Mapping[str, Any], parameter: str) -> int | None:
    for name, value in parameters.items():
        if name.casefold() == parameter:
            months = value.get("value") if isinstance(value, Mapping) else value
            return months if isinstance(months, int) and not isinstance(months, bool) else None
    return _DEFAULT_MONTHS
