"""Which errors Microsoft documents for the request of each collection: one entry for each of them.

An entry names the codes that the reference of the request documents beyond those of the API, or `GENERAL` where the
reference documents only the API's error object. `GENERAL_CODES` adds the codes that the API documents for every
request.
The errors themselves and their sources are in `sandbox.documented_errors`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from assessments.estate.collection import Source
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from sandbox.documented_errors import ERRORS
from sandbox.documented_errors.declare import DocumentedError
from sandbox.documented_errors.graph import BASIC

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
    "virtual_machine_extensions": _COMPUTE,
    "virtual_machine_instance_views": _COMPUTE,
    "virtual_machine_statuses": _COMPUTE,
    "virtual_machines": _COMPUTE,
    "guest_configuration": GENERAL,
    # Microsoft.Insights, Microsoft.OperationalInsights
    "action_groups": GENERAL,
    "activity_log_alerts": GENERAL,
    "activity_log_settings": GENERAL,
    "alerts_elsewhere": GENERAL,
    "foreign_action_groups": GENERAL,
    "managed_instance_audit_settings": _DIAGNOSTIC_SETTINGS,
    "management_group_log_settings": GENERAL,
    "sql_audit_settings": _DIAGNOSTIC_SETTINGS,
    "workspace_tables": GENERAL,
    "workspaces": GENERAL,
    # Microsoft.Network
    "flow_logs": GENERAL,
    "foreign_flow_logs": GENERAL,
    "network_interfaces": GENERAL,
    "network_security_groups": GENERAL,
    "network_watchers": GENERAL,
    "sql_networks": GENERAL,
    "sql_public_addresses": GENERAL,
    "virtual_networks": GENERAL,
    # Microsoft.Security
    "auto_provisioning": _DEFENDER,
    "defender_pricings": _DEFENDER,
    "secure_scores": _DEFENDER,
    "security_assessments": _DEFENDER,
    "security_assessments_metadata": _DEFENDER,
    "security_contacts": _DEFENDER,
    "security_settings": _DEFENDER,
    "security_subassessments": ("RateLimiting",),
    "vulnerability_settings": _DEFENDER,
    # Microsoft.Sql, Microsoft.SqlVirtualMachine. The list of managed instances announces errors and names none.
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
    "sql_virtual_network_rules": _SERVER,
    "sql_virtual_machines": ("InvalidParameterValue", "InvalidCrossSubscriptionVmMove"),
    # Microsoft.Storage
    "blob_containers": _STORAGE,
    "blob_services": _STORAGE,
    "file_shares": (*_STORAGE, "FeatureNotSupportedForAccount"),
    "foreign_log_accounts": _STORAGE,
    "management_policies": _STORAGE,
    "storage_accounts": _STORAGE,
    # Microsoft Graph
    "authorization_policy": GENERAL,
    "conditional_access_policies": GENERAL,
    "cross_tenant_access": GENERAL,
    "cross_tenant_partners": GENERAL,
    "directory_objects": GENERAL,
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
    "security_defaults": GENERAL,
    "service_principals": GENERAL,
    "users": GENERAL,
}
GENERAL_CODES: dict[Source, tuple[str, ...]] = {
    Source.ARM: (
        "BadRequest",
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
        "Conflict",
        "SubscriptionRequestsThrottled",
        "InternalServerError",
        "ServiceUnavailable",
        "GatewayTimeout",
    ),
    Source.GRAPH: (
        *(error.code for error in BASIC),
        "Authorization_RequestDenied",
        "Authorization_IdentityNotFound",
        "Request_ResourceNotFound",
        "Request_UnsupportedQuery",
        "Directory_ExpiredPageToken",
        "TooManyRequests",
        "Service_ServiceUnavailable",
    ),
}


class Refusal(NamedTuple):
    """An error that is documented for the request of a collection, with one of its statuses."""

    collection: str
    status: int
    code: str

    @property
    def error(self) -> DocumentedError:
        return ERRORS[self.code]

    @property
    def reason(self) -> Reason | None:
        """The reason of the gap that the error must cause; None if the error says that the resource does not exist."""
        if _says_none(self):
            return None
        return _BY_CODE.get(self.code) or _BY_STATUS.get(self.status) or _of_status(self.status)


_BY_CODE = {
    "AadPremiumLicenseRequired": Reason.LICENCE_MISSING,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant": Reason.LICENCE_MISSING,
    "AuthenticationFailed": Reason.UNAUTHENTICATED,
    "ReadOnlyDisabledSubscription": Reason.SUBSCRIPTION_DISABLED,
    "SubscriptionDisabled": Reason.SUBSCRIPTION_DISABLED,
}
_BY_STATUS = {
    401: Reason.UNAUTHENTICATED,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    410: Reason.NOT_FOUND,
    429: Reason.THROTTLED,
}


def _of_status(status: int) -> Reason:
    return Reason.SERVER_ERROR if status >= 500 else Reason.BAD_ANSWER


# What a 404 says about one document that Azure need not have.
_ABSENT = {"ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "Request_ResourceNotFound"}
_ABSENT |= {"itemNotFound"}
OPTIONAL_DOCUMENTS = {
    "cross_tenant_access",
    "cross_tenant_partners",
    "domain_federation",
    "excluded_group_visibility",
    "foreign_action_groups",
    "foreign_flow_logs",
    "foreign_log_accounts",
    "group_visibility",
    "home_tenants",
    "management_policies",
    "provider_operations",
    "workspaces",
}
# The answer that the provider is not registered cannot mean that there is nothing: Microsoft.Authorization and
# Microsoft.Resources are registered in every subscription
# (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types), Azure Resource
# Graph is another provider than that of the resources, and the provider of an existing resource is registered.
OF_REGISTERED_PROVIDERS = {
    "classic_administrators",
    "deny_assignments",
    "policy_assignments",
    "policy_exemptions",
    "policy_management_groups",
    "policy_set_definitions",
    "provider_operations",
    "role_assignments",
    "role_definitions",
    "role_eligibilities",
    "managed_resource_groups",
    "resources",
    "visible_subscriptions",
    "management_groups",
    "security_subassessments",
    "blob_containers",
    "blob_services",
    "file_shares",
    "flow_logs",
    "managed_instance_atp",
    "management_group_log_settings",
    "sql_alert_policies",
    "sql_atp_settings",
    "sql_database_auditing",
    "sql_databases",
    "sql_firewall_rules",
    "sql_ipv6_firewall_rules",
    "sql_networks",
    "sql_public_addresses",
    "sql_server_auditing",
    "sql_virtual_network_rules",
    "virtual_machine_extensions",
    "virtual_machine_instance_views",
    "workspace_tables",
}


def _says_none(refusal: Refusal) -> bool:
    collection = ALL[refusal.collection]
    if refusal.code in {"Subscription Not Registered", "FeatureNotSupportedForAccount"}:
        return True
    if refusal.code == "MissingSubscriptionRegistration":
        return collection.name not in OF_REGISTERED_PROVIDERS
    if refusal.code in {"TenantNotOnboarded", "ResourceNotOnboarded"}:
        return refusal.collection == "role_eligibilities"
    if refusal.collection == "excluded_group_members" and refusal.code == "Request_ResourceNotFound":
        # A policy keeps the ids of deleted groups, which have no members.
        return True
    return refusal.collection in OPTIONAL_DOCUMENTS and refusal.code in _ABSENT


def refusals_of(name: str) -> Iterator[Refusal]:
    """Yield every documented refusal of a collection, with each of its statuses."""
    codes = dict.fromkeys((*DOCUMENTED[name], *GENERAL_CODES[ALL[name].source]))
    for code in codes:
        for status in ERRORS[code].statuses:
            yield Refusal(name, status, code)
