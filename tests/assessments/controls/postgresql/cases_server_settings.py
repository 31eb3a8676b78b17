"""Settings of PostgreSQL flexible servers: parameters, firewall, sign-in, backups, standby servers."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.flexible_documents import Kind
from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.DBforPostgreSQL/flexibleServers/Db1"
KIND = Kind(ID, "postgres")
ADMIN = doc(f"{ID}/administrators/1", {"principalType": "Group", "objectId": "1"})
UNLISTED = ("the parameter is not listed", KIND.parameters({"application_name": ""}), {ID: "unknown"})


def switch(slug: str, name: str) -> list[Any]:
    """Cases of a parameter that must be on."""
    return [
        *KIND.of_parameter(slug, name, ("on", "on", "pass"), ("off", "off", "fail")),
        *rows(slug, UNLISTED),
    ]


def entra(auth: Any, *admins: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A server with these settings of sign-in (`auth`) and these Microsoft Entra administrators."""
    return {**KIND.server(authConfig=auth, **more), "postgres_administrators": {ID: list(admins)}}


BOTH = {"activeDirectoryAuth": "enabled", "passwordAuth": "Enabled"}
ONLY = {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}
STRICT = {"params": {"entra_only": True}}

CASES = [
    *switch("postgresql-ssl", "require_secure_transport"),
    *KIND.of_parameter(
        "postgresql-tls",
        "ssl_min_protocol_version",
        ("1.2", "TLSv1.2", "pass"),
        ("1.3", "TLSv1.3", "pass"),
        ("1.1", "TLSv1.1", "fail"),
        ("1.0", "TLSv1", "fail"),
        ("none", "", "fail"),
    ),
    *rows("postgresql-tls", UNLISTED),
    *switch("postgresql-log-checkpoints", "log_checkpoints"),
    *KIND.of_parameter(
        "postgresql-log-connections",
        "log_connections",
        ("on", "on", "pass"),
        ("all", "all", "pass"),
        ("both steps", "authentication, authorization", "pass"),
        ("three steps", "receipt,authentication,authorization", "pass"),
        ("off", "off", "fail"),
        ("empty", "", "fail"),
        ("one step", "authorization", "fail"),
        ("a new step", "on,moon", "unknown"),
    ),
    *rows("postgresql-log-connections", UNLISTED),
    *switch("postgresql-log-disconnections", "log_disconnections"),
    *KIND.of_parameter(
        "postgresql-conn-throttle",
        "connection_throttle.enable",
        ("on", "on", "pass"),
        ("off", "off", "fail"),
    ),
    *rows(
        "postgresql-conn-throttle",
        ("a version without it", KIND.parameters({"log_connections": "on"}), {ID: "not_applicable"}),
        ("an empty list", KIND.parameters({}), {ID: "unknown"}),
    ),
    *KIND.of_parameter(
        "postgresql-log-retention",
        "logfiles.retention_days",
        ("seven", "7", "pass"),
        ("four", "4", "pass"),
        ("three", "3", "fail"),
        ("one", "1", "fail"),
        ("negative", "-7", "unknown"),
        ("another digit", "\u0667", "unknown"),
    ),
    *rows(
        "postgresql-log-retention",
        (
            "no files",
            KIND.parameters({"logfiles.retention_days": "7", "logfiles.download_enable": "off"}),
            {ID: "pass"},
            {"remark": "keeps no log files"},
        ),
        (
            "files",
            KIND.parameters({"logfiles.retention_days": "7", "logfiles.download_enable": "on"}),
            {ID: "pass"},
            {"no_remark": "log files"},
        ),
        UNLISTED,
    ),
    *KIND.of_firewall("postgresql-no-azure-services"),
    *rows(
        "postgresql-entra",
        ("both", entra(BOTH, ADMIN), {ID: "pass"}, {"remark": "also accepts passwords"}),
        ("only Entra", entra(ONLY, ADMIN), {ID: "pass"}, {"no_remark": "passwords"}),
        ("both, but only Entra must be on", entra(BOTH, ADMIN), {ID: "fail"}, STRICT),
        ("only Entra, as it must be", entra(ONLY, ADMIN), {ID: "pass"}, STRICT),
        (
            "passwords absent, but only Entra must be on",
            entra({"activeDirectoryAuth": "Enabled"}, ADMIN),
            {ID: "unknown"},
            STRICT,
        ),
        ("no administrator", entra(ONLY), {ID: "fail"}, {"reason": "No Microsoft Entra administrator"}),
        ("off", entra({"activeDirectoryAuth": "Disabled"}), {ID: "fail"}, {"reason": "cannot sign in"}),
        ("absent", entra({}), {ID: "fail"}),
        ("no settings", KIND.server(), {ID: "fail"}),
        ("a new value", entra({"activeDirectoryAuth": "Moon"}), {ID: "unknown"}),
        ("the settings are text", entra("Enabled"), {ID: "unknown"}),
        (
            "administrators forbidden",
            KIND.server(authConfig=ONLY),
            {ID: "unknown"},
            {"gaps": [gap("postgres_administrators", ID)]},
        ),
        KIND.no_list,
        KIND.none,
    ),
    *KIND.of_public_access("postgresql-pna"),
    *KIND.of_geo_backup("postgresql-geo-backup", "AsyncReplica"),
    *KIND.of_high_availability("postgresql-ha", "GeoAsyncReplica"),
]

ABSENCE_PASSES = [
    (
        "postgresql-geo-backup|postgresql-ha",
        r"properties\.replicationRole",
        "only read replicas are not applicable, and Azure always states their role",
    ),
    (
        "postgresql-ha",
        r"properties\.highAvailability\.state",
        "the mode asks for a standby server, and nothing says that there is none",
    ),
]
OFFICIAL_VERDICTS = """
postgresql-conn-throttle fail: pgtestsvc1
postgresql-conn-throttle unknown: pgtestsvc4 exampleserver  # the example lists the parameters of one server only
postgresql-entra fail: pgtestsvc1 pgtestsvc4
postgresql-entra pass: exampleserver
postgresql-geo-backup fail: pgtestsvc1 pgtestsvc4 exampleserver
postgresql-ha fail: pgtestsvc1
postgresql-ha pass: pgtestsvc4 exampleserver
postgresql-log-checkpoints pass: pgtestsvc1
postgresql-log-checkpoints unknown: pgtestsvc4 exampleserver  # the example lists the parameters of one server only
postgresql-log-connections pass: pgtestsvc1
postgresql-log-connections unknown: pgtestsvc4 exampleserver  # the example lists the parameters of one server only
postgresql-log-disconnections pass: pgtestsvc1
postgresql-log-disconnections unknown: pgtestsvc4 exampleserver  # the example lists the parameters of one server only
postgresql-log-retention fail: pgtestsvc1
postgresql-log-retention unknown: pgtestsvc4 exampleserver  # the example lists the parameters of one server only
postgresql-no-azure-services fail: pgtestsvc1
postgresql-no-azure-services pass: pgtestsvc4 exampleserver
postgresql-pna fail: pgtestsvc1
postgresql-pna pass: pgtestsvc4 exampleserver
postgresql-ssl pass: pgtestsvc1
postgresql-ssl unknown: pgtestsvc4 exampleserver  # the example lists the parameters of one server only
postgresql-tls pass: pgtestsvc1
postgresql-tls unknown: pgtestsvc4 exampleserver  # the example lists the parameters of one server only
"""
PARAMETERS_PAGE = DocsFile(
    (
        "MicrosoftDocs/azure-databases-docs/articles/postgresql/server-parameters/"
        "how-to-server-parameters-set-value.md"
    ),
    "090fe69a63a38eb2f289eeb0fb47d06c74a23bfa",
    "Select your Azure Database for PostgreSQL flexible server instance",
    "In the resource menu, under Settings, select Server parameters",
    "Locate the read-write parameters whose current values you want to change",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › Server parameters › `connection_throttle.enable`",
        PARAMETERS_PAGE,
        not_in_text={"`connection_throttle.enable`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Security"
        " › Authentication › Add Microsoft Entra Admins",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/postgresql/security/security-entra-configure.md",
            "190574e02f4582d59344702b77cb6b5e16a11bd1",
            "select the Azure Database for PostgreSQL flexible server that you want to enable for Microsoft Entra ID",
            "Under Security, select Authentication",
            "Select Add Microsoft Entra Admins",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Overview"
        " › Restore › Configure server › Geo-redundancy",
        DocsFile(
            (
                "MicrosoftDocs/azure-databases-docs/articles/postgresql/backup-restore/"
                "how-to-restore-latest-restore-point.md"
            ),
            "0200b8f33c43283e8c247f6c6352626cfab38bab",
            "Select your Azure Database for PostgreSQL flexible server",
            "In the resource menu, select Overview",
            "Select the Restore button",
            "if you want to deploy it with geo-redundant backups, select Configure server",
            "Geo-redundancy",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › High availability › Zonal Resiliency: Enabled",
        DocsFile(
            (
                "MicrosoftDocs/azure-databases-docs/articles/postgresql/high-availability/"
                "how-to-configure-high-availability.md"
            ),
            "0200b8f33c43283e8c247f6c6352626cfab38bab",
            "select your Azure Database for PostgreSQL flexible server instance",
            "in the Settings section, select High availability",
            "If Zonal Resiliency isn't enabled, select the Enabled option",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › Server parameters › `log_checkpoints`",
        PARAMETERS_PAGE,
        not_in_text={"`log_checkpoints`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › Server parameters › `log_connections`",
        PARAMETERS_PAGE,
        not_in_text={"`log_connections`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › Server parameters › `log_disconnections`",
        PARAMETERS_PAGE,
        not_in_text={"`log_disconnections`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › Server parameters › `logfiles.retention_days`",
        PARAMETERS_PAGE,
        not_in_text={"`logfiles.retention_days`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Networking"
        " › Allow public access from any Azure service within Azure to this server › clear the box",
        DocsFile(
            (
                "MicrosoftDocs/azure-databases-docs/articles/postgresql/network/"
                "how-to-networking-servers-deployed-public-access-delete-firewall-rules.md"
            ),
            "0200b8f33c43283e8c247f6c6352626cfab38bab",
            "Select your Azure Database for PostgreSQL flexible server",
            "In the resource menu, select Networking",
            "clear the Allow public access from any Azure service within Azure to this server checkbox",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Networking"
        " › Allow public access to this resource through the internet using a public IP address"
        " › clear the box",
        DocsFile(
            (
                "MicrosoftDocs/azure-databases-docs/articles/postgresql/network/"
                "how-to-networking-servers-deployed-public-access-disable-public-access.md"
            ),
            "74751cd19a5d6943a39cd9238a80eeea97aa1bea",
            "Select your Azure Database for PostgreSQL flexible server",
            "In the resource menu, select Networking",
            "Clear the Allow public access to this resource through the internet using a public IP address checkbox",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › Server parameters › `require_secure_transport`",
        PARAMETERS_PAGE,
        not_in_text={"`require_secure_transport`": "Azure's name of the parameter"},
    ),
    ComparedPath(
        "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} › Settings"
        " › Server parameters › `ssl_min_protocol_version`",
        PARAMETERS_PAGE,
        not_in_text={"`ssl_min_protocol_version`": "Azure's name of the parameter"},
    ),
]
