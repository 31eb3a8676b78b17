"""The errors that Microsoft documents for the request of each collection, and the gap that each must cause.

The codes of each collection are in `assessments.estate.documented_codes`; the errors themselves and their sources in
`sandbox.documented_errors`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from assessments.estate.collections import ALL
from assessments.estate.documented_codes import DOCUMENTED, GENERAL_CODES, PROVIDER_CODES
from assessments.estate.gaps import Reason
from sandbox.documented_errors import ERRORS
from sandbox.documented_errors.declare import DocumentedError


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


# Error codes of a 404 for a document that need not exist in Azure: they say that the document is absent.
_ABSENT = {"ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "Request_ResourceNotFound"}
_ABSENT |= {"itemNotFound"}
OPTIONAL_DOCUMENTS = {
    "ai_details",
    "eventhub_firewalls",
    "servicebus_firewalls",
    "cross_tenant_access",
    "cross_tenant_partners",
    "databricks_details",
    "domain_federation",
    "excluded_group_visibility",
    "foreign_action_groups",
    "foreign_flow_logs",
    "foreign_load_balancers",
    "foreign_log_accounts",
    "group_visibility",
    "guest_configuration_reports",
    "home_tenants",
    "key_vault_key_policies",
    "managed_instance_assessments",
    "management_policies",
    "provider_operations",
    "subscription_policy",
    "synapse_details",
    "sql_classic_assessments",
    "sql_express_assessments",
    "vpn_gateways",
    "workspaces",
}
# These codes say that the server has no vulnerability assessment of the requested kind: it is off, or the server uses
# the other kind (express or classic).
_OFF = {
    "SqlVulnerabilityAssessmentIsDisabled",
    "SqlVulnerabilityAssessmentStoragefullApiIsEnabled",
    "VulnerabilityAssessmentADSIsDisabled",
}
# If the resource provider of a collection is not registered in a subscription, it usually has no resources there. For
# these collections, such an answer proves nothing, and therefore causes a gap:
# - Microsoft.Authorization and Microsoft.Resources are registered in every subscription
#   (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types).
# - Azure Resource Graph lists resources of other providers. Whether its own provider is registered says nothing about
#   them.
# - Other collections are read for an existing resource, whose provider is always registered.
OF_REGISTERED_PROVIDERS = {
    "aks_versions",
    "classic_administrators",
    "deny_assignments",
    "locks",
    "policy_assignments",
    "policy_exemptions",
    "policy_management_groups",
    "certificate_policy_states",
    "network_provider",
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
    "software_updates",
    "blob_containers",
    "container_routes",
    "blob_services",
    "file_services",
    "file_shares",
    "flow_logs",
    "front_door_domains",
    "front_door_endpoints",
    "front_door_routes",
    "front_door_security_policies",
    "key_vault_keys",
    "key_vault_secrets",
    "backup_items",
    "backup_items_elsewhere",
    "backup_policies",
    "backup_policies_elsewhere",
    "backup_subscriptions",
    "recovery_vault_settings",
    "replication_usages",
    "redis_databases",
    "servicebus_endpoints",
    "data_factory_endpoints",
    "data_factory_linked_services",
    "automation_settings",
    "automation_variables",
    "apim_access",
    "apim_apis",
    "apim_named_values",
    "apim_subscriptions",
    "eventhub_endpoints",
    "managed_database_encryption",
    "managed_databases",
    "managed_instance_atp",
    "managed_instance_protectors",
    "perimeter_associations",
    "mysql_firewall_rules",
    "mysql_parameters",
    "postgres_administrators",
    "postgres_firewall_rules",
    "postgres_parameters",
    "management_group_log_settings",
    "sql_alert_policies",
    "sql_atp_settings",
    "sql_database_auditing",
    "sql_database_encryption",
    "sql_databases",
    "sql_encryption_protectors",
    "sql_firewall_rules",
    "sql_ipv6_firewall_rules",
    "sql_networks",
    "sql_perimeters",
    "sql_public_addresses",
    "sql_server_auditing",
    "sql_virtual_network_rules",
    "storage_perimeters",
    "virtual_machine_extensions",
    "virtual_machine_instance_views",
    "workspace_tables",
    "function_stacks",
    "synapse_firewall_rules",
    "web_auth",
    "web_configs",
    "web_endpoints",
    "web_publishing",
    "web_references",
    "web_slots",
    "web_stacks",
}


def _says_none(refusal: Refusal) -> bool:
    collection = ALL[refusal.collection]
    if refusal.code in {"Subscription Not Registered", "FeatureNotSupportedForAccount"} | _OFF:
        return True
    if refusal.code == "MissingSubscriptionRegistration":
        return collection.name not in OF_REGISTERED_PROVIDERS
    if refusal.code in {"DisallowedOperation", "DisallowedProvider"}:
        # The subscription's offer does not allow vaults, so there are none.
        return refusal.collection == "recovery_vaults_elsewhere"
    if refusal.code in {"TenantNotOnboarded", "ResourceNotOnboarded"}:
        return refusal.collection == "role_eligibilities"
    if refusal.collection == "excluded_group_members" and refusal.code == "Request_ResourceNotFound":
        # A policy keeps the ids of deleted groups, which have no members.
        return True
    return refusal.collection in OPTIONAL_DOCUMENTS and refusal.code in _ABSENT


def refusals_of(name: str) -> Iterator[Refusal]:
    """Yield every documented refusal of a collection, with each of its statuses."""
    source = ALL[name].source
    codes = dict.fromkeys((*DOCUMENTED[name], *GENERAL_CODES[source], *PROVIDER_CODES[source]))
    for code in codes:
        for status in ERRORS[code].statuses:
            yield Refusal(name, status, code)
