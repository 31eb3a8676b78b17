"""Settings of MySQL flexible servers: parameters, firewall, backups, standby servers."""

from __future__ import annotations

from tests.assessments.controls.flexible_documents import STOPPED, Kind, rows
from tests.assessments.controls.judging import RG, gap

ID = f"{RG}/providers/Microsoft.DBforMySQL/flexibleServers/Db1"
KIND = Kind(ID, "mysql")
UNLISTED = ("the parameter is not listed", KIND.parameters({"archive": "OFF"}), {ID: "unknown"})


def audit(enabled: object, events: object) -> dict[str, object]:
    return KIND.parameters({"audit_log_enabled": enabled, "audit_log_events": events})


CASES = [
    *KIND.of_parameter("mysql-ssl", "require_secure_transport", ("on", "ON", "pass"), ("off", "OFF", "fail")),
    *rows("mysql-ssl", UNLISTED),
    *KIND.of_parameter(
        "mysql-tls",
        "tls_version",
        ("1.2", "TLSv1.2", "pass"),
        ("1.2 and 1.3", "TLSv1.2, TLSv1.3", "pass"),
        ("1.1 and 1.2", "TLSv1.1,TLSv1.2", "fail"),
        ("1.0", "TLSv1", "fail"),
        ("none", "", "fail"),
        ("a new version", "TLSv1.2,TLSv1.4", "unknown"),
    ),
    *rows("mysql-tls", UNLISTED),
    *KIND.of_parameter("mysql-audit", "audit_log_enabled", ("on", "ON", "pass"), ("off", "OFF", "fail")),
    *rows("mysql-audit", UNLISTED),
    *rows(
        "mysql-audit-conn",
        ("connections", audit("ON", "CONNECTION"), {ID: "pass"}),
        ("connections and more", audit("on", "DDL, connection"), {ID: "pass"}),
        ("other events", audit("ON", "DDL,DML"), {ID: "fail"}),
        ("no events", audit("ON", ""), {ID: "fail"}),
        (
            "connections, but the log is off",
            audit("OFF", "CONNECTION"),
            {ID: "fail"},
            {"reason": "log is off"},
        ),
        ("new events", audit("ON", "MOON"), {ID: "unknown"}),
        ("a new switch", audit("MOON", "CONNECTION"), {ID: "unknown"}),
        ("events are a number", audit("ON", 1), {ID: "unknown"}),
        (
            "the switch is not listed",
            KIND.parameters({"audit_log_events": "CONNECTION"}),
            {ID: "unknown"},
            {"reason": "the parameter audit_log_enabled"},
        ),
        (
            "the events are not listed",
            KIND.parameters({"audit_log_enabled": "ON"}),
            {ID: "unknown"},
            {"reason": "the parameter audit_log_events"},
        ),
        ("stopped", KIND.server(state="Stopped"), {ID: "unknown"}, {"reason": STOPPED}),
        ("parameters forbidden", KIND.server(), {ID: "unknown"}, {"gaps": [gap("mysql_parameters", ID)]}),
        KIND.no_list,
        KIND.none,
    ),
    *KIND.of_firewall("mysql-no-azure-services"),
    *KIND.of_public_access("mysql-pna"),
    *KIND.of_geo_backup("mysql-geo-backup", "Replica"),
    *KIND.of_high_availability("mysql-ha", "Replica"),
]

ABSENCE_PASSES = [
    (
        "mysql-geo-backup|mysql-ha",
        r"properties\.replicationRole",
        "only read replicas are not applicable, and Azure always states their role",
    )
]
