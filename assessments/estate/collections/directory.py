"""The directory, read from Microsoft Graph."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.banned_passwords import without_banned_passwords
from assessments.estate.collection import Definition, Probe
from assessments.estate.collections.declare import OPTIONAL, SINGLE, graph
from assessments.estate.documented_codes import ELIGIBILITY, GENERAL, REPORT
from assessments.estate.identity.consent import policies_to_read
from assessments.estate.identity.credentials import only_lifetimes
from assessments.estate.identity.guests import named_by_tenant
from assessments.estate.identity.licences import without_disabled_plans

SECURITY_DEFAULTS = graph(
    "security_defaults",
    "policies/identitySecurityDefaultsEnforcementPolicy",
    "Policy.Read.All",
    "Security defaults",
    **SINGLE,
    reference="identitysecuritydefaultsenforcementpolicy-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.identitySecurityDefaultsEnforcementPolicy"),
)
CA_POLICIES = graph(
    "conditional_access_policies",
    "identity/conditionalAccess/policies",
    "Policy.Read.All",
    "Conditional Access policies",
    reference="conditionalaccessroot-list-policies",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.conditionalAccessPolicy"),
)
NAMED_LOCATIONS = graph(
    "named_locations",
    "identity/conditionalAccess/namedLocations",
    "Policy.Read.All",
    "Named locations",
    reference="conditionalaccessroot-list-namedlocations",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.namedLocation"),
)
AUTHORIZATION_POLICY = graph(
    "authorization_policy",
    "policies/authorizationPolicy",
    "Policy.Read.All",
    "Authorization policy",
    **SINGLE,
    reference="authorizationpolicy-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.authorizationPolicy"),
)
PERMISSION_GRANT_POLICIES = graph(
    "permission_grant_policies",
    "policies/permissionGrantPolicies/{scope}",
    "Policy.Read.PermissionGrant",
    "Policies that permit users to consent to applications",
    after=("authorization_policy",),
    targets=policies_to_read,
    query={"$expand": "includes"},
    **SINGLE,
    probe=Probe("policies/permissionGrantPolicies/microsoft-user-default-low"),
    reference="permissiongrantpolicy-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.permissionGrantPolicy"),
)
DEVICE_REGISTRATION_POLICY = graph(
    "device_registration_policy",
    "policies/deviceRegistrationPolicy",
    "Policy.Read.DeviceConfiguration",
    "Device registration policy",
    **SINGLE,
    reference="deviceregistrationpolicy-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.deviceRegistrationPolicy"),
)
AUTHENTICATION_METHODS_POLICY = graph(
    "authentication_methods_policy",
    "policies/authenticationMethodsPolicy",
    "Policy.Read.All",
    "Authentication methods policy",
    **SINGLE,
    reference="authenticationmethodspolicy-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.authenticationMethodsPolicy"),
)
CROSS_TENANT_POLICY = graph(
    "cross_tenant_access",
    "policies/crossTenantAccessPolicy/default",
    "Policy.Read.All",
    "Cross-tenant access defaults",
    **OPTIONAL,
    reference="crosstenantaccesspolicyconfigurationdefault-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.crossTenantAccessPolicyConfigurationDefault"),
)
CROSS_TENANT_PARTNERS = graph(
    "cross_tenant_partners",
    "policies/crossTenantAccessPolicy/partners",
    "Policy.Read.All",
    "Cross-tenant access by partner",
    absent_is_none=True,
    prepare=named_by_tenant,
    reference="crosstenantaccesspolicy-list-partners",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.crossTenantAccessPolicyConfigurationPartner"),
)
MFA_REGISTRATIONS = graph(
    "mfa_registrations",
    "reports/authenticationMethods/userRegistrationDetails",
    "AuditLog.Read.All",
    "Authentication method registrations",
    query={"$top": "999"},
    # The reference page names only $filter and $orderby, so Graph may refuse $top.
    undocumented_query=("$top",),
    licence="Microsoft Entra ID P1",
    personal=True,
    reference="authenticationmethodsroot-list-userregistrationdetails",
    error_codes=REPORT,
    definition=Definition("microsoft.graph.userRegistrationDetails"),
)
USERS = graph(
    "users",
    "users",
    "User.Read.All",
    "Users",
    query={
        "$select": "id,displayName,userPrincipalName,userType,accountEnabled,createdDateTime,externalUserState,"
        "externalUserStateChangeDateTime,passwordPolicies,onPremisesSyncEnabled,assignedLicenses,identityParentId",
        "$top": "999",
    },
    prepare=without_disabled_plans,
    personal=True,
    reference="user-list",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.user"),
)
HOME_TENANTS = graph(
    "home_tenants",
    "tenantRelationships/findTenantInformationByDomainName(domainName='{scope}')",
    "CrossTenantInformation.ReadBasic.All",
    "Home directories of guests",
    after=("cross_tenant_partners", "users", "mfa_registrations"),
    targets=t.home_domains,
    prepare=named_by_tenant,
    **OPTIONAL,
    reference="tenantrelationship-findtenantinformationbydomainname",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.tenantInformation"),
)
# External members were invited like guests, but have the user type Member. So the filter also selects users whose
# `creationType` is Invitation.
# https://learn.microsoft.com/entra/external-id/user-properties, https://learn.microsoft.com/graph/api/resources/user
# (`creationType` supports $filter)
GUEST_SIGN_INS = graph(
    "guest_sign_ins",
    "users",
    "AuditLog.Read.All",
    "Sign-in activity of guests",
    with_permissions=("User.Read.All",),
    licence="Microsoft Entra ID P1",
    query={
        "$filter": "userType eq 'Guest' or creationType eq 'Invitation'",
        "$select": "id,userType,signInActivity",
        "$top": "500",
    },
    personal=True,
    query_properties={"creationType": "Invitation"},
    shares_path=True,
    reference="user-list",
    error_codes=REPORT,
    definition=Definition(
        "microsoft.graph.user",
        documented_permissions={
            "AuditLog.Read.All": "https://learn.microsoft.com/graph/api/resources/signinactivity"
        },
    ),
)
# The query has no filter by user type, because such a filter would omit old accounts, which have no type.
USER_SIGN_INS = graph(
    "user_sign_ins",
    "users",
    "AuditLog.Read.All",
    "Sign-in activity of users",
    with_permissions=("User.Read.All",),
    licence="Microsoft Entra ID P1",
    query={"$select": "id,signInActivity", "$top": "500"},
    personal=True,
    shares_path=True,
    reference="user-list",
    error_codes=REPORT,
    definition=Definition(
        "microsoft.graph.user",
        documented_permissions={
            "AuditLog.Read.All": "https://learn.microsoft.com/graph/api/resources/signinactivity"
        },
    ),
)
APPLICATIONS = graph(
    "applications",
    "applications",
    "Application.Read.All",
    "App registrations with the validity periods of their secrets and certificates",
    query={"$select": "id,appId,passwordCredentials,keyCredentials", "$top": "999"},
    prepare=only_lifetimes,
    reference="application-list",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.application"),
)
DIRECTORY_ROLE_ASSIGNMENTS = graph(
    "directory_role_assignments",
    "roleManagement/directory/roleAssignments",
    "RoleManagement.Read.Directory",
    "Directory role assignments",
    query={"$expand": "principal"},
    personal=True,
    reference="rbacapplication-list-roleassignments",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.unifiedRoleAssignment"),
)
DIRECTORY_ROLE_ELIGIBILITIES = graph(
    "directory_role_eligibilities",
    "roleManagement/directory/roleEligibilityScheduleInstances",
    "RoleEligibilitySchedule.Read.Directory",
    "Eligible directory roles (PIM)",
    licence="Microsoft Entra ID P2",
    query={"$expand": "principal"},
    personal=True,
    reference="rbacapplication-list-roleeligibilityscheduleinstances",
    error_codes=ELIGIBILITY,
    definition=Definition("microsoft.graph.unifiedRoleEligibilityScheduleInstance"),
)
# The definitions are read only to show names. No verdict depends on them.
DIRECTORY_ROLE_DEFINITIONS = graph(
    "directory_role_definitions",
    "roleManagement/directory/roleDefinitions",
    "RoleManagement.Read.Directory",
    "Names of directory roles",
    query={"$select": "id,displayName,templateId"},
    reference="rbacapplication-list-roledefinitions",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.unifiedRoleDefinition"),
)
DIRECTORY_OBJECTS = graph(
    "directory_objects",
    "directoryObjects/getByIds",
    "Directory.Read.All",
    "Names of directory objects",
    personal=True,
    reference="directoryobject-getbyids",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.directoryObject"),
)
SERVICE_PRINCIPALS = graph(
    "service_principals",
    "servicePrincipals",
    "Application.Read.All",
    "Names of applications",
    query={"$select": "id,displayName", "$top": "1"},
    personal=True,
    reference="serviceprincipal-list",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.servicePrincipal"),
)
GROUP_ELIGIBILITIES = graph(
    "group_eligibilities",
    "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "Eligible members of groups that hold roles (PIM)",
    after=(
        "role_assignments",
        "role_eligibilities",
        "directory_role_assignments",
        "directory_role_eligibilities",
    ),
    targets=t.role_groups,
    query={"$filter": "groupId eq '{scope}'"},
    licence="Microsoft Entra ID P2",
    # Graph refuses this list if no filter selects a group or principal. So the probe asks about a group that does not
    # exist: an empty list shows that the permission is granted.
    probe=Probe(
        "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
        {"$filter": "groupId eq '00000000-0000-0000-0000-000000000000'"},
    ),
    reference="privilegedaccessgroup-list-eligibilityscheduleinstances",
    error_codes=ELIGIBILITY,
    definition=Definition("microsoft.graph.privilegedAccessGroupEligibilityScheduleInstance"),
)
GROUP_MEMBERS = graph(
    "group_members",
    "groups/{scope}/transitiveMembers",
    # GroupMember.ReadBasic.All would suffice for the members. But Surety also reads groups themselves
    # (`group_visibility`), which needs GroupMember.Read.All.
    "GroupMember.Read.All",
    "Members of groups that hold roles",
    after=(
        "role_assignments",
        "role_eligibilities",
        "directory_role_assignments",
        "directory_role_eligibilities",
    ),
    targets=t.role_groups,
    query={"$top": "999"},
    personal=True,
    # The permission to read groups includes reading their members. So a request for one group shows whether members can
    # be read.
    probe=Probe("groups", {"$top": "1", "$select": "id"}),
    reference="group-list-transitivemembers",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.directoryObject"),
)
# The members of nested groups are read too, because a policy that excludes a group excludes these members as well.
# https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups
EXCLUDED_GROUP_MEMBERS = graph(
    "excluded_group_members",
    "groups/{scope}/transitiveMembers",
    "GroupMember.Read.All",
    "Members of groups that Conditional Access policies exclude",
    after=("conditional_access_policies",),
    targets=t.excluded_groups,
    query={"$top": "999"},
    personal=True,
    # Graph answers with this code if the group was deleted. Policies keep the ids of deleted groups, but these groups
    # exempt nobody. Source of the code: https://github.com/DanielChronlund/DCToolbox/issues/6
    absent_codes=("Request_ResourceNotFound",),
    probe=Probe("groups", {"$top": "1", "$select": "id"}),
    reference="group-list-transitivemembers",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.directoryObject"),
)
# If the members of a group are hidden from the service principal, Graph returns an empty list and no error. So the
# visibility of groups without members is read.
GROUP_VISIBILITY = graph(
    "group_visibility",
    "groups/{scope}",
    "GroupMember.Read.All",
    "Visibility of groups that hold roles (only if Microsoft Graph returned no members)",
    after=("group_members",),
    targets=t.groups_without_members,
    query={"$select": "id,visibility"},
    **OPTIONAL,
    reference="group-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.group"),
)
EXCLUDED_GROUP_VISIBILITY = graph(
    "excluded_group_visibility",
    "groups/{scope}",
    "GroupMember.Read.All",
    "Visibility of groups that Conditional Access policies exclude (only if Microsoft Graph returned no members)",
    after=("excluded_group_members",),
    targets=t.excluded_groups_without_members,
    query={"$select": "id,visibility"},
    **OPTIONAL,
    reference="group-get",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.group"),
)
DOMAINS = graph(
    "domains",
    "domains",
    "Domain.Read.All",
    "Domains",
    reference="domain-list",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.domain"),
)
FEDERATION = graph(
    "domain_federation",
    "domains/{scope}/federationConfiguration",
    # Either permission suffices. The reference page of the list names only the first permission. The page of a single
    # federation names both.
    "Domain-InternalFederation.Read.All|Domain.Read.All",
    "Federation settings",
    after=("domains",),
    targets=t.federated_domains,
    # Microsoft documents that Graph answers 404 if the domain has no federation settings.
    absent_is_none=True,
    reference="domain-list-federationconfiguration",
    error_codes=GENERAL,
    definition=Definition(
        "microsoft.graph.internalDomainFederation",
        documented_permissions={
            "Domain.Read.All": "https://learn.microsoft.com/graph/api/internaldomainfederation-get"
        },
    ),
)
GROUP_SETTINGS = graph(
    "group_settings",
    "groupSettings",
    # The reference names GroupSettings.Read.All as the least privileged permission. Directory.Read.All suffices too:
    # https://learn.microsoft.com/graph/api/group-list-settings (application permissions)
    "GroupSettings.Read.All|Directory.Read.All",
    "Directory settings (passwords and groups)",
    prepare=without_banned_passwords,
    reference="group-list-settings",
    error_codes=GENERAL,
    definition=Definition("microsoft.graph.groupSetting"),
)
