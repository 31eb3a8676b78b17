"""Settings of PostgreSQL flexible servers: parameters, firewall, sign-in, backups, standby servers."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.flexible_documents import Kind
from tests.assessments.controls.judging import RG, doc, gap

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
