"""Every collection, as data. API versions are those of the SDKs of November 2026."""

from __future__ import annotations

from assessments.estate import elsewhere, sql_targets
from assessments.estate import targets as t
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.estate import UnitKind
from assessments.estate.guests import named_by_tenant
from assessments.estate.operations import trimmed

_S = "{scope}/providers/"
_DIR = UnitKind.DIRECTORY


def _arm(name: str, path: str, action: str, version: str, title: str, **more: object) -> Collection:
    return Collection(name=name, path=path, permission=action, api_version=version, title=title, **more)  # type: ignore[arg-type]


def _child(
    parent: str, name: str, path: str, action: str, version: str, title: str, **more: object
) -> Collection:
    more.setdefault("targets", t.each(parent))
    more.setdefault("after", (parent,))
    return _arm(name, path, action, version, title, **more)


def _graph(name: str, path: str, permission: str, title: str, **more: object) -> Collection:
    return Collection(
        name=name,
        path=path,
        permission=permission,
        title=title,
        source=Source.GRAPH,
        unit=_DIR,
        **more,  # type: ignore[arg-type]
    )


_SINGLE = {"shape": Shape.SINGLE}
_OPTIONAL = {"shape": Shape.SINGLE, "absent_is_none": True}

STORAGE_ACCOUNTS = _arm(
    "storage_accounts",
    _S + "Microsoft.Storage/storageAccounts",
    "Microsoft.Storage/storageAccounts/read",
    "2026-09-01",
    "Storage accounts",
)
BLOB_CONTAINERS = _child(
    "storage_accounts",
    "blob_containers",
    "{scope}/blobServices/default/containers",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "2026-09-01",
    "Blob containers",
    targets=t.accounts_with_anonymous_access,
)
BLOB_SERVICES = _child(
    "storage_accounts",
    "blob_services",
    "{scope}/blobServices/default",
    "Microsoft.Storage/storageAccounts/blobServices/read",
    "2026-09-01",
    "Blob services of accounts that could serve a web site",
    targets=t.accounts_with_possible_web_site,
    **_SINGLE,
)
FILE_SHARES = _child(
    "storage_accounts",
    "file_shares",
    "{scope}/fileServices/default/shares",
    "Microsoft.Storage/storageAccounts/fileServices/shares/read",
    "2026-09-01",
    "File shares",
    targets=t.accounts_with_reachable_files,
)
NSGS = _arm(
    "network_security_groups",
    _S + "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/networkSecurityGroups/read",
    "2026-03-01",
    "Network security groups",
)
NICS = _arm(
    "network_interfaces",
    _S + "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/networkInterfaces/read",
    "2026-03-01",
    "Network interfaces",
)
NETWORK_WATCHERS = _arm(
    "network_watchers",
    _S + "Microsoft.Network/networkWatchers",
    "Microsoft.Network/networkWatchers/read",
    "2026-03-01",
    "Network watchers",
)
FLOW_LOGS = _child(
    "network_watchers",
    "flow_logs",
    "{scope}/flowLogs",
    "Microsoft.Network/networkWatchers/flowLogs/read",
    "2026-03-01",
    "Flow logs",
)
VIRTUAL_NETWORKS = _arm(
    "virtual_networks",
    _S + "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/virtualNetworks/read",
    "2026-03-01",
    "Virtual networks without a flow log here",
    after=("network_security_groups", "flow_logs"),
    targets=elsewhere.networks_in_doubt,
)
FOREIGN_FLOW_LOGS = _arm(
    "foreign_flow_logs",
    "{scope}",
    "Microsoft.Network/networkWatchers/flowLogs/read",
    "2026-03-01",
    "Flow logs elsewhere",
    after=("network_security_groups", "flow_logs", "virtual_networks"),
    targets=elsewhere.foreign_flow_logs,
    **_OPTIONAL,
)
SQL_SERVERS = _arm(
    "sql_servers", _S + "Microsoft.Sql/servers", "Microsoft.Sql/servers/read", "2025-01-01", "SQL servers"
)
SQL_FIREWALL_RULES = _child(
    "sql_servers",
    "sql_firewall_rules",
    "{scope}/firewallRules",
    "Microsoft.Sql/servers/firewallRules/read",
    "2025-01-01",
    "SQL firewall rules",
)
SQL_IPV6_FIREWALL_RULES = _child(
    "sql_servers",
    "sql_ipv6_firewall_rules",
    "{scope}/ipv6FirewallRules",
    "Microsoft.Sql/servers/ipv6FirewallRules/read",
    "2025-01-01",
    "SQL IPv6 firewall rules",
)
SQL_VNET_RULES = _child(
    "sql_servers",
    "sql_virtual_network_rules",
    "{scope}/virtualNetworkRules",
    "Microsoft.Sql/servers/virtualNetworkRules/read",
    "2025-01-01",
    "SQL virtual network rules",
)
SQL_SERVER_AUDITING = _child(
    "sql_servers",
    "sql_server_auditing",
    "{scope}/auditingSettings/default",
    "Microsoft.Sql/servers/auditingSettings/read",
    "2025-01-01",
    "SQL server auditing",
    **_SINGLE,
)
SQL_DATABASES = _child(
    "sql_servers",
    "sql_databases",
    "{scope}/databases",
    "Microsoft.Sql/servers/databases/read",
    "2025-01-01",
    "SQL databases",
)
SQL_DATABASE_AUDITING = _arm(
    "sql_database_auditing",
    "{scope}/auditingSettings/default",
    "Microsoft.Sql/servers/databases/auditingSettings/read",
    "2025-01-01",
    "SQL database auditing",
    after=("sql_databases", "sql_server_auditing"),
    targets=t.servers_without_live_audit,
    **_SINGLE,
)
SQL_AUDIT_SETTINGS = _arm(
    "sql_audit_settings",
    _S + "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/diagnosticSettings/read",
    "2021-05-01-preview",
    "Diagnostic settings of audited SQL databases",
    after=("sql_server_auditing", "sql_database_auditing"),
    targets=t.monitor_audited,
)
SQL_ALERT_POLICIES = _child(
    "sql_servers",
    "sql_alert_policies",
    "{scope}/securityAlertPolicies/Default",
    "Microsoft.Sql/servers/securityAlertPolicies/read",
    "2025-01-01",
    "SQL threat detection",
    **_SINGLE,
)
SQL_ATP_SETTINGS = _arm(
    "sql_atp_settings",
    "{scope}/advancedThreatProtectionSettings/Default",
    "Microsoft.Sql/servers/advancedThreatProtectionSettings/read",
    "2025-01-01",
    "SQL threat detection (newer resource)",
    after=("sql_alert_policies",),
    targets=t.servers_without_alert_policy,
    **_SINGLE,
)
MANAGED_INSTANCES = _arm(
    "managed_instances",
    _S + "Microsoft.Sql/managedInstances",
    "Microsoft.Sql/managedInstances/read",
    "2025-01-01",
    "SQL managed instances",
)
MANAGED_INSTANCE_ATP = _child(
    "managed_instances",
    "managed_instance_atp",
    "{scope}/advancedThreatProtectionSettings/Default",
    "Microsoft.Sql/managedInstances/advancedThreatProtectionSettings/read",
    "2025-01-01",
    "Threat detection of SQL managed instances",
    **_SINGLE,
)
MANAGED_INSTANCE_AUDIT_SETTINGS = _child(
    "managed_instances",
    "managed_instance_audit_settings",
    _S + "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/diagnosticSettings/read",
    "2021-05-01-preview",
    "Diagnostic settings of SQL managed instances",
)
SQL_VIRTUAL_MACHINES = _arm(
    "sql_virtual_machines",
    _S + "Microsoft.SqlVirtualMachine/sqlVirtualMachines",
    "Microsoft.SqlVirtualMachine/sqlVirtualMachines/read",
    "2023-10-01",
    "SQL virtual machines",
)
SQL_NETWORKS = _arm(
    "sql_networks",
    "{scope}",
    "Microsoft.Network/virtualNetworks/read",
    "2026-03-01",
    "Virtual networks of SQL instances and machines",
    after=("managed_instances", "sql_virtual_machines", "virtual_machines", "network_interfaces"),
    targets=sql_targets.networks,
    **_SINGLE,
)
SQL_PUBLIC_ADDRESSES = _arm(
    "sql_public_addresses",
    "{scope}",
    "Microsoft.Network/publicIPAddresses/read",
    "2026-03-01",
    "Public addresses of SQL machines without a security group",
    after=("sql_virtual_machines", "virtual_machines", "network_interfaces", "sql_networks"),
    targets=sql_targets.public_addresses,
    **_SINGLE,
)
ACTIVITY_LOG_ALERTS = _arm(
    "activity_log_alerts",
    _S + "Microsoft.Insights/activityLogAlerts",
    "Microsoft.Insights/activityLogAlerts/read",
    "2020-10-01",
    "Activity log alerts",
)
VISIBLE_SUBSCRIPTIONS = _arm(
    "visible_subscriptions",
    "{scope}",
    "Microsoft.Resources/subscriptions/read",
    "2022-12-01",
    "Subscriptions whose alert rules may be about this one",
    after=("activity_log_alerts",),
    targets=elsewhere.subscriptions_in_sight,
    shared=True,
)
ALERTS_ELSEWHERE = _arm(
    "alerts_elsewhere",
    _S + "Microsoft.Insights/activityLogAlerts",
    "Microsoft.Insights/activityLogAlerts/read",
    "2020-10-01",
    "Activity log alerts kept in other subscriptions",
    after=("visible_subscriptions",),
    targets=elsewhere.few_others,
    keep=elsewhere.names_the_unit,
    shared=True,
)
ACTION_GROUPS = _arm(
    "action_groups",
    _S + "Microsoft.Insights/actionGroups",
    "Microsoft.Insights/actionGroups/read",
    "2023-01-01",
    "Action groups",
)
FOREIGN_ACTION_GROUPS = _arm(
    "foreign_action_groups",
    "{scope}",
    "Microsoft.Insights/actionGroups/read",
    "2023-01-01",
    "Action groups elsewhere",
    after=("activity_log_alerts", "alerts_elsewhere", "action_groups"),
    targets=t.foreign_action_groups,
    **_OPTIONAL,
)
ACTIVITY_LOG_SETTINGS = _arm(
    "activity_log_settings",
    _S + "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/diagnosticSettings/read",
    "2021-05-01-preview",
    "Diagnostic settings of the activity log",
)
FOREIGN_LOG_ACCOUNTS = _arm(
    "foreign_log_accounts",
    "{scope}",
    "Microsoft.Storage/storageAccounts/read",
    "2026-09-01",
    "Log storage accounts elsewhere",
    after=("storage_accounts", "activity_log_settings", "sql_audit_settings", "flow_logs"),
    targets=t.foreign_log_accounts,
    **_OPTIONAL,
)
MANAGEMENT_POLICIES = _arm(
    "management_policies",
    "{scope}/managementPolicies/default",
    "Microsoft.Storage/storageAccounts/managementPolicies/read",
    "2026-09-01",
    "Lifecycle rules of log accounts",
    after=(
        "storage_accounts",
        "activity_log_settings",
        "sql_audit_settings",
        "flow_logs",
        "sql_server_auditing",
        "sql_database_auditing",
    ),
    targets=t.log_accounts,
    **_OPTIONAL,
)
WORKSPACES = _arm(
    "workspaces",
    "{scope}",
    "Microsoft.OperationalInsights/workspaces/read",
    "2023-09-01",
    "Log Analytics workspaces of logs",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
    **_OPTIONAL,
)
WORKSPACE_TABLES = _arm(
    "workspace_tables",
    "{scope}/tables",
    "Microsoft.OperationalInsights/workspaces/tables/read",
    "2023-09-01",
    "Tables of log workspaces",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
)
RESOURCES = _arm(
    "resources",
    "{scope}/resources",
    "Microsoft.Resources/subscriptions/resources/read",
    "2021-04-01",
    "Resource inventory",
)
PRICINGS = _arm(
    "defender_pricings",
    _S + "Microsoft.Security/pricings",
    "Microsoft.Security/pricings/read",
    "2024-01-01",
    "Defender plans",
)
SECURITY_CONTACTS = _arm(
    "security_contacts",
    _S + "Microsoft.Security/securityContacts",
    "Microsoft.Security/securityContacts/read",
    "2023-12-01-preview",
    "Security contacts",
)
SECURITY_SETTINGS = _arm(
    "security_settings",
    _S + "Microsoft.Security/settings",
    "Microsoft.Security/settings/read",
    "2022-05-01",
    "Defender settings",
)
VA_SETTINGS = _arm(
    "vulnerability_settings",
    _S + "Microsoft.Security/serverVulnerabilityAssessmentsSettings",
    "Microsoft.Security/serverVulnerabilityAssessmentsSettings/read",
    "2023-05-01",
    "Vulnerability assessment settings",
)
AUTO_PROVISIONING = _arm(
    "auto_provisioning",
    _S + "Microsoft.Security/autoProvisioningSettings",
    "Microsoft.Security/autoProvisioningSettings/read",
    "2017-08-01-preview",
    "Agent provisioning (retired)",
)
SECURITY_ASSESSMENTS = _arm(
    "security_assessments",
    _S + "Microsoft.Security/assessments",
    "Microsoft.Security/assessments/read",
    "2021-06-01",
    "Defender recommendations",
)
SECURITY_SUBASSESSMENTS = _arm(
    "security_subassessments",
    _S + "Microsoft.Security/subAssessments",
    "Microsoft.Security/assessments/subAssessments/read",
    "2019-01-01-preview",
    "Vulnerability findings of Defender",
)
ASSESSMENTS_METADATA = _arm(
    "security_assessments_metadata",
    _S + "Microsoft.Security/assessmentMetadata",
    "Microsoft.Security/assessmentMetadata/read",
    "2021-06-01",
    "Metadata of Defender recommendations",
)
SECURE_SCORES = _arm(
    "secure_scores",
    _S + "Microsoft.Security/secureScores",
    "Microsoft.Security/secureScores/read",
    "2020-01-01",
    "Secure scores",
)
POLICY_ASSIGNMENTS = _arm(
    "policy_assignments",
    _S + "Microsoft.Authorization/policyAssignments",
    "Microsoft.Authorization/policyAssignments/read",
    "2023-04-01",
    "Policy assignments",
)
POLICY_EXEMPTIONS = _arm(
    "policy_exemptions",
    _S + "Microsoft.Authorization/policyExemptions",
    "Microsoft.Authorization/policyExemptions/read",
    "2022-07-01-preview",
    "Policy exemptions",
)
ROLE_ASSIGNMENTS = _arm(
    "role_assignments",
    _S + "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/roleAssignments/read",
    "2022-04-01",
    "Role assignments",
)
ROLE_DEFINITIONS = _arm(
    "role_definitions",
    _S + "Microsoft.Authorization/roleDefinitions",
    "Microsoft.Authorization/roleDefinitions/read",
    "2022-04-01",
    "Role definitions",
)
ROLE_ELIGIBILITIES = _arm(
    "role_eligibilities",
    _S + "Microsoft.Authorization/roleEligibilityScheduleInstances",
    "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
    "2020-10-01",
    "Eligible role assignments (PIM)",
)
PROVIDER_OPERATIONS = _arm(
    "provider_operations",
    "/providers/Microsoft.Authorization/providerOperations/{scope}",
    "Microsoft.Authorization/providerOperations/read",
    "2022-04-01",
    "Operations of the providers that custom roles name",
    after=("role_definitions",),
    targets=t.custom_role_namespaces,
    query={"$expand": "resourceTypes"},
    prepare=trimmed,
    shared=True,
    **_OPTIONAL,
)
CLASSIC_ADMINISTRATORS = _arm(
    "classic_administrators",
    _S + "Microsoft.Authorization/classicAdministrators",
    "Microsoft.Authorization/classicAdministrators/read",
    "2015-07-01",
    "Classic administrators (retired)",
)
VIRTUAL_MACHINES = _arm(
    "virtual_machines",
    _S + "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/virtualMachines/read",
    "2026-04-01",
    "Virtual machines",
)
VM_STATUSES = _arm(
    "virtual_machine_statuses",
    _S + "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/virtualMachines/read",
    "2026-04-01",
    "Run-time status of virtual machines",
    query={"statusOnly": "true"},
)
VM_EXTENSIONS = _child(
    "virtual_machines",
    "virtual_machine_extensions",
    "{scope}/extensions",
    "Microsoft.Compute/virtualMachines/extensions/read",
    "2026-04-01",
    "VM extensions",
)
DISKS = _arm(
    "disks", _S + "Microsoft.Compute/disks", "Microsoft.Compute/disks/read", "2026-03-02", "Managed disks"
)
GUEST_CONFIGURATION = _arm(
    "guest_configuration",
    _S + "Microsoft.GuestConfiguration/guestConfigurationAssignments",
    "Microsoft.GuestConfiguration/guestConfigurationAssignments/read",
    "2022-01-25",
    "Machine configuration assignments",
)

SECURITY_DEFAULTS = _graph(
    "security_defaults",
    "policies/identitySecurityDefaultsEnforcementPolicy",
    "Policy.Read.All",
    "Security defaults",
    **_SINGLE,
)
CA_POLICIES = _graph(
    "conditional_access_policies",
    "identity/conditionalAccess/policies",
    "Policy.Read.All",
    "Conditional Access policies",
)
AUTHORIZATION_POLICY = _graph(
    "authorization_policy",
    "policies/authorizationPolicy",
    "Policy.Read.All",
    "Authorization policy",
    **_SINGLE,
)
CROSS_TENANT_POLICY = _graph(
    "cross_tenant_access",
    "policies/crossTenantAccessPolicy/default",
    "Policy.Read.All",
    "Cross-tenant access defaults",
    **_OPTIONAL,
)
CROSS_TENANT_PARTNERS = _graph(
    "cross_tenant_partners",
    "policies/crossTenantAccessPolicy/partners",
    "Policy.Read.All",
    "Cross-tenant access by partner",
    absent_is_none=True,
    prepare=named_by_tenant,
)
MFA_REGISTRATIONS = _graph(
    "mfa_registrations",
    "reports/authenticationMethods/userRegistrationDetails",
    "AuditLog.Read.All",
    "Authentication method registrations",
    query={"$top": "999"},
)
USERS = _graph(
    "users",
    "users",
    "User.Read.All",
    "Users",
    query={
        "$select": "id,displayName,userPrincipalName,userType,accountEnabled,createdDateTime,externalUserState,"
        "externalUserStateChangeDateTime,passwordPolicies,onPremisesSyncEnabled",
        "$top": "999",
    },
)
HOME_TENANTS = _graph(
    "home_tenants",
    "tenantRelationships/findTenantInformationByDomainName(domainName='{scope}')",
    "CrossTenantInformation.ReadBasic.All",
    "Home directories of guests",
    after=("cross_tenant_partners", "users", "mfa_registrations"),
    targets=t.home_domains,
    prepare=named_by_tenant,
    **_OPTIONAL,
)
GUEST_SIGN_INS = _graph(
    "guest_sign_ins",
    "users",
    "AuditLog.Read.All",
    "Sign-in activity of guests",
    query={"$filter": "userType eq 'Guest'", "$select": "id,userType,signInActivity", "$top": "500"},
)
DIRECTORY_ROLE_ASSIGNMENTS = _graph(
    "directory_role_assignments",
    "roleManagement/directory/roleAssignments",
    "RoleManagement.Read.Directory",
    "Directory role assignments",
    query={"$expand": "principal"},
)
DIRECTORY_ROLE_ELIGIBILITIES = _graph(
    "directory_role_eligibilities",
    "roleManagement/directory/roleEligibilityScheduleInstances",
    "RoleEligibilitySchedule.Read.Directory",
    "Eligible directory roles (PIM)",
    query={"$expand": "principal"},
)
GROUP_MEMBERS = _graph(
    "group_members",
    "groups/{scope}/transitiveMembers",
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
)
DOMAINS = _graph("domains", "domains", "Domain.Read.All", "Domains")
FEDERATION = _graph(
    "domain_federation",
    "domains/{scope}/federationConfiguration",
    "Domain.Read.All",
    "Federation settings",
    after=("domains",),
    targets=t.federated_domains,
)
GROUP_SETTINGS = _graph(
    "group_settings", "groupSettings", "Directory.Read.All", "Directory settings (password protection)"
)

ALL: dict[str, Collection] = {
    value.name: value for value in list(globals().values()) if isinstance(value, Collection)
}
