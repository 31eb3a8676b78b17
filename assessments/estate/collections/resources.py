"""The inventory of resources, and the policies assigned over it."""

from __future__ import annotations

from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import IN_SCOPE, SINGLE, arm
from assessments.estate.policy_initiatives import assigned_benchmarks, without_policies
from assessments.estate.sdk_operation import Library, of_subscription

RESOURCES = arm(
    "resources",
    "{scope}/resources",
    "Microsoft.Resources/subscriptions/resources/read",
    "2021-04-01",
    "Resource inventory",
    operation=of_subscription(Library.RESOURCES, "resources"),
    inventory=Inventory.LISTING,
    spans_scopes=True,
)
POLICY_ASSIGNMENTS = arm(
    "policy_assignments",
    IN_SCOPE + "Microsoft.Authorization/policyAssignments",
    "Microsoft.Authorization/policyAssignments/read",
    "2023-04-01",
    "Policy assignments",
    operation=of_subscription(Library.POLICY, "policy_assignments"),
    spans_scopes=True,
)
POLICY_SET_DEFINITIONS = arm(
    "policy_set_definitions",
    "/providers/Microsoft.Authorization/policySetDefinitions/{scope}",
    "Microsoft.Authorization/policySetDefinitions/read",
    "2023-04-01",
    "Definitions of security initiatives",
    after=("policy_assignments",),
    targets=assigned_benchmarks,
    prepare=without_policies,
    shared=True,
    **SINGLE,
)
POLICY_EXEMPTIONS = arm(
    "policy_exemptions",
    IN_SCOPE + "Microsoft.Authorization/policyExemptions",
    "Microsoft.Authorization/policyExemptions/read",
    "2022-07-01-preview",
    "Policy exemptions",
    spans_scopes=True,
)
