"""The inventory of resources, and policy assignments."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import SINGLE, arm, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.governance.managed_groups import is_managed, subscriptions_with_managed_groups
from assessments.estate.governance.management_groups import ANCESTORS
from assessments.estate.governance.policy_initiatives import (
    assigned_benchmarks,
    subscription_below_exclusions,
    without_policies,
)
from assessments.estate.sdk_operation import Library, of_subscription

_POLICY_LIBRARY = "azure-mgmt-resource-policy 1.0.0b1"
_LIBRARY = "azure-mgmt-resource 23.1.1"

RESOURCES = arm(
    "resources",
    "Microsoft.Resources/subscriptions/resources@2021-04-01",
    "Resource inventory",
    path="{scope}/resources",
    operation=of_subscription(Library.RESOURCES, "resources"),
    inventory=Inventory.LISTING,
    spans_scopes=True,
    error_codes=GENERAL,
    **since("2019-10-01", "resources/resource-manager/Microsoft.Resources/stable/2019-10-01/resources.json"),
    definition=Definition(
        "azure.mgmt.resource.resources.v2021_04_01.models:GenericResourceExpanded", library=_LIBRARY
    ),
)
POLICY_ASSIGNMENTS = arm(
    "policy_assignments",
    "Microsoft.Authorization/policyAssignments@2023-04-01",
    "Policy assignments",
    operation=of_subscription(Library.POLICY, "policy_assignments"),
    spans_scopes=True,
    error_codes=GENERAL,
    **since(
        "2022-06-01",
        "resources/resource-manager/Microsoft.Authorization/stable/2022-06-01/policyAssignments.json",
    ),
    definition=Definition("azure.mgmt.resource.policy.models:PolicyAssignment", library=_POLICY_LIBRARY),
)
POLICY_SET_DEFINITIONS = arm(
    "policy_set_definitions",
    "Microsoft.Authorization/policySetDefinitions@2023-04-01",
    "Definitions of security initiatives",
    path="/providers/Microsoft.Authorization/policySetDefinitions/{scope}",
    after=("policy_assignments",),
    targets=assigned_benchmarks,
    prepare=without_policies,
    shared=True,
    **SINGLE,
    error_codes=GENERAL,
    **since(
        "2019-09-01",
        "resources/resource-manager/Microsoft.Authorization/stable/2019-09-01/policySetDefinitions.json",
    ),
    definition=Definition("azure.mgmt.resource.policy.models:PolicySetDefinition", library=_POLICY_LIBRARY),
)
# Two collections send the same query, because each can be needed without the other. `management_groups` sends the query
# only if the subscription does not export all required logs itself. `policy_management_groups` sends the query only if
# a policy assignment excludes management groups.
POLICY_MANAGEMENT_GROUPS = arm(
    "policy_management_groups",
    "Microsoft.Management/managementGroups@2021-04-01",
    "Management groups above a subscription (only if a policy assignment excludes management groups)",
    permission="Microsoft.Resources/subscriptions/read",
    after=("policy_assignments",),
    targets=subscription_below_exclusions,
    resource_graph=ANCESTORS,
    error_codes=("RateLimiting",),
    **since(
        "2020-05-01",
        "management/resource-manager/Microsoft.Management/stable/2020-05-01/management.json",
    ),
    definition=Definition(
        "azure.mgmt.managementgroups.models:ManagementGroup", library="azure-mgmt-managementgroups 1.1.0b1"
    ),
)
POLICY_EXEMPTIONS = arm(
    "policy_exemptions",
    "Microsoft.Authorization/policyExemptions@2022-07-01-preview",
    "Policy exemptions",
    spans_scopes=True,
    error_codes=GENERAL,
    **since(
        "2020-07-01-preview",
        "resources/resource-manager/Microsoft.Authorization/preview/2020-07-01-preview/policyExemptions.json",
    ),
    definition=Definition(
        "azure.mgmt.resource.policy.v2022_07_01_preview.models:PolicyExemption", library=_LIBRARY
    ),
)
# Controls need managed resource groups to add a remark to failures that the customer cannot fix. Some controls also
# leave out the resources in these groups.
MANAGED_RESOURCE_GROUPS = arm(
    "managed_resource_groups",
    "Microsoft.Resources/subscriptions/resourceGroups@2021-04-01",
    "Managed resource groups",
    path="{scope}/resourcegroups",
    keep=is_managed,
    error_codes=GENERAL,
    **since("2019-10-01", "resources/resource-manager/Microsoft.Resources/stable/2019-10-01/resources.json"),
    definition=Definition("azure.mgmt.resource.resources.v2021_04_01.models:ResourceGroup", library=_LIBRARY),
)
DENY_ASSIGNMENTS = arm(
    "deny_assignments",
    "Microsoft.Authorization/denyAssignments@2022-04-01",
    "Deny assignments",
    after=("managed_resource_groups",),
    targets=subscriptions_with_managed_groups,
    spans_scopes=True,
    personal=True,
    error_codes=GENERAL,
    **since(
        "2022-04-01",
        "authorization/resource-manager/Microsoft.Authorization/stable/2022-04-01/authorization-DenyAssignmentCalls.json",
    ),
    definition=Definition("azure.mgmt.authorization.v2022_04_01.models:DenyAssignment"),
)
FOR_ALL_RESOURCES = (MANAGED_RESOURCE_GROUPS, DENY_ASSIGNMENTS)
"""Collections that every control of resources reads."""
