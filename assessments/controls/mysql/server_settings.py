"""Controls of the parameters, firewall, backups and standby servers of MySQL flexible servers.

Properties: mysql/resource-manager/Microsoft.DBforMySQL/FlexibleServers/stable/2024-12-30/openapi.json. Values of
parameters: https://learn.microsoft.com/azure/mysql/flexible-server/concepts-server-parameters
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.flexible_server_controls import (
    azure_kept_out,
    backups_in_second_region,
    encryption_required,
    public_networks_refused,
    standby_server,
)
from assessments.controls.shared.flexible_servers import (
    REPLICAS_TOO,
    RULE,
    SERVER,
    parameter_rule,
    read_parameter,
    words_of,
)
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.mysql import (
    MYSQL_FIREWALL_RULES,
    MYSQL_LOG_SETTINGS,
    MYSQL_PARAMETERS,
    MYSQL_SERVERS,
)
from assessments.estate.logs.log_sinks import exported
from assessments.estate.sql.flexible_servers import is_running
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

_SUBSCRIPTION: Final = " --subscription {subscription}"
_SERVER: Final = "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/mysql/flexible-server"
_PARAMETERS: Final = f"{_LEARN}/how-to-configure-server-parameters-portal"
_LOG_COST: Final = (
    "Logs that a diagnostic setting sends to a workspace or a storage account are billed there."
)

_VERSIONS: Final = frozenset({"tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"})
# https://learn.microsoft.com/azure/mysql/flexible-server/concepts-audit-logs
_CONNECTIONS: Final = frozenset({"connection", "connection_v2"})
_EVENTS: Final = _CONNECTIONS | {
    "admin", "dcl", "ddl", "dml", "dml_nonselect", "dml_select", "general", "table_access",
}  # fmt: skip
# The log category of the audit log, and the category groups that contain this category:
# https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-dbformysql-flexibleservers-logs
_AUDIT_LOG: Final = frozenset({"mysqlauditlogs", "audit", "alllogs"})
# The database account that Azure itself uses. By default, the audit log leaves this account out. Source: the example
# ConfigurationsListByServer of the specification
_ACCOUNT_OF_AZURE: Final = "azure_superuser"
_AUDIT: Final = {"on": passed("The audit log is on"), "off": failed("The audit log is off")}


def _parameter(name: str, value: str) -> str:
    return (
        "az mysql flexible-server parameter set --resource-group {group} --server-name {flexible_server}"
        f" --name {name} --value {value}{_SUBSCRIPTION}"
    )


def _set(name: str, value: str, intro: str = "", effects: str = "", cost: str = "") -> Fix:
    """Return the fix that sets a parameter of the server."""
    return Fix(
        command(_parameter(name, value), intro),
        portal=f"{_SERVER} Settings › Server parameters › `{name}`",
        portal_source=_PARAMETERS,
        effects=effects,
        cost=cost,
        variables=[SERVER],
    )


def _update(options: str) -> str:
    return (
        f"az mysql flexible-server update --resource-group {{group}} --name {{flexible_server}} {options}"
        f"{_SUBSCRIPTION}"
    )


def _is_off(facts: Facts) -> bool:
    """Return whether the finding says that the audit log is off."""
    return facts.text("value").casefold() == "off"


def _with_connections(facts: Facts) -> str:
    """Return the events that the finding states, and the event CONNECTION, separated by commas. Return an empty text if
    the finding states no events.
    """
    if "value" not in facts.observed or _is_off(facts):
        return ""
    words = [word.strip() for word in facts.text("value").split(",")]
    return ",".join([*filter(None, words), "CONNECTION"])


def _tls(found: View) -> Verdict:
    versions = words_of(found, _VERSIONS)
    if not versions:
        return failed("The server’s list of permitted TLS versions is empty")
    if versions <= {"tlsv1.2", "tlsv1.3"}:
        return passed("Connections need TLS 1.2 or newer")
    return failed("Connections with TLS 1.1 or older are allowed")


def _events(found: View) -> Verdict:
    if words_of(found, _EVENTS) & _CONNECTIONS:
        return passed("Connections are written to the audit log")
    return failed("Connections are not written to the audit log")


_AUDITED_EVENTS: Final = parameter_rule(MYSQL_PARAMETERS, "audit_log_events", _events)


def _audit_connections(server: View, ctx: Context) -> Verdict:
    if is_running(server):
        switch = read_parameter(server, ctx, MYSQL_PARAMETERS, "audit_log_enabled")
        # `audit_log_events` names connections by default, even while the audit log is off. So look at
        # `audit_log_enabled` first.
        if switch is not None and switch.object("properties").choice("value", {"on", "off"}) == "off":
            return failed("The audit log is off, so connections are not written to it", value="OFF")
        if switch is None:
            return _AUDIT_SWITCH(server, ctx)
    return _AUDITED_EVENTS(server, ctx)


_AUDIT_SWITCH: Final = parameter_rule(MYSQL_PARAMETERS, "audit_log_enabled", _AUDIT)


def _is_exported(server: View, ctx: Context) -> bool | None:
    """Return whether a diagnostic setting exports the audit log. Return None if that is not known."""
    settings, gap = ctx.partial_at(MYSQL_LOG_SETTINGS, server.id)
    found = exported(settings)
    if found.categories & _AUDIT_LOG:
        return True
    return None if gap is not None or found.problem is not None else False


_EXPORT: Final = (
    Remark(
        "No diagnostic setting exports the audit log",
        lambda server, ctx: _is_exported(server, ctx) is False,
        on_failures=False,
    ),
    Remark(
        "Could not check whether a diagnostic setting exports the audit log",
        lambda server, ctx: _is_exported(server, ctx) is None,
        on_failures=False,
    ),
)


def _leaves_users_out(server: View, ctx: Context) -> bool:
    """Return whether the audit log lacks events of some users, because parameters limit the log to certain users or
    leave users out. An absent parameter has no effect.
    """
    included, excluded = (
        read_parameter(server, ctx, MYSQL_PARAMETERS, f"audit_log_{kind}_users")
        for kind in ("include", "exclude")
    )
    # The names may be patterns. If both parameters name a user, the log contains the user's events. So if the included
    # names contain `*`, the log contains the events of all users.
    if "*" in _users(included):
        return False
    return bool(_users(included)) or bool(_users(excluded) - {_ACCOUNT_OF_AZURE})


def _users(found: View | None) -> set[str]:
    value = "" if found is None else str(found.raw("properties.value") or "")
    return {name.strip().casefold() for name in value.split(",")} - {""}


_SOME_USERS: Final = Remark(
    "The audit log leaves out some users",
    _leaves_users_out,
    on_failures=False,
)


CONTROLS = declare_settings(
    __name__,
    MYSQL_SERVERS,
    encryption_required(
        "mysql",
        "MySQL",
        MYSQL_PARAMETERS,
        References(c2="4.4.1", c3="5.3.1", mcsb="DP-3*", nist="SC-8*"),
        _set("require_secure_transport", "ON", effects="Clients that do not encrypt can no longer connect."),
    ),
    SettingControl(
        "mysql-tls",
        title="MySQL servers require TLS 1.2",
        problem="MySQL server accepts old versions of TLS",
        expected="Only TLS 1.2 and newer versions are allowed",
        judged=f"The parameter `tls_version` of each flexible server.{REPLICAS_TOO}",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.HIGH,
        judge=parameter_rule(MYSQL_PARAMETERS, "tls_version", _tls),
        needs=(MYSQL_PARAMETERS,),
        references=References(c2="4.4.2", c3="5.3.2", mcsb="DP-3*", nist="SC-8*"),
        # https://learn.microsoft.com/azure/mysql/flexible-server/how-to-connect-tls-ssl
        fix=_set(
            "tls_version",
            "TLSv1.2,TLSv1.3",
            intro="MySQL 5.7 does not know TLS 1.3: enter TLSv1.2 alone.",
            effects="Clients that know only TLS 1.0 or 1.1 can no longer connect. The value takes effect at the next"
            " restart of the server.",
        ),
    ),
    SettingControl(
        "mysql-audit",
        title="MySQL servers write an audit log",
        problem="MySQL server without an audit log",
        expected="The audit log is on",
        judged="The parameter `audit_log_enabled` of each flexible server. Remarks say if no diagnostic setting with a"
        " destination exports the log MySqlAuditLogs, and if the log leaves users out (`audit_log_include_users` or"
        f" `audit_log_exclude_users`).{REPLICAS_TOO}",
        why="Without an audit log, nobody can find out who read or changed data.",
        severity=Severity.MEDIUM,
        judge=_AUDIT_SWITCH,
        remarks=(_SOME_USERS, *_EXPORT),
        needs=(MYSQL_PARAMETERS,),
        optional=(MYSQL_LOG_SETTINGS,),
        references=References(c2="4.4.3", c3="5.3.3", mcsb="LT-3*", nist="AU-12*"),
        fix=_set(
            "audit_log_enabled", "ON", cost=_LOG_COST, effects="Writing the log takes some computing time."
        ),
    ),
    SettingControl(
        "mysql-audit-conn",
        title="MySQL servers audit connections",
        problem="MySQL server does not audit connections",
        expected="The audit log is on and contains connections",
        judged="The parameters `audit_log_enabled` and `audit_log_events` of each flexible server. The second one"
        " counts only if the audit log is on, and must contain the event CONNECTION or CONNECTION_V2. A remark says if"
        f" the log leaves users out (`audit_log_include_users` or `audit_log_exclude_users`).{REPLICAS_TOO}",
        why="Without connections in the log, failed attempts to sign in stay unnoticed.",
        severity=Severity.MEDIUM,
        judge=_audit_connections,
        remarks=(_SOME_USERS,),
        needs=(MYSQL_PARAMETERS,),
        references=References(c2="4.4.4", c3="5.3.4", mcsb="LT-3*", nist="AU-12*"),
        fix=Fix(
            command(
                _parameter("audit_log_events", "{audit_events}"),
                "Add connections to the events in the audit log. The command replaces the earlier events.",
                when=lambda facts: not _is_off(facts),
            ),
            command(
                _parameter("audit_log_enabled", "ON"),
                "Switch the audit log on. By default, it contains connections.",
                when=_is_off,
            ),
            portal=f"{_SERVER} Settings › Server parameters › `audit_log_events`",
            portal_source=_PARAMETERS,
            cost=_LOG_COST,
            effects="Writing the log takes some computing time.",
            variables=[
                SERVER,
                Variable(
                    "audit_events",
                    "Events in the audit log, separated by commas",
                    "CONNECTION,ADMIN,DDL,DCL",
                    known=_with_connections,
                ),
            ],
        ),
    ),
    azure_kept_out(
        "mysql",
        "MySQL",
        MYSQL_FIREWALL_RULES,
        References(mcsb="NS-2*", nist="SC-7*"),
        Fix(
            command(
                "az mysql flexible-server firewall-rule delete --resource-group {group} --name {flexible_server}"
                f" --rule-name {{rule}}{_SUBSCRIPTION}"
            ),
            portal=f"{_SERVER} Settings › Networking › Allow public access from Azure services and resources within"
            " Azure to this server › clear the box",
            portal_source=f"{_LEARN}/how-to-manage-firewall-portal",
            effects="Clients that connect only because of this rule lose access.",
            variables=[SERVER, RULE],
        ),
    ),
    public_networks_refused(
        "mysql",
        "MySQL",
        References(mcsb2="NS-2", nist="AC-4* SC-7*"),
        Fix(
            command(
                _update("--public-access Disabled"),
                "First create a private endpoint, and make sure that all clients use it.",
            ),
            portal=f"{_SERVER} Settings › Networking › Allow public access to this resource through the internet using"
            " a public IP address › clear the box",
            portal_source=f"{_LEARN}/how-to-networking-private-link-deny-public-access",
            effects="Clients that do not use a private endpoint can no longer connect.",
            variables=[SERVER],
        ),
    ),
    backups_in_second_region(
        "mysql",
        "MySQL",
        References(mcsb="BR-1*", nist="CP-6* CP-9*"),
        Fix(
            command(
                _update("--geo-redundant-backup Enabled"),
                "Servers whose backups are zone-redundant cannot be changed: restore their data to a new server with"
                " geo-redundant backups.",
            ),
            portal=f"{_SERVER} Compute + Storage › Geo-redundancy",
            portal_source=f"{_LEARN}/concepts-backup-restore",
            cost="Azure bills the storage for backups in both regions.",
            variables=[SERVER],
        ),
    ),
    standby_server(
        "mysql",
        "MySQL",
        References(nist="CP-10* SC-5*"),
        Fix(
            # Standby servers: https://learn.microsoft.com/azure/mysql/flexible-server/concepts-high-availability-faq
            # The parameters and their order: https://learn.microsoft.com/azure/mysql/flexible-server/concepts-read-replicas
            command(
                "\n".join(
                    _parameter(name, value)
                    for name, value in (
                        ("enforce_gtid_consistency", "ON"),
                        ("gtid_mode", "OFF_PERMISSIVE"),
                        ("gtid_mode", "ON_PERMISSIVE"),
                        ("gtid_mode", "ON"),
                    )
                ),
                "First switch GTID mode on. It is off by default. Azure allows the change only in the order of these"
                " commands, and not for a server with read replicas. If gtid_mode already has one of the values, start"
                " with the command for the next value.",
            ),
            command(
                _update("--high-availability SameZone"),
                "A standby server in another availability zone can be chosen only when a server is created, or for a"
                " server of the tier Business Critical that was created since January 2025. If the server's compute"
                " tier is Burstable, first choose another tier.",
            ),
            portal=f"{_SERVER} High Availability",
            portal_source=f"{_LEARN}/how-to-configure-high-availability",
            cost="Azure bills the standby server like a second server of the same size.",
            # https://learn.microsoft.com/azure/mysql/flexible-server/concepts-high-availability#limitations
            effects="GTID mode refuses some statements, and cannot be switched off again. Azure turns on automatic"
            " growth of the storage, which cannot be switched off either. Statements that delete rows of several tables"
            " together, with foreign keys and ON DELETE CASCADE, can break the replication to the standby server.",
            variables=[SERVER],
        ),
    ),
)
