"""The error codes that Microsoft documents for the requests of the collections: one entry for each collection.

An entry names the error codes that the reference page of the request documents. The entry is `GENERAL` if the page
documents no code, but only the shape of an error. `GENERAL_CODES` has the codes that the API documents for every
request: Azure Resource Manager authenticates, authorizes, limits and routes each request itself before it forwards the
request to a provider, so its codes do not depend on the provider. `PROVIDER_CODES` are the codes of providers that
document no codes. These codes mean the same as the HTTP status. If a code is unknown, Surety also decides by the
status.

Sources: https://learn.microsoft.com/azure/azure-resource-manager/management/overview,
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors,
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling,
https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/graph/resolve-auth-errors
"""

from __future__ import annotations

from assessments.estate.collection import Source

GENERAL: tuple[str, ...] = ()

_SERVER = ("SubscriptionDoesNotHaveServer", "ServerNotInSubscriptionResourceGroup")
_DATABASE = (
    "BlobAuditingIsNotSupportedOnResourceType",
    "SourceDatabaseNotFound",
    "DatabaseDoesNotExist",
    "DatabaseIsUnavailable",
)
_ALERT_POLICY = (
    "SecurityAlertPoliciesInvalidStorageAccountName",
    "SecurityAlertPoliciesInvalidStorageAccountCredentials",
    "UpdateNotAllowedOnServerContainingPausedDWDatabase",
    "SecurityAlertPoliciesInsufficientDiskSpace",
    "SecurityAlertPoliciesInsufficientStorageAccountPermissions",
    "SecurityAlertPoliciesStorageAccountIsDisabled",
    "InvalidServerSecurityAlertPolicyCreateRequest",
    "DataSecurityInvalidUserSuppliedParameter",
    "UpsertServerSecurityAlertPolicyFailed",
    "SubscriptionDoesNotHaveServer",
    "ServerSecurityAlertPolicyInProgress",
    "DatabaseIsUnavailable",
    "GetServerSecurityAlertPolicyFailed",
)
_ATP = (
    "UpdateNotAllowedOnServerContainingPausedDWDatabase",
    "AdvancedThreatProtectionInsufficientDiskSpace",
    "InvalidServerAdvancedThreatProtectionCreateRequest",
    "AdvancedThreatProtectionInvalidUserSuppliedParameter",
    "UpsertServerAdvancedThreatProtectionFailed",
    "SubscriptionDoesNotHaveServer",
    "ServerAdvancedThreatProtectionInProgress",
    "DatabaseIsUnavailable",
    "GetServerAdvancedThreatProtectionFailed",
)
_STORAGE = (
    "InvalidHttpVerb",
    "MissingOrIncorrectVersionHeader",
    "MissingOrInvalidRequiredQueryParameter",
    "StorageAccountNameNotValid",
    "AuthenticationFailed",
    "SubscriptionDisabled",
    "SubscriptionStateForbidden",
    "StorageAccountBeingCreated",
    "StorageAccountIsNotProvisioned",
    "StorageAccountOperationInProgress",
    "TooManyRequests",
    "InternalError",
    "OperationTimedOut",
)
_COMPUTE = ("OperationNotAllowed",)
_DEFENDER = ("Subscription Not Registered",)
_DIAGNOSTIC_SETTINGS = ("ResourceTypeNotSupported",)
_REPORT = (
    "Authentication_MSGraphPermissionMissing",
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
)
_ELIGIBILITY = ("AadPremiumLicenseRequired", "PermissionScopeNotGranted")

DOCUMENTED: dict[str, tuple[str, ...]] = {
    # Microsoft.Authorization, Microsoft.Resources, Microsoft.Management, Microsoft.ManagedServices
    "classic_administrators": GENERAL,
    "deny_assignments": GENERAL,
    "locks": GENERAL,
    "web_sites": GENERAL,
    "web_slots": GENERAL,
    "web_configs": GENERAL,
    "web_endpoints": GENERAL,
    "web_publishing": GENERAL,
    "web_auth": GENERAL,
    "web_plans": GENERAL,
    "web_references": GENERAL,
    "web_stacks": GENERAL,
    "function_stacks": GENERAL,
    "policy_assignments": GENERAL,
    "policy_exemptions": GENERAL,
    "policy_set_definitions": GENERAL,
    "provider_operations": GENERAL,
    "role_assignments": GENERAL,
    "role_definitions": GENERAL,
    "role_eligibilities": ("TenantNotOnboarded", "ResourceNotOnboarded", "AadPremiumLicenseRequired"),
    "registration_assignments": GENERAL,
    "managed_resource_groups": GENERAL,
    "resources": GENERAL,
    "visible_subscriptions": GENERAL,
    "management_groups": ("RateLimiting",),
    "policy_management_groups": ("RateLimiting",),
    # Microsoft.Compute
    "disks": _COMPUTE,
    "snapshots": _COMPUTE,
    "virtual_machine_extensions": _COMPUTE,
    "virtual_machine_instance_views": _COMPUTE,
    "virtual_machine_statuses": _COMPUTE,
    "virtual_machines": _COMPUTE,
    "guest_configuration": GENERAL,
    "guest_configuration_reports": GENERAL,
    # Microsoft.Insights, Microsoft.OperationalInsights
    "action_groups": GENERAL,
    "activity_log_alerts": GENERAL,
    "activity_log_settings": GENERAL,
    "alert_processing_rules": GENERAL,
    "alerts_elsewhere": GENERAL,
    "foreign_action_groups": GENERAL,
    "databricks_log_settings": _DIAGNOSTIC_SETTINGS,
    "key_vault_log_settings": _DIAGNOSTIC_SETTINGS,
    "managed_instance_audit_settings": _DIAGNOSTIC_SETTINGS,
    "management_group_log_settings": GENERAL,
    "sql_audit_settings": _DIAGNOSTIC_SETTINGS,
    "workspace_tables": GENERAL,
    "workspaces": GENERAL,
    # Microsoft.DBforMySQL
    "mysql_firewall_rules": GENERAL,
    "mysql_parameters": GENERAL,
    "mysql_servers": GENERAL,
    # Microsoft.DBforPostgreSQL
    "postgres_administrators": GENERAL,
    "postgres_firewall_rules": GENERAL,
    "postgres_parameters": GENERAL,
    "postgres_servers": GENERAL,
    # Microsoft.DocumentDB
    "cosmos_accounts": GENERAL,
    # Microsoft.ServiceBus, Microsoft.EventHub
    "servicebus_endpoints": GENERAL,
    "servicebus_firewalls": GENERAL,
    "servicebus_namespaces": GENERAL,
    "eventhub_endpoints": GENERAL,
    "eventhub_firewalls": GENERAL,
    "eventhub_namespaces": GENERAL,
    # Microsoft.AppConfiguration, Microsoft.DataFactory, Microsoft.Automation, Microsoft.ApiManagement
    "app_configuration_stores": GENERAL,
    "data_factories": GENERAL,
    "data_factory_endpoints": GENERAL,
    "data_factory_linked_services": GENERAL,
    "automation_accounts": GENERAL,
    "automation_settings": GENERAL,
    "automation_variables": GENERAL,
    "apim_access": GENERAL,
    "apim_apis": GENERAL,
    "apim_named_values": GENERAL,
    "apim_services": GENERAL,
    "apim_subscriptions": GENERAL,
    # Microsoft.Logic
    "logic_workflows": GENERAL,
    # Microsoft.Cache
    "redis_caches": GENERAL,
    "redis_clusters": GENERAL,
    "redis_databases": GENERAL,
    # Microsoft.ContainerService
    "aks_clusters": GENERAL,
    # Microsoft.Databricks
    "databricks_details": GENERAL,
    "databricks_workspaces": GENERAL,
    # Microsoft.Synapse
    "synapse_details": GENERAL,
    "synapse_firewall_rules": GENERAL,
    "synapse_workspaces": GENERAL,
    # Microsoft.KeyVault
    "key_vault_key_policies": GENERAL,
    "key_vault_keys": GENERAL,
    "key_vault_secrets": GENERAL,
    "key_vaults": GENERAL,
    "managed_hsms": GENERAL,
    # Microsoft.Network
    "application_gateways": GENERAL,
    "bastion_hosts": GENERAL,
    "waf_policies": GENERAL,
    "flow_logs": GENERAL,
    "foreign_flow_logs": GENERAL,
    "foreign_load_balancers": GENERAL,
    "load_balancers": GENERAL,
    "network_interfaces": GENERAL,
    "network_security_groups": GENERAL,
    "network_watchers": GENERAL,
    "public_addresses": GENERAL,
    "sql_networks": GENERAL,
    "sql_public_addresses": GENERAL,
    "virtual_networks": GENERAL,
    # Microsoft.Security
    "auto_provisioning": _DEFENDER,
    "defender_pricings": _DEFENDER,
    "jit_policies": _DEFENDER,
    "secure_scores": _DEFENDER,
    "security_assessments": _DEFENDER,
    "security_assessments_metadata": _DEFENDER,
    "security_contacts": _DEFENDER,
    "security_settings": _DEFENDER,
    "security_subassessments": ("RateLimiting",),
    "software_updates": ("RateLimiting",),
    "vulnerability_settings": _DEFENDER,
    # Microsoft.Sql, Microsoft.SqlVirtualMachine. The reference of the list of managed instances mentions errors, but
    # names no code.
    "managed_instance_atp": _ATP,
    "managed_instances": GENERAL,
    "sql_alert_policies": _ALERT_POLICY,
    "sql_atp_settings": _ATP,
    "sql_database_auditing": _DATABASE,
    "sql_databases": _SERVER,
    "sql_firewall_rules": _SERVER,
    "sql_ipv6_firewall_rules": _SERVER,
    "sql_server_auditing": _SERVER,
    "sql_servers": GENERAL,
    "sql_perimeters": _SERVER,
    "sql_virtual_network_rules": _SERVER,
    "sql_virtual_machines": ("InvalidParameterValue", "InvalidCrossSubscriptionVmMove"),
    # Microsoft.Storage
    "blob_containers": _STORAGE,
    "blob_services": _STORAGE,
    "file_services": (*_STORAGE, "FeatureNotSupportedForAccount"),
    "file_shares": (*_STORAGE, "FeatureNotSupportedForAccount"),
    "foreign_log_accounts": _STORAGE,
    "management_policies": _STORAGE,
    "storage_accounts": _STORAGE,
    "storage_perimeters": _STORAGE,
    # Microsoft Graph
    "authentication_methods_policy": GENERAL,
    "authorization_policy": GENERAL,
    "conditional_access_policies": GENERAL,
    "cross_tenant_access": GENERAL,
    "cross_tenant_partners": GENERAL,
    "directory_objects": GENERAL,
    "device_registration_policy": GENERAL,
    "directory_role_assignments": GENERAL,
    "directory_role_definitions": GENERAL,
    "directory_role_eligibilities": _ELIGIBILITY,
    "domain_federation": GENERAL,
    "domains": GENERAL,
    "excluded_group_members": GENERAL,
    "excluded_group_visibility": GENERAL,
    "group_eligibilities": _ELIGIBILITY,
    "group_members": GENERAL,
    "group_settings": GENERAL,
    "group_visibility": GENERAL,
    "guest_sign_ins": _REPORT,
    "home_tenants": GENERAL,
    "mfa_registrations": _REPORT,
    "named_locations": GENERAL,
    "permission_grant_policies": GENERAL,
    "security_defaults": GENERAL,
    "service_principals": GENERAL,
    "users": GENERAL,
}
GENERAL_CODES: dict[Source, tuple[str, ...]] = {
    Source.ARM: (
        "ExpiredAuthenticationToken",
        "InvalidAuthenticationTokenTenant",
        "AuthorizationFailed",
        "SubscriptionNotFound",
        "ResourceGroupNotFound",
        "ResourceNotFound",
        "ParentResourceNotFound",
        "MissingSubscriptionRegistration",
        "ReadOnlyDisabledSubscription",
        "ResourceGroupBeingDeleted",
        "SubscriptionRequestsThrottled",
        "GatewayTimeout",
    ),
    Source.GRAPH: (
        "generalException",
        "invalidRequest",
        "unauthenticated",
        "accessDenied",
        "extensionError",
        "itemNotFound",
        "notAllowed",
        "notSupported",
        "nameAlreadyExists",
        "malwareDetected",
        "resourceModified",
        "resyncRequired",
        "syncStateNotFound",
        "invalidRange",
        "activityLimitReached",
        "serviceNotAvailable",
        "quotaLimitReached",
        "Authorization_RequestDenied",
        "Authorization_IdentityNotFound",
        "Request_ResourceNotFound",
        "Request_UnsupportedQuery",
        "Directory_ExpiredPageToken",
        "TooManyRequests",
        "Service_ServiceUnavailable",
    ),
}
PROVIDER_CODES: dict[Source, tuple[str, ...]] = {
    Source.ARM: ("BadRequest", "Conflict", "InternalServerError", "ServiceUnavailable"),
    Source.GRAPH: (),
}
