"""Role assignments and role definitions of a subscription."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition
from assessments.estate.collections.declare import OPTIONAL, arm, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.identity.provider_operations import trimmed
from assessments.estate.sdk_operation import Library, of_scope, of_subscription

# With Azure Lighthouse, “users in the service provider tenant can't see role assignments for users in a customer's
# tenant”, neither in the portal nor via APIs. The same applies to role assignments for groups and service principals.
# So the collection has `hidden_by_lighthouse`. Sources:
# https://learn.microsoft.com/azure/lighthouse/how-to/view-manage-service-providers#view-delegations
# https://learn.microsoft.com/azure/lighthouse/concepts/tenants-users-roles
ROLE_ASSIGNMENTS = arm(
    "role_assignments",
    "Microsoft.Authorization/roleAssignments@2022-04-01",
    "Role assignments",
    operation=of_subscription(Library.AUTHORIZATION, "role_assignments", "list_for_subscription"),
    spans_scopes=True,
    hidden_by_lighthouse=True,
    error_codes=GENERAL,
    **since(
        "2022-04-01",
        "authorization/resource-manager/Microsoft.Authorization/stable/2022-04-01/authorization-RoleAssignmentsCalls.json",
    ),
)
ROLE_DEFINITIONS = arm(
    "role_definitions",
    "Microsoft.Authorization/roleDefinitions@2022-05-01-preview",
    "Role definitions",
    operation=of_scope(Library.AUTHORIZATION, "role_definitions"),
    spans_scopes=True,
    error_codes=GENERAL,
    **since(
        "2022-04-01",
        "authorization/resource-manager/Microsoft.Authorization/stable/2022-04-01/authorization-RoleDefinitionsCalls.json",
        {"properties.permissions[].condition": "2022-05-01-preview"},
    ),
    definition=Definition("azure.mgmt.authorization.v2022_05_01_preview.models:RoleDefinition"),
)
ROLE_ELIGIBILITIES = arm(
    "role_eligibilities",
    "Microsoft.Authorization/roleEligibilityScheduleInstances@2020-10-01",
    "Eligible role assignments (PIM)",
    operation=of_scope(Library.AUTHORIZATION, "role_eligibility_schedule_instances", "list_for_scope"),
    spans_scopes=True,
    hidden_by_lighthouse=True,
    # These codes mean that Privileged Identity Management was never used in the directory, so nobody is eligible.
    # Source of the codes: https://github.com/JulianHayward/Azure-MG-Sub-Governance-Reporting (module AzAPICall)
    absent_codes=("TenantNotOnboarded", "ResourceNotOnboarded"),
    licence="Microsoft Entra ID P2",
    error_codes=("TenantNotOnboarded", "ResourceNotOnboarded", "AadPremiumLicenseRequired"),
    **since(
        "2020-10-01",
        "authorization/resource-manager/Microsoft.Authorization/stable/2020-10-01/RoleEligibilityScheduleInstance.json",
    ),
)
PROVIDER_OPERATIONS = arm(
    "provider_operations",
    "Microsoft.Authorization/providerOperations@2022-04-01",
    "Operations of resource providers",
    path="/providers/Microsoft.Authorization/providerOperations/{scope}",
    after=("role_definitions",),
    targets=t.custom_role_namespaces,
    query={"$expand": "resourceTypes"},
    prepare=trimmed,
    shared=True,
    **OPTIONAL,
    error_codes=GENERAL,
    **since(
        "2018-01-01-preview",
        "azure-mgmt-authorization 4.0.0, v2018_01_01_preview",
    ),
    definition=Definition("azure.mgmt.authorization.v2022_04_01.models:ProviderOperationsMetadata"),
)
# https://learn.microsoft.com/rest/api/managedservices/registration-assignments/list (2022-10-01)
REGISTRATION_ASSIGNMENTS = arm(
    "registration_assignments",
    "Microsoft.ManagedServices/registrationAssignments@2022-10-01",
    "Azure Lighthouse delegations",
    query={"$expandRegistrationDefinition": "true"},
    spans_scopes=True,
    personal=True,
    error_codes=GENERAL,
    **since(
        "2022-10-01",
        "managedservices/resource-manager/Microsoft.ManagedServices/stable/2022-10-01/managedservices.json",
    ),
    definition=Definition(
        "azure.mgmt.managedservices.models:RegistrationAssignment",
        library="azure-mgmt-managedservices 7.0.0b2",
    ),
)
CLASSIC_ADMINISTRATORS = arm(
    "classic_administrators",
    "Microsoft.Authorization/classicAdministrators@2015-07-01",
    "Classic administrators (retired)",
    operation=of_subscription(Library.AUTHORIZATION, "classic_administrators"),
    retired=True,
    error_codes=GENERAL,
    **since(
        "2015-07-01",
        "authorization/resource-manager/Microsoft.Authorization/stable/2015-07-01/authorization-ClassicAdminCalls.json",
    ),
)
