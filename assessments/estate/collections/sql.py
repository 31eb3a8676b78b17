"""SQL servers, databases, managed instances and SQL virtual machines."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import DIAGNOSTIC_SETTING, IN_SCOPE, SINGLE, arm, child, since
from assessments.estate.documented_codes import (
    ALERT_POLICY,
    DIAGNOSTIC_SETTINGS,
    GENERAL,
    SQL_DATABASE,
    SQL_SERVER,
    THREAT_PROTECTION,
)
from assessments.estate.sdk_operation import Library, of_resource, of_subscription
from assessments.estate.sql import targets as sql_targets
from assessments.estate.sql.administrators import without_login

# Azure returns the property `administrators` only if the request has this query parameter.
_WITH_ADMINISTRATORS = {"$expand": "administrators/activedirectory"}
# https://learn.microsoft.com/azure/azure-sql/database/serverless-tier-auto-pause-resume
RESUMES_DATABASES = (
    "If the encryption or auditing of a paused serverless SQL database is read, Azure resumes the database and bills"
    " its compute until it pauses again, by default after an hour."
)

SQL_SERVERS = arm(
    "sql_servers",
    "Microsoft.Sql/servers@2025-01-01",
    "SQL servers",
    query=_WITH_ADMINISTRATORS,
    prepare=without_login,
    operation=of_subscription(Library.SQL, "servers"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2021-11-01",
        "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/Servers.json",
        {"properties.isIPv6Enabled": "2023-08-01"},
    ),
)
SQL_FIREWALL_RULES = child(
    "sql_servers",
    "sql_firewall_rules",
    "Microsoft.Sql/servers/firewallRules@2025-01-01",
    "SQL firewall rules",
    operation=of_resource(Library.SQL, "firewall_rules", "list_by_server"),
    error_codes=SQL_SERVER,
    **since("2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/FirewallRules.json"),
)
SQL_IPV6_FIREWALL_RULES = child(
    "sql_servers",
    "sql_ipv6_firewall_rules",
    "Microsoft.Sql/servers/ipv6FirewallRules@2025-01-01",
    "SQL IPv6 firewall rules",
    operation=of_resource(Library.SQL, "ipv6_firewall_rules", "list_by_server"),
    error_codes=SQL_SERVER,
    **since("2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/IPv6FirewallRules.json"),
)
SQL_VNET_RULES = child(
    "sql_servers",
    "sql_virtual_network_rules",
    "Microsoft.Sql/servers/virtualNetworkRules@2025-01-01",
    "SQL virtual network rules",
    operation=of_resource(Library.SQL, "virtual_network_rules", "list_by_server"),
    error_codes=SQL_SERVER,
    **since("2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/VirtualNetworkRules.json"),
)
SQL_PERIMETERS = child(
    "sql_servers",
    "sql_perimeters",
    "Microsoft.Sql/servers/networkSecurityPerimeterConfigurations@2025-01-01",
    "Network security perimeters of SQL servers",
    operation=of_resource(Library.SQL, "network_security_perimeter_configurations", "list_by_server"),
    # Only the public cloud has perimeters, so other clouds may lack this resource type.
    # https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts
    retired=True,
    error_codes=SQL_SERVER,
    **since("2025-01-01", "azure-mgmt-sql 4.0.0"),
)
# Surety reads `extendedAuditingSettings`, because `auditingSettings` returns the same policies without the predicate by
# which a policy can exclude events.
SQL_SERVER_AUDITING = child(
    "sql_servers",
    "sql_server_auditing",
    "Microsoft.Sql/servers/extendedAuditingSettings@2025-01-01",
    "SQL server auditing",
    path="{scope}/extendedAuditingSettings/default",
    operation=of_resource(Library.SQL, "extended_server_blob_auditing_policies", "get"),
    **SINGLE,
    error_codes=SQL_SERVER,
    **since("2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/BlobAuditing.json"),
)
SQL_DATABASES = child(
    "sql_servers",
    "sql_databases",
    "Microsoft.Sql/servers/databases@2025-01-01",
    "SQL databases",
    operation=of_resource(Library.SQL, "databases", "list_by_server"),
    inventory=Inventory.CONFIGURATION,
    error_codes=SQL_SERVER,
    **since("2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/Databases.json"),
)
SQL_DATABASE_AUDITING = arm(
    "sql_database_auditing",
    "Microsoft.Sql/servers/databases/extendedAuditingSettings@2025-01-01",
    "SQL database auditing",
    path="{scope}/extendedAuditingSettings/default",
    after=("sql_databases", "sql_server_auditing"),
    targets=t.databases_without_server_audit,
    side_effect=RESUMES_DATABASES,
    operation=of_resource(Library.SQL, "extended_database_blob_auditing_policies", "get"),
    **SINGLE,
    error_codes=SQL_DATABASE,
    **since("2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/BlobAuditing.json"),
)
SQL_AUDIT_SETTINGS = arm(
    "sql_audit_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of audited SQL databases",
    after=("sql_server_auditing", "sql_database_auditing"),
    targets=t.monitor_audited,
    error_codes=DIAGNOSTIC_SETTINGS,
    **since(
        "2017-05-01-preview",
        "monitor/resource-manager/Microsoft.Insights/preview/2017-05-01-preview/diagnosticsSettings_API.json",
        {
            "properties.logs[].categoryGroup": "2021-05-01-preview",
            "properties.marketplacePartnerId": "2021-05-01-preview",
        },
    ),
    definition=DIAGNOSTIC_SETTING,
)
SQL_ALERT_POLICIES = child(
    "sql_servers",
    "sql_alert_policies",
    "Microsoft.Sql/servers/securityAlertPolicies@2025-01-01",
    "SQL threat detection",
    path="{scope}/securityAlertPolicies/Default",
    operation=of_resource(Library.SQL, "server_security_alert_policies", "get", "Default"),
    **SINGLE,
    error_codes=ALERT_POLICY,
    **since(
        "2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/ServerSecurityAlertPolicies.json"
    ),
)
SQL_ATP_SETTINGS = arm(
    "sql_atp_settings",
    "Microsoft.Sql/servers/advancedThreatProtectionSettings@2025-01-01",
    "SQL threat detection (newer resource)",
    path="{scope}/advancedThreatProtectionSettings/Default",
    after=("sql_alert_policies",),
    targets=t.servers_without_alert_policy,
    **SINGLE,
    error_codes=THREAT_PROTECTION,
    **since(
        "2021-11-01",
        "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/ServerAdvancedThreatProtectionSettings.json",
    ),
    definition=Definition("azure.mgmt.sql.models:ServerAdvancedThreatProtection"),
)
MANAGED_INSTANCES = arm(
    "managed_instances",
    "Microsoft.Sql/managedInstances@2025-01-01",
    "SQL managed instances",
    query=_WITH_ADMINISTRATORS,
    prepare=without_login,
    operation=of_subscription(Library.SQL, "managed_instances"),
    inventory=Inventory.CONFIGURATION,
    # Microsoft's API reference for listing managed instances mentions errors, but names no code.
    error_codes=GENERAL,
    **since("2021-11-01", "sql/resource-manager/Microsoft.Sql/stable/2021-11-01/ManagedInstances.json"),
)
MANAGED_INSTANCE_ATP = child(
    "managed_instances",
    "managed_instance_atp",
    "Microsoft.Sql/managedInstances/advancedThreatProtectionSettings@2025-01-01",
    "Threat detection of SQL managed instances",
    path="{scope}/advancedThreatProtectionSettings/Default",
    operation=of_resource(
        Library.SQL, "managed_instance_advanced_threat_protection_settings", "get", "Default"
    ),
    **SINGLE,
    error_codes=THREAT_PROTECTION,
    **since(
        "2023-08-01",
        "sql/resource-manager/Microsoft.Sql/stable/2023-08-01/ManagedInstanceAdvancedThreatProtectionSettings.json",
    ),
)
MANAGED_INSTANCE_AUDIT_SETTINGS = child(
    "managed_instances",
    "managed_instance_audit_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of SQL managed instances",
    path=IN_SCOPE + "Microsoft.Insights/diagnosticSettings",
    error_codes=DIAGNOSTIC_SETTINGS,
    **since(
        "2017-05-01-preview",
        "monitor/resource-manager/Microsoft.Insights/preview/2017-05-01-preview/diagnosticsSettings_API.json",
        {
            "properties.logs[].categoryGroup": "2021-05-01-preview",
            "properties.marketplacePartnerId": "2021-05-01-preview",
        },
    ),
    definition=DIAGNOSTIC_SETTING,
)
SQL_VIRTUAL_MACHINES = arm(
    "sql_virtual_machines",
    "Microsoft.SqlVirtualMachine/sqlVirtualMachines@2023-10-01",
    "SQL virtual machines",
    inventory=Inventory.CONFIGURATION,
    error_codes=("InvalidParameterValue", "InvalidCrossSubscriptionVmMove"),
    **since(
        "2017-03-01-preview",
        "sqlvirtualmachine/resource-manager/Microsoft.SqlVirtualMachine/preview/2017-03-01-preview/sqlvm.json",
    ),
    definition=Definition(
        "azure.mgmt.sqlvirtualmachine.models:SqlVirtualMachine", library="azure-mgmt-sqlvirtualmachine 1.0.0"
    ),
)
SQL_NETWORKS = arm(
    "sql_networks",
    "Microsoft.Network/virtualNetworks@2026-03-01",
    "Virtual networks of SQL instances and machines",
    path="{scope}",
    after=("managed_instances", "sql_virtual_machines", "virtual_machines", "network_interfaces"),
    targets=sql_targets.networks,
    operation=of_resource(Library.NETWORK, "virtual_networks", "get"),
    **SINGLE,
    error_codes=GENERAL,
    **since("2017-10-01", "azure-mgmt-network 20.0.0, v2017_10_01"),
)
SQL_PUBLIC_ADDRESSES = arm(
    "sql_public_addresses",
    "Microsoft.Network/publicIPAddresses@2026-03-01",
    "Public addresses of SQL machines that no security group protects",
    path="{scope}",
    after=("sql_virtual_machines", "virtual_machines", "network_interfaces", "sql_networks"),
    targets=sql_targets.public_addresses,
    operation=of_resource(Library.NETWORK, "public_ip_addresses", "get"),
    **SINGLE,
    error_codes=GENERAL,
    **since("2017-10-01", "azure-mgmt-network 20.0.0, v2017_10_01"),
)
