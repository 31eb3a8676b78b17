"""Controls of the settings of PostgreSQL flexible servers: parameters, firewall, sign-in, backups, standby servers.

Properties: postgresql/resource-manager/Microsoft.DBforPostgreSQL/PostgreSQL/stable/2025-08-01/openapi.json. Values of
parameters: the pages below https://learn.microsoft.com/azure/postgresql/server-parameters
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.flexible_servers import (
    NEW_SERVER,
    RULE,
    SERVER,
    firewall_rule,
    geo_backup,
    high_availability,
    parameter_rule,
    public_access_off,
    read_parameter,
    unless_replica,
    words_of,
)
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.postgresql import (
    POSTGRES_ADMINISTRATORS,
    POSTGRES_FIREWALL_RULES,
    POSTGRES_PARAMETERS,
    POSTGRES_SERVERS,
)
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_SUBSCRIPTION: Final = " --subscription {subscription}"
_SERVER: Final = "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/postgresql"
_PARAMETERS: Final = f"{_LEARN}/server-parameters/how-to-server-parameters-set-value"
_ONLY: Final = " Read replicas are judged too. While a server is not running, the verdict is unknown."

ENTRA_ONLY: Final = Parameter("entra_only", False, "Fail servers that also accept passwords")

# From version 18 on, the parameter is a list; `on` then stands for the first three words:
# https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-CONNECTIONS
_LOGGED: Final = frozenset(
    {"on", "off", "all", "receipt", "authentication", "authorization", "setup_durations"}
)
_NO_FILES: Final = Remark(
    "The server keeps no log files, so only a diagnostic setting keeps logs",
    lambda found, _: str(found.raw("properties.value")).casefold() == "off",
)


def _set(name: str, value: str, effects: str = "", cost: str = "") -> Fix:
    """Return the fix that sets a parameter."""
    return Fix(
        command(
            "az postgres flexible-server parameter set --resource-group {group} --server-name {flexible_server}"
            f" --name {name} --value {value}{_SUBSCRIPTION}"
        ),
        portal=f"{_SERVER} Settings › Server parameters › `{name}`",
        portal_source=_PARAMETERS,
        effects=effects,
        cost=cost,
        variables=[SERVER],
    )


def _update(options: str) -> str:
    return (
        f"az postgres flexible-server update --resource-group {{group}} --name {{flexible_server}} {options}"
        f"{_SUBSCRIPTION}"
    )


def _logs_connections(found: View) -> Verdict:
    words = words_of(found, _LOGGED)
    if not words or words == {"off"}:
        return failed("Connections are not logged")
    if words & {"on", "all"} or words >= {"authentication", "authorization"}:
        return passed("Connections are logged")
    return failed("Not all steps of a connection are logged")


def _log_retention(server: View, ctx: Context) -> Verdict:
    verdict = _RETENTION(server, ctx)
    if verdict.unknown_because is not None:
        return verdict
    files = read_parameter(server, ctx, POSTGRES_PARAMETERS, "logfiles.download_enable")
    if files is not None and _NO_FILES.when(files, ctx):
        return replace(verdict, remarks=(*verdict.remarks, _NO_FILES.text))
    return verdict


def _days(found: View) -> Verdict:
    properties = found.object("properties")
    text = properties.text("value").strip()
    if not (text.isascii() and text.isdigit()):
        raise properties.unreadable("value", "not a number")
    if int(text) > 3:
        return passed("Log files are kept for more than three days")
    return failed("Log files are kept for three days or less")


_RETENTION: Final = parameter_rule(POSTGRES_PARAMETERS, "logfiles.retention_days", _days)


def _entra(server: View, ctx: Context) -> Verdict:
    settings = server.object("properties").object("authConfig", default={})
    observed: dict[str, Any] = {
        "activeDirectoryAuth": settings.raw("activeDirectoryAuth"),
        "passwordAuth": settings.raw("passwordAuth"),
    }
    states = {"enabled", "disabled"}
    if settings.choice("activeDirectoryAuth", states, default="Disabled") == "disabled":
        return failed("Accounts of Microsoft Entra ID cannot sign in", **observed)
    if not ctx.documents_at(POSTGRES_ADMINISTRATORS, server.id):
        return failed("No Microsoft Entra administrator is set", **observed)
    if ctx.params[ENTRA_ONLY.name] and settings.choice("passwordAuth", states) == "enabled":
        return failed("The server also accepts passwords", **observed)
    accepts = str(settings.raw("passwordAuth")).casefold() == "enabled"
    return passed(
        "Accounts of Microsoft Entra ID can sign in, and a Microsoft Entra administrator is set",
        remarks=["The server also accepts passwords"] if accepts else [],
        **observed,
    )


CONTROLS = declare_settings(
    __name__,
    POSTGRES_SERVERS,
    SettingControl(
        "postgresql-ssl",
        title="PostgreSQL servers require encrypted connections",
        problem="PostgreSQL server accepts unencrypted connections",
        expected="Connections without encryption are refused",
        judged=f"The parameter `require_secure_transport` of each flexible server.{_ONLY}",
        why="Without encryption, anyone between client and server can read and change passwords and data.",
        severity=Severity.HIGH,
        judge=parameter_rule(
            POSTGRES_PARAMETERS,
            "require_secure_transport",
            {
                "on": passed("Unencrypted connections are refused"),
                "off": failed("Unencrypted connections are accepted"),
            },
        ),
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.1", c3="5.2.1", mcsb="DP-3*", nist="SC-8*"),
        fix=_set("require_secure_transport", "on", "Clients that do not encrypt can no longer connect."),
    ),
    SettingControl(
        "postgresql-tls",
        title="PostgreSQL servers require TLS 1.2",
        problem="PostgreSQL server accepts old versions of TLS",
        expected="The minimum version is TLS 1.2 or newer",
        judged=f"The parameter `ssl_min_protocol_version` of each flexible server.{_ONLY}",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.MEDIUM,
        judge=parameter_rule(
            POSTGRES_PARAMETERS,
            "ssl_min_protocol_version",
            {
                "tlsv1.2": passed("Connections need TLS 1.2 or newer"),
                "tlsv1.3": passed("Connections need TLS 1.2 or newer"),
                "tlsv1": failed("Connections with TLS 1.1 or older are allowed"),
                "tlsv1.1": failed("Connections with TLS 1.1 or older are allowed"),
                "": failed("No minimum version is set"),
            },
        ),
        needs=(POSTGRES_PARAMETERS,),
        references=References(mcsb2="DP-3*", nist="SC-8*"),
        fix=_set(
            "ssl_min_protocol_version",
            "TLSv1.2",
            "Clients that know only TLS 1.0 or 1.1 can no longer connect.",
        ),
    ),
    SettingControl(
        "postgresql-log-checkpoints",
        title="PostgreSQL servers log checkpoints",
        problem="PostgreSQL server does not log checkpoints",
        expected="Each checkpoint is logged",
        judged=f"The parameter `log_checkpoints` of each flexible server.{_ONLY}",
        why="The log of checkpoints shows overload and problems with the storage, which endanger data.",
        severity=Severity.LOW,
        judge=parameter_rule(
            POSTGRES_PARAMETERS,
            "log_checkpoints",
            {"on": passed("Checkpoints are logged"), "off": failed("Checkpoints are not logged")},
        ),
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.2", c3="5.2.2", mcsb="LT-3*", nist="AU-12*"),
        fix=_set("log_checkpoints", "on", "The log grows by a line for each checkpoint."),
    ),
    SettingControl(
        "postgresql-log-connections",
        title="PostgreSQL servers log connections",
        problem="PostgreSQL server does not log connections",
        expected="Each attempt to connect is logged",
        judged="The parameter `log_connections` of each flexible server. From version 18 on, the parameter is a list,"
        f" which must be `on` or `all`, or contain `authentication` and `authorization`.{_ONLY}",
        why="Without this log, nobody can find out who connected, and failed attempts to sign in stay unnoticed.",
        severity=Severity.LOW,
        judge=parameter_rule(POSTGRES_PARAMETERS, "log_connections", _logs_connections),
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.3", c3="5.2.6", mcsb="LT-3*", nist="AU-12*"),
        fix=_set("log_connections", "on", "The log grows by some lines for each connection."),
    ),
    SettingControl(
        "postgresql-log-disconnections",
        title="PostgreSQL servers log the end of connections",
        problem="PostgreSQL server does not log the end of connections",
        expected="The end of each connection is logged, with its duration",
        judged=f"The parameter `log_disconnections` of each flexible server.{_ONLY}",
        why="Only with the end of a connection does the log show how long somebody was connected.",
        severity=Severity.LOW,
        judge=parameter_rule(
            POSTGRES_PARAMETERS,
            "log_disconnections",
            {
                "on": passed("The end of connections is logged"),
                "off": failed("The end of connections is not logged"),
            },
        ),
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.4", c3="5.2.7", mcsb="LT-3*", nist="AU-12*"),
        fix=_set("log_disconnections", "on", "The log grows by a line for each connection."),
    ),
    SettingControl(
        "postgresql-conn-throttle",
        title="PostgreSQL servers throttle failed sign-ins",
        problem="PostgreSQL server does not throttle failed sign-ins",
        expected="Addresses with many failed sign-ins are slowed down",
        judged="The parameter `connection_throttle.enable` of each flexible server. Servers without this parameter are"
        f" not applicable: Microsoft removes it from newer versions.{_ONLY}",
        why="Without throttling, an attacker can try many passwords in a short time.",
        severity=Severity.LOW,
        judge=parameter_rule(
            POSTGRES_PARAMETERS,
            "connection_throttle.enable",
            {
                "on": passed("Failed sign-ins are throttled"),
                "off": failed("Failed sign-ins are not throttled"),
            },
            missing=not_applicable("The server's version of PostgreSQL does not have the parameter"),
        ),
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.5", c3="5.2.3", nist="SC-5*"),
        fix=_set(
            "connection_throttle.enable",
            "on",
            "Clients that sign in with a wrong password many times are refused for a short time.",
        ),
    ),
    SettingControl(
        "postgresql-log-retention",
        title="PostgreSQL servers keep log files for more than three days",
        problem="PostgreSQL server keeps log files for three days or less",
        expected="Log files are kept for four to seven days",
        judged="The parameter `logfiles.retention_days` of each flexible server. If `logfiles.download_enable` is off,"
        f" the server keeps no log files, which adds a remark.{_ONLY}",
        why="An incident is often noticed only after some days. Without log files, its cause cannot be found.",
        severity=Severity.LOW,
        judge=_log_retention,
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.6", c3="5.2.4", mcsb="LT-6*", nist="AU-11*"),
        fix=_set("logfiles.retention_days", "7", cost="The log files use storage of the server."),
    ),
    SettingControl(
        "postgresql-no-azure-services",
        title="PostgreSQL firewalls do not let all of Azure in",
        problem="PostgreSQL firewall lets all of Azure or very large networks in",
        expected="No rule from 0.0.0.0 to 0.0.0.0, and all rules together allow fewer than 16.8 million addresses",
        judged="The firewall rules of each flexible server. A rule from 0.0.0.0 to 0.0.0.0, whatever its name, allows"
        " every service in Azure and fails. All rules together must allow fewer than 2^24 addresses. Servers in a"
        " virtual network, and servers whose public network access is off, pass.",
        why="The rule allows the machines of every Azure customer, not just your own.",
        severity=Severity.HIGH,
        judge=firewall_rule(POSTGRES_FIREWALL_RULES),
        needs=(POSTGRES_FIREWALL_RULES,),
        references=References(c2="4.3.7", c3="5.2.5", mcsb="NS-2*", nist="SC-7*"),
        fix=Fix(
            command(
                "az postgres flexible-server firewall-rule delete --resource-group {group}"
                f" --server-name {{flexible_server}} --name {{rule}}{_SUBSCRIPTION}"
            ),
            portal=f"{_SERVER} Networking › Allow public access from any Azure service within Azure to this server ›"
            " clear the box",
            portal_source=f"{_LEARN}/network/how-to-networking-servers-deployed-public-access-delete-firewall-rules",
            effects="Clients that connect only because of this rule lose access.",
            variables=[SERVER, RULE],
        ),
    ),
    SettingControl(
        "postgresql-entra",
        title="PostgreSQL servers accept Microsoft Entra accounts",
        problem="PostgreSQL server without sign-in by Microsoft Entra ID",
        expected="Accounts of Microsoft Entra ID can sign in, and one of them administers the server",
        judged="`authConfig` and the Microsoft Entra administrators of each flexible server. If the server also accepts"
        " passwords, this adds a remark, or fails if `entra_only` is on.",
        why="With passwords only, there is no multifactor authentication, and accounts stay when a person leaves.",
        severity=Severity.MEDIUM,
        judge=_entra,
        needs=(POSTGRES_ADMINISTRATORS,),
        parameters=(ENTRA_ONLY,),
        references=References(mcsb="IM-1*", nist="IA-2*"),
        fix=Fix(
            command(
                _update("--microsoft-entra-auth Enabled"),
                "Let accounts of Microsoft Entra ID sign in. The server restarts.",
            ),
            command(
                "az postgres flexible-server microsoft-entra-admin create --resource-group {group}"
                " --server-name {flexible_server} --display-name {admin_name} --object-id {admin_id} --type Group"
                f"{_SUBSCRIPTION}",
                "Make a group the administrator.",
            ),
            portal=f"{_SERVER} Security › Authentication › Add Microsoft Entra Admins",
            portal_source=f"{_LEARN}/security/security-entra-configure",
            effects="The server restarts. The members of the group can read and change all databases.",
            variables=[
                SERVER,
                Variable("admin_name", "Name of the group that administers the server", "db-admins"),
                Variable("admin_id", "Object id of this group", EXAMPLE_GUID),
            ],
        ),
    ),
    SettingControl(
        "postgresql-pna",
        title="PostgreSQL servers refuse public networks",
        problem="PostgreSQL server reachable from public networks",
        expected="Public network access is off, or the server is in a virtual network",
        judged="`network` of each flexible server. Servers in a virtual network pass. If `publicNetworkAccess` is"
        " absent, the verdict is unknown.",
        why="A server without a public address cannot be attacked from the Internet, even with a stolen password.",
        severity=Severity.MEDIUM,
        judge=public_access_off,
        references=References(mcsb="NS-2*", nist="AC-4* SC-7*"),
        fix=Fix(
            command(
                _update("--public-access Disabled"),
                "First create a private endpoint, and make sure that all clients use it.",
            ),
            portal=f"{_SERVER} Networking › Allow public access to this resource through the internet using a public IP"
            " address › clear the box",
            portal_source=f"{_LEARN}/network/how-to-networking-servers-deployed-public-access-disable-public-access",
            effects="Clients that do not use a private endpoint can no longer connect.",
            variables=[SERVER],
        ),
    ),
    SettingControl(
        "postgresql-geo-backup",
        title="PostgreSQL backups are kept in a second region",
        problem="PostgreSQL backups are kept in one region",
        expected="Backups are also kept in the paired region",
        judged="`backup.geoRedundantBackup` of each flexible server. Absent counts as off. Read replicas are not"
        " applicable.",
        why="If a whole region fails, the data can be restored only from a backup in another region.",
        severity=Severity.LOW,
        unless=(unless_replica,),
        judge=geo_backup,
        references=References(mcsb="BR-1* BR-2*", nist="CP-6* CP-6(1)* CP-9*"),
        fix=Fix(
            command(
                "az postgres flexible-server restore --resource-group {group} --name {new_server}"
                f" --source-server {{flexible_server}} --geo-redundant-backup Enabled{_SUBSCRIPTION}",
                "The setting can be chosen only for a new server: restore the data to a new server, and then move all"
                " clients to it.",
            ),
            portal=f"{_SERVER} Overview › Restore › Configure server › Geo-redundancy",
            portal_source=f"{_LEARN}/backup-restore/how-to-restore-latest-restore-point",
            cost="Azure bills the new server, and the storage for backups in both regions.",
            effects="The new server has another name. Changes after the restore point are only in the old server.",
            variables=[SERVER, NEW_SERVER],
        ),
    ),
    SettingControl(
        "postgresql-ha",
        title="PostgreSQL servers have a standby server",
        problem="PostgreSQL server without a standby server",
        expected="A standby server takes over if the server fails",
        judged="`highAvailability.mode` of each flexible server. Absent counts as off. A standby server in the same"
        " availability zone adds a remark. Read replicas are not applicable.",
        why="Without a standby server, the database is unavailable until Azure has repaired the server.",
        severity=Severity.LOW,
        unless=(unless_replica,),
        judge=high_availability,
        references=References(nist="CP-10* SC-5*"),
        fix=Fix(
            command(
                _update("--zonal-resiliency Enabled"),
                "If the server's compute tier is Burstable, first choose another tier.",
            ),
            portal=f"{_SERVER} Settings › High availability › Zonal Resiliency: Enabled",
            portal_source=f"{_LEARN}/high-availability/how-to-configure-high-availability",
            cost="Azure bills the standby server like the server.",
            effects="Writing takes slightly longer, because the standby server confirms each write.",
            variables=[SERVER],
        ),
    ),
)
