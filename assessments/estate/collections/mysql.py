"""Flexible servers of Azure Database for MySQL."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import DIAGNOSTIC_SETTING, child, listed, since
from assessments.estate.documented_codes import DIAGNOSTIC_SETTINGS, GENERAL
from assessments.estate.sql import flexible_servers as servers

_COMMIT = "ed41db4ddd2b682c391e2517d026b2e226dcaa92"
_FILE = "mysql/resource-manager/Microsoft.DBforMySQL/FlexibleServers/stable/2024-12-30/openapi.json"

# Servers have more than 300 parameters, of which Surety reads only these.
PARAMETERS = (
    "audit_log_enabled",
    "audit_log_events",
    "audit_log_exclude_users",
    "audit_log_include_users",
    "require_secure_transport",
    "tls_version",
)
_SPECIFICATION = "mysql/resource-manager/Microsoft.DBforMySQL"

MYSQL_SERVERS = listed(
    "mysql_servers",
    "Microsoft.DBforMySQL/flexibleServers@2024-12-30",
    "MySQL servers",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2022-01-01", f"{_SPECIFICATION}/FlexibleServers/stable/2022-01-01/FlexibleServers.json"),
    definition=Definition("Server", commit=_COMMIT, file=_FILE),
)
MYSQL_PARAMETERS = child(
    "mysql_servers",
    "mysql_parameters",
    "Microsoft.DBforMySQL/flexibleServers/configurations@2024-12-30",
    "Parameters of MySQL servers",
    targets=servers.running("mysql_servers"),
    keep=servers.named(*PARAMETERS),
    error_codes=GENERAL,
    **since("2022-01-01", f"{_SPECIFICATION}/Configurations/stable/2022-01-01/Configurations.json"),
    definition=Definition("Configuration", commit=_COMMIT, file=_FILE),
)
MYSQL_LOG_SETTINGS = child(
    "mysql_servers",
    "mysql_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of MySQL servers",
    path="{scope}/providers/Microsoft.Insights/diagnosticSettings",
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
MYSQL_FIREWALL_RULES = child(
    "mysql_servers",
    "mysql_firewall_rules",
    "Microsoft.DBforMySQL/flexibleServers/firewallRules@2024-12-30",
    "Firewall rules of MySQL servers",
    targets=servers.with_public_access("mysql_servers"),
    error_codes=GENERAL,
    **since("2022-01-01", f"{_SPECIFICATION}/Firewall/stable/2022-01-01/FirewallRules.json"),
    definition=Definition("FirewallRule", commit=_COMMIT, file=_FILE),
)
