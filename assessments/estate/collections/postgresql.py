"""Flexible servers of Azure Database for PostgreSQL."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.sql import flexible_servers as servers

_COMMIT = "0d2955ab684f84082d25898ca86462dfe1f99462"
_FILE = "postgresql/resource-manager/Microsoft.DBforPostgreSQL/PostgreSQL/stable/2025-08-01/openapi.json"

# Servers have more than 400 parameters, of which Surety reads only these.
PARAMETERS = (
    "connection_throttle.enable",
    "log_checkpoints",
    "log_connections",
    "log_disconnections",
    "logfiles.download_enable",
    "logfiles.retention_days",
    "require_secure_transport",
    "ssl_min_protocol_version",
)
_SPECIFICATION = "postgresql/resource-manager/Microsoft.DBforPostgreSQL/stable/2022-12-01"

POSTGRES_SERVERS = listed(
    "postgres_servers",
    "Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01",
    "PostgreSQL servers",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2022-12-01", f"{_SPECIFICATION}/FlexibleServers.json"),
    definition=Definition("Server", commit=_COMMIT, file=_FILE),
)
POSTGRES_PARAMETERS = child(
    "postgres_servers",
    "postgres_parameters",
    "Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01",
    "Parameters of PostgreSQL servers",
    targets=servers.running("postgres_servers"),
    keep=servers.named(*PARAMETERS),
    error_codes=GENERAL,
    **since("2022-12-01", f"{_SPECIFICATION}/Configuration.json"),
    definition=Definition("Configuration", commit=_COMMIT, file=_FILE),
)
POSTGRES_FIREWALL_RULES = child(
    "postgres_servers",
    "postgres_firewall_rules",
    "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01",
    "Firewall rules of PostgreSQL servers",
    targets=servers.with_public_access("postgres_servers"),
    error_codes=GENERAL,
    **since("2022-12-01", f"{_SPECIFICATION}/FirewallRules.json"),
    definition=Definition("FirewallRule", commit=_COMMIT, file=_FILE),
)
POSTGRES_ADMINISTRATORS = child(
    "postgres_servers",
    "postgres_administrators",
    "Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01",
    "Microsoft Entra administrators of PostgreSQL servers",
    targets=servers.with_entra_sign_in,
    personal=True,
    error_codes=GENERAL,
    **since("2022-12-01", f"{_SPECIFICATION}/Administrators.json"),
    definition=Definition("AdministratorMicrosoftEntra", commit=_COMMIT, file=_FILE),
)
