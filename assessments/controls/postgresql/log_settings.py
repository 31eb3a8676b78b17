"""Controls of the log settings of PostgreSQL flexible servers. These settings are parameters of the server.

Properties: postgresql/resource-manager/Microsoft.DBforPostgreSQL/PostgreSQL/stable/2025-08-01/openapi.json. Values of
parameters: the pages below https://learn.microsoft.com/azure/postgresql/server-parameters
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.postgresql.server_settings import set_parameter
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.flexible_servers import (
    REPLICAS_TOO,
    parameter_rule,
    read_parameter,
    words_of,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.postgresql import (
    POSTGRES_PARAMETERS,
    POSTGRES_SERVERS,
)
from assessments.estate.view import View

# Words of the parameter `log_connections`. From version 18 on, the value of this parameter is a list of steps, and the
# word `on` stands for the steps receipt, authentication and authorization:
# https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-CONNECTIONS
_LOGGED: Final = frozenset(
    {"on", "off", "all", "receipt", "authentication", "authorization", "setup_durations"}
)
_NO_FILES: Final = Remark(
    "The server keeps no log files, so only a diagnostic setting keeps logs",
    lambda found, _: str(found.raw("properties.value")).casefold() == "off",
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


CONTROLS = declare_settings(
    __name__,
    POSTGRES_SERVERS,
    SettingControl(
        "postgresql-log-checkpoints",
        title="PostgreSQL servers log checkpoints",
        problem="PostgreSQL server does not log checkpoints",
        expected="Each checkpoint is logged",
        judged=f"The parameter `log_checkpoints` of each flexible server.{REPLICAS_TOO}",
        why="If checkpoints are not logged, nobody notices overload or storage problems that endanger data.",
        severity=Severity.LOW,
        judge=parameter_rule(
            POSTGRES_PARAMETERS,
            "log_checkpoints",
            {"on": passed("Checkpoints are logged"), "off": failed("Checkpoints are not logged")},
        ),
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.2", c3="5.2.2", mcsb="LT-3*", nist="AU-12*"),
        fix=set_parameter("log_checkpoints", "on", "The log grows by a line for each checkpoint."),
    ),
    SettingControl(
        "postgresql-log-connections",
        title="PostgreSQL servers log connections",
        problem="PostgreSQL server does not log connections",
        expected="Each attempt to connect is logged",
        judged="The parameter `log_connections` of each flexible server. From version 18 on, the parameter is a list,"
        f" which must be `on` or `all`, or contain `authentication` and `authorization`.{REPLICAS_TOO}",
        why="Without this log, nobody can find out who connected, and failed attempts to sign in stay unnoticed.",
        severity=Severity.LOW,
        judge=parameter_rule(POSTGRES_PARAMETERS, "log_connections", _logs_connections),
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.3", c3="5.2.6", mcsb="LT-3*", nist="AU-12*"),
        fix=set_parameter("log_connections", "on", "The log grows by some lines for each connection."),
    ),
    SettingControl(
        "postgresql-log-disconnections",
        title="PostgreSQL servers log the end of connections",
        problem="PostgreSQL server does not log the end of connections",
        expected="The end of each connection is logged, with its duration",
        judged=f"The parameter `log_disconnections` of each flexible server.{REPLICAS_TOO}",
        why="Without the end of connections, the log does not show how long somebody was connected.",
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
        fix=set_parameter("log_disconnections", "on", "The log grows by a line for each connection."),
    ),
    SettingControl(
        "postgresql-conn-throttle",
        title="PostgreSQL servers throttle failed sign-ins",
        problem="PostgreSQL server does not throttle failed sign-ins",
        expected="Addresses with many failed sign-ins are slowed down",
        judged="The parameter `connection_throttle.enable` of each flexible server. Servers without this parameter are"
        f" not applicable: Microsoft removes it from newer versions.{REPLICAS_TOO}",
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
        fix=set_parameter(
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
        f" the server keeps no log files, which adds a remark.{REPLICAS_TOO}",
        why="An incident is often noticed only after some days. Without log files, its cause cannot be found.",
        severity=Severity.LOW,
        judge=_log_retention,
        needs=(POSTGRES_PARAMETERS,),
        references=References(c2="4.3.6", c3="5.2.4", mcsb="LT-6*", nist="AU-11*"),
        fix=set_parameter("logfiles.retention_days", "7", cost="The log files use storage of the server."),
    ),
)
