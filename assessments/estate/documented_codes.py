"""The error codes that Microsoft documents for the requests of the collections. Each requested collection has an entry.

An entry has the codes that the reference page of the request names, or is `GENERAL` if the page names none.
`GENERAL_CODES` are documented for every request of Microsoft Graph and of Azure Resource Manager. Azure Resource
Manager can refuse a request itself, before the resource provider gets it. `PROVIDER_CODES` are codes that resource
providers also send for requests whose page names no codes. Each of these codes means the same as the HTTP status of the
answer. If Surety does not know a code, the status decides.

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
_KEYS = (
    "SecurityAdalPrincipalCertExpiredError",
    "SecurityInvalidAzureKeyVaultRecoveryLevel",
    "KeyMaterialNotFoundOnRemoteServer",
    "AzureKeyVaultRsaKeyNotSupported",
    "AzureKeyVaultKeyDisabled",
    "AzureKeyVaultInvalidExpirationDate",
    "AzureKeyVaultNoServerIdentity",
    "AzureKeyVaultMissingPermissions",
    "CanNotChangeReadOnlyDuringTdeScan",
    "EncryptionInProgress",
    "KeyChangeInProgress",
    "AzureKeyVaultConnectionFailed",
)
_EXPRESS = (
    "SqlVulnerabilityAssessmentInvalidUserSuppliedParameter",
    "SqlVulnerabilityAssessmentIsDisabled",
    "SubscriptionDoesNotHaveServer",
    "SqlVulnerabilityAssessmentStoragefullApiIsEnabled",
    "DatabaseIsUnavailable",
)
_CLASSIC = (
    "InvalidStorageAccountName",
    "InvalidStorageAccountCredentials",
    "VulnerabilityAssessmentUnsupportedStorageAccount",
    "VulnerabilityAssessmentADSIsDisabled",
    "VulnerabilityAssessmentStorageOutboundFirewallNotAllowed",
    "VulnerabilityAssessmentInsufficientStorageAccountPermissions",
    "VulnerabilityAssessmentStorageAccountIsDisabled",
    "SubscriptionDoesNotHaveServer",
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
    # Microsoft.aadiam
    "entra_log_settings": GENERAL,
    # Microsoft.AlertsManagement
    "alert_processing_rules": GENERAL,
    # Microsoft.ApiManagement
    "apim_access": GENERAL,
    "apim_apis": GENERAL,
    "apim_named_values": GENERAL,
    "apim_services": GENERAL,
    "apim_subscriptions": GENERAL,
    # Microsoft.App
    "container_apps": GENERAL,
    "container_environments": GENERAL,
    "container_routes": GENERAL,
    # Microsoft.AppConfiguration
    "app_configuration_stores": GENERAL,
    # Microsoft.Authorization
    "classic_administrators": GENERAL,
    "deny_assignments": GENERAL,
    "locks": GENERAL,
    "policy_assignments": GENERAL,
    "policy_exemptions": GENERAL,
    "policy_set_definitions": GENERAL,
    "provider_operations": GENERAL,
    "role_assignments": GENERAL,
    "role_definitions": GENERAL,
    "role_eligibilities": ("TenantNotOnboarded", "ResourceNotOnboarded", "AadPremiumLicenseRequired"),
    # Microsoft.Automation
    "automation_accounts": GENERAL,
    "automation_settings": GENERAL,
    "automation_variables": GENERAL,
    # Microsoft.Cache
    "redis_caches": GENERAL,
    "redis_clusters": GENERAL,
    "redis_databases": GENERAL,
    # Microsoft.Cdn
    "cdn_profiles": GENERAL,
    "front_door_security_policies": GENERAL,
    "front_door_endpoints": GENERAL,
    "front_door_domains": GENERAL,
    "front_door_routes": GENERAL,
    # Microsoft.CognitiveServices
    "ai_accounts": GENERAL,
    "ai_details": GENERAL,
    # Microsoft.Compute
    "disks": _COMPUTE,
    "snapshots": _COMPUTE,
    "virtual_machine_extensions": _COMPUTE,
    "virtual_machine_instance_views": _COMPUTE,
    "virtual_machine_statuses": _COMPUTE,
    "virtual_machines": _COMPUTE,
    "vm_scale_sets": _COMPUTE,
    # Microsoft.ContainerInstance
    "container_groups": GENERAL,
    # Microsoft.ContainerRegistry
    "container_registries": GENERAL,
    # Microsoft.ContainerService
    "aks_clusters": GENERAL,
    "aks_versions": GENERAL,
    # Microsoft.Databricks
    "databricks_details": GENERAL,
    "databricks_workspaces": GENERAL,
    # Microsoft.DataFactory
    "data_factories": GENERAL,
    "data_factory_endpoints": GENERAL,
    "data_factory_linked_services": GENERAL,
    # Microsoft.DataProtection
    "backup_vaults": GENERAL,
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
    # Microsoft.Easm
    "easm_workspaces": GENERAL,
    # Microsoft.EventHub
    "eventhub_endpoints": GENERAL,
    "eventhub_firewalls": GENERAL,
    "eventhub_namespaces": GENERAL,
    # Microsoft.GuestConfiguration
    "guest_configuration": GENERAL,
    "guest_configuration_reports": GENERAL,
    # Microsoft.Insights
    "action_groups": GENERAL,
    "activity_log_alerts": GENERAL,
    "activity_log_settings": GENERAL,
    "alerts_elsewhere": GENERAL,
    "foreign_action_groups": GENERAL,
    "databricks_log_settings": _DIAGNOSTIC_SETTINGS,
    "key_vault_log_settings": _DIAGNOSTIC_SETTINGS,
    "managed_instance_audit_settings": _DIAGNOSTIC_SETTINGS,
    "management_group_log_settings": GENERAL,
    "mysql_log_settings": _DIAGNOSTIC_SETTINGS,
    "resource_log_settings": _DIAGNOSTIC_SETTINGS,
    "sql_audit_settings": _DIAGNOSTIC_SETTINGS,
    "storage_log_settings": _DIAGNOSTIC_SETTINGS,
    "web_app_log_settings": _DIAGNOSTIC_SETTINGS,
    # Microsoft.Intune
    "intune_log_settings": GENERAL,
    # Microsoft.KeyVault
    "key_vault_key_policies": GENERAL,
    "key_vault_keys": GENERAL,
    "key_vault_secrets": GENERAL,
    "key_vaults": GENERAL,
    "managed_hsms": GENERAL,
    # Microsoft.Logic
    "logic_workflows": GENERAL,
    # Microsoft.ManagedServices
    "registration_assignments": GENERAL,
    # Microsoft.Management
    "management_groups": ("RateLimiting",),
    "policy_management_groups": ("RateLimiting",),
    # Microsoft.Network
    "front_doors": GENERAL,
    "front_door_waf_policies": GENERAL,
    "vpn_configurations": GENERAL,
    "vpn_gateways": GENERAL,
    "application_gateways": GENERAL,
    "bastion_hosts": GENERAL,
    "waf_policies": GENERAL,
    "flow_logs": GENERAL,
    "foreign_flow_logs": GENERAL,
    "foreign_load_balancers": GENERAL,
    "load_balancers": GENERAL,
    "network_interfaces": GENERAL,
    "network_security_groups": GENERAL,
    "network_security_perimeters": GENERAL,
    "network_watchers": GENERAL,
    "perimeter_associations": GENERAL,
    "public_addresses": GENERAL,
    "sql_networks": GENERAL,
    "sql_public_addresses": GENERAL,
    "virtual_networks": GENERAL,
    # Microsoft.OperationalInsights
    "workspace_tables": GENERAL,
    "workspaces": GENERAL,
    # Microsoft.PolicyInsights
    "certificate_policy_states": GENERAL,
    # Microsoft.RecoveryServices
    "recovery_vaults": GENERAL,
    "recovery_vault_settings": GENERAL,
    "backup_items": GENERAL,
    "backup_items_elsewhere": GENERAL,
    "backup_policies": GENERAL,
    "backup_policies_elsewhere": GENERAL,
    "recovery_vaults_elsewhere": GENERAL,
    "replication_usages": GENERAL,
    # Microsoft.Resources
    "managed_resource_groups": GENERAL,
    "network_provider": GENERAL,
    "resources": GENERAL,
    "backup_subscriptions": GENERAL,
    "visible_subscriptions": GENERAL,
    # Microsoft.Search
    "search_services": GENERAL,
    # Microsoft.Security
    "auto_provisioning": _DEFENDER,
    "defender_pricings": _DEFENDER,
    "iot_solutions": _DEFENDER,
    "jit_policies": _DEFENDER,
    "secure_scores": _DEFENDER,
    "security_assessments": _DEFENDER,
    "security_assessments_metadata": _DEFENDER,
    "security_automations": _DEFENDER,
    "security_contacts": _DEFENDER,
    "security_settings": _DEFENDER,
    "security_subassessments": ("RateLimiting",),
    "software_updates": ("RateLimiting",),
    "vulnerability_settings": _DEFENDER,
    "managed_instance_express": _DEFENDER,
    # Microsoft.ServiceBus
    "servicebus_endpoints": GENERAL,
    "servicebus_firewalls": GENERAL,
    "servicebus_namespaces": GENERAL,
    # Microsoft.Sql
    "managed_database_encryption": _KEYS,
    "managed_databases": GENERAL,
    "managed_instance_assessments": _CLASSIC,
    "managed_instance_atp": _ATP,
    "managed_instance_protectors": _KEYS,
    # Microsoft's API reference for listing managed instances mentions errors, but names no code.
    "managed_instances": GENERAL,
    "sql_alert_policies": _ALERT_POLICY,
    "sql_atp_settings": _ATP,
    "sql_classic_assessments": _CLASSIC,
    "sql_database_auditing": _DATABASE,
    "sql_database_encryption": _KEYS,
    "sql_databases": _SERVER,
    "sql_encryption_protectors": _KEYS,
    "sql_express_assessments": _EXPRESS,
    "sql_firewall_rules": _SERVER,
    "sql_ipv6_firewall_rules": _SERVER,
    "sql_server_auditing": _SERVER,
    "sql_servers": GENERAL,
    "sql_perimeters": _SERVER,
    "sql_virtual_network_rules": _SERVER,
    # Microsoft.SqlVirtualMachine
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
    # Microsoft.Subscription
    "subscription_policy": GENERAL,
    # Microsoft.Synapse
    "synapse_details": GENERAL,
    "synapse_firewall_rules": GENERAL,
    "synapse_workspaces": GENERAL,
    # Microsoft.Web
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
    # Microsoft Graph
    "applications": GENERAL,
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
    "user_sign_ins": _REPORT,
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
