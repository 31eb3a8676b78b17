"""Settings of MySQL flexible servers: parameters, firewall, backups, standby servers."""

from __future__ import annotations

from tests.assessments.controls.cases import rows
from tests.assessments.controls.flexible_documents import STOPPED, Kind
from tests.assessments.controls.judging import RG, gap
from tests.assessments.controls.logging.cases_key_vaults import category, group, setting
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.DBforMySQL/flexibleServers/Db1"
KIND = Kind(ID, "mysql")
UNLISTED = ("the parameter is not listed", KIND.parameters({"archive": "OFF"}), {ID: "unknown"})


def audit(enabled: object, events: object) -> dict[str, object]:
    return KIND.parameters({"audit_log_enabled": enabled, "audit_log_events": events})


def exported(*settings: object) -> dict[str, object]:
    return {**KIND.parameters({"audit_log_enabled": "ON"}), "mysql_log_settings": {ID: list(settings)}}


def chosen() -> list[tuple[object, ...]]:
    """Cases of servers that write an audit log only for chosen users."""
    return [
        (
            f"of users, {name}",
            KIND.parameters(
                {
                    "audit_log_enabled": "ON",
                    "audit_log_events": "CONNECTION",
                    **{f"audit_log_{kind}_users": value for kind, value in users.items()},
                }
            ),
            {ID: "pass"},
            {key: "leaves out some users"},
        )
        for name, users, key in (
            ("all", {"include": "", "exclude": ""}, "no_remark"),
            ("all but the account of Azure", {"include": "", "exclude": "Azure_Superuser"}, "no_remark"),
            ("all by a pattern", {"include": "*", "exclude": "azure_superuser, shop"}, "no_remark"),
            ("only some", {"include": "dev*", "exclude": "azure_superuser"}, "remark"),
            ("without some", {"include": "", "exclude": "azure_superuser, shop"}, "remark"),
        )
    ]


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
    *rows(
        "mysql-audit",
        UNLISTED,
        (
            "exported",
            exported(setting(category("MySqlAuditLogs"))),
            {ID: "pass"},
            {"no_remark": "diagnostic setting"},
        ),
        (
            "all logs exported",
            exported(setting(group("allLogs"))),
            {ID: "pass"},
            {"no_remark": "diagnostic setting"},
        ),
        *chosen(),
        (
            "another log exported",
            exported(setting(category("MySqlSlowLogs"))),
            {ID: "pass"},
            {"remark": "No diagnostic setting exports"},
        ),
        (
            "without a destination",
            exported(setting(group("audit"), to="")),
            {ID: "pass"},
            {"remark": "No diagnostic setting exports"},
        ),
        ("no diagnostic setting", exported(), {ID: "pass"}, {"remark": "No diagnostic setting exports"}),
        ("a new group", exported(setting(group("moon"))), {ID: "pass"}, {"remark": "Could not check"}),
        (
            "enabled is text",
            exported(setting(group("audit", "yes"))),
            {ID: "pass"},
            {"remark": "Could not check"},
        ),
        (
            "settings forbidden",
            KIND.parameters({"audit_log_enabled": "ON"}),
            {ID: "pass"},
            {"gaps": [gap("mysql_log_settings", ID)], "remark": "Could not check"},
        ),
        (
            "off, not exported",
            KIND.parameters({"audit_log_enabled": "OFF"}),
            {ID: "fail"},
            {"no_remark": "diagnostic setting"},
        ),
    ),
    *rows(
        "mysql-audit-conn",
        ("connections", audit("ON", "CONNECTION"), {ID: "pass"}),
        ("connections and more", audit("on", "DDL, connection"), {ID: "pass"}),
        ("connections with their result", audit("ON", "CONNECTION_V2,DDL"), {ID: "pass"}),
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
        *chosen(),
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
    ),
    (
        "mysql-ha",
        r"properties\.highAvailability\.state",
        "the mode asks for a standby server, and nothing says that there is none",
    ),
]
OFFICIAL_VERDICTS = """
mysql-audit fail: mysqltestserver1
mysql-audit unknown: mysqltestserver2  # the example lists the parameters of one server only
mysql-audit-conn fail: mysqltestserver1
mysql-audit-conn unknown: mysqltestserver2  # the example lists the parameters of one server only
mysql-geo-backup fail: mysqltestserver1 mysqltestserver2
mysql-ha fail: mysqltestserver1 mysqltestserver2
mysql-no-azure-services fail: mysqltestserver1
mysql-no-azure-services pass: mysqltestserver2
mysql-pna fail: mysqltestserver1 mysqltestserver2
mysql-ssl unknown: mysqltestserver1 mysqltestserver2  # the example lists only the first parameters of the alphabet
mysql-tls unknown: mysqltestserver1 mysqltestserver2  # the example lists only the first parameters of the alphabet
"""
PARAMETERS_PAGE = DocsFile(
    (
        "MicrosoftDocs/azure-databases-docs/articles/mysql/flexible-server/"
        "how-to-configure-server-parameters-portal.md"
    ),
    "4b7711101ca7c1606ade437245f4a367b479525b",
    "locate your Azure Database for MySQL Flexible Server instance",
    "Under the SETTINGS section, select Server parameters",
    "Locate any server parameter you need to adjust",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › Settings"
        " › Server parameters › `audit_log_enabled`",
        PARAMETERS_PAGE,
        not_in_text={"`audit_log_enabled`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › Settings"
        " › Server parameters › `audit_log_events`",
        PARAMETERS_PAGE,
        not_in_text={"`audit_log_events`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › Compute + Storage"
        " › Geo-redundancy",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/mysql/flexible-server/concepts-backup-restore.md",
            "006d208a402d5289474dd1df60ed4494378e808e",
            "change the Compute + Storage server configuration from Azure portal to enable Geo-redundancy",
            "Azure Database for MySQL Flexible Server",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › High Availability",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/mysql/flexible-server/how-to-configure-high-availability.md",
            "04905f66c06cd568979c6ba8ce163af237fe4711",
            "select your existing Azure Database for MySQL Flexible Server instance",
            "select High Availability from the front panel",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › Settings"
        " › Networking"
        " › Allow public access from Azure services and resources within Azure to this server"
        " › clear the box",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/mysql/flexible-server/how-to-manage-firewall-portal.md",
            "8300fcc4e402c0e731b6738feb71fda37480db5c",
            "On the Azure Database for MySQL Flexible Server page, under Settings heading, select Networking",
            "Allow public access from Azure services and resources within Azure to this server",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › Settings"
        " › Networking"
        " › Allow public access to this resource through the internet using a public IP address"
        " › clear the box",
        DocsFile(
            (
                "MicrosoftDocs/azure-databases-docs/articles/mysql/flexible-server/"
                "how-to-networking-private-link-deny-public-access.md"
            ),
            "067821c9414c820951e651d767ca454101f8b98a",
            "On the Azure Database for MySQL Flexible Server page, under Settings, select Networking",
            "uncheck Allow public access to this resource through the internet using a public IP address",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › Settings"
        " › Server parameters › `require_secure_transport`",
        PARAMETERS_PAGE,
        not_in_text={"`require_secure_transport`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for MySQL Flexible Server › {flexible_server} › Settings"
        " › Server parameters › `tls_version`",
        PARAMETERS_PAGE,
        not_in_text={"`tls_version`": "Azure's name of the parameter"},
    ),
]
