"""Auditing of SQL servers."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.sql.server_documents import ID, MASTER, NO_LIST, NONE, docs, server

GROUPS = [
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
]


def audited(settings: list[dict[str, Any]] | None = None, **properties: Any) -> dict[str, Any]:
    body = {
        "state": "Enabled",
        "storageEndpoint": "",
        "isAzureMonitorTargetEnabled": False,
        "auditActionsAndGroups": GROUPS,
    }
    body = doc(
        f"{ID}/extendedAuditingSettings/default",
        {k: v for k, v in (body | properties).items() if v is not ...},
    )
    found: dict[str, Any] = {"sql_servers": [server()], "sql_server_auditing": [body]}
    if settings is not None:
        found["sql_audit_settings"] = {MASTER: settings}
    return found


def setting(*logs: dict[str, Any], **properties: Any) -> dict[str, Any]:
    body = {"workspaceId": f"{RG}/w", "logs": list(logs)}
    return doc(f"{MASTER}/providers/Microsoft.Insights/diagnosticSettings/s", body | properties)


TAKES = {"category": "SQLSecurityAuditEvents", "enabled": True}
STORAGE = "https://logs1.blob.core.windows.net/"
CASES = rows(
    "sql-server-auditing",
    ("storage", audited(storageEndpoint=STORAGE), {ID: "pass"}),
    (
        "storage, Azure Monitor flag absent",
        audited(storageEndpoint=STORAGE, isAzureMonitorTargetEnabled=...),
        {ID: "pass"},
    ),
    ("switched off", audited(state="disabled", storageEndpoint=STORAGE), {ID: "fail"}),
    ("no destination", audited(), {ID: "fail"}, {"reason": "without a destination"}),
    (
        "Azure Monitor with a diagnostic setting",
        audited([setting(TAKES)], isAzureMonitorTargetEnabled=True),
        {ID: "pass"},
    ),
    (
        "Azure Monitor, category group",
        audited([setting({"categoryGroup": "audit", "enabled": True})], isAzureMonitorTargetEnabled=True),
        {ID: "pass"},
    ),
    (
        "Azure Monitor, category off",
        audited([setting(TAKES | {"enabled": False})], isAzureMonitorTargetEnabled=True),
        {ID: "fail"},
    ),
    (
        "Azure Monitor, other category",
        audited([setting({"category": "Deadlocks", "enabled": True})], isAzureMonitorTargetEnabled=True),
        {ID: "fail"},
    ),
    ("Azure Monitor, no diagnostic setting", audited([], isAzureMonitorTargetEnabled=True), {ID: "fail"}),
    (
        "Azure Monitor, setting without destination",
        audited([setting(TAKES, workspaceId=None)], isAzureMonitorTargetEnabled=True),
        {ID: "fail"},
    ),
    (
        "Azure Monitor, settings forbidden",
        audited(isAzureMonitorTargetEnabled=True),
        {ID: "unknown"},
        {"gaps": [gap("sql_audit_settings", MASTER)]},
    ),
    (
        "storage and monitor, settings forbidden",
        audited(storageEndpoint=STORAGE, isAzureMonitorTargetEnabled=True),
        {ID: "pass"},
        {"gaps": [gap("sql_audit_settings", MASTER)]},
    ),
    (
        "event groups missing",
        audited(storageEndpoint=STORAGE, auditActionsAndGroups=GROUPS[:1]),
        {ID: "pass"},
        {"remark": "FAILED_DATABASE_AUTHENTICATION_GROUP"},
    ),
    (
        "event groups absent",
        audited(storageEndpoint=STORAGE, auditActionsAndGroups=...),
        {ID: "pass"},
        {"remark": "does not state"},
    ),
    (
        "secondary key",
        audited(storageEndpoint=STORAGE, isStorageSecondaryKeyInUse=True),
        {ID: "pass"},
        {"remark": "secondary key"},
    ),
    (
        "predicate",
        audited(storageEndpoint=STORAGE, predicateExpression="a = 1"),
        {ID: "pass"},
        {"remark": "predicate"},
    ),
    ("state absent", audited(state=...), {ID: "unknown"}),
    ("unknown state", audited(state="On"), {ID: "unknown"}),
    ("Azure Monitor flag absent", audited(isAzureMonitorTargetEnabled=...), {ID: "unknown"}),
    (
        "settings without logs",
        audited([setting(logs=None)], isAzureMonitorTargetEnabled=True),
        {ID: "unknown"},
    ),
    ("policy forbidden", docs(), {ID: "unknown"}, {"gaps": [gap("sql_server_auditing", ID)]}),
    NO_LIST,
    NONE,
)
OFFICIAL_VERDICTS = """
sql-server-auditing fail: sqlcrudtest-4645
sql-server-auditing pass: sqlcrudtest-6661
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Auditing › Enable Azure SQL Auditing › Storage",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/auditing-setup.md",
            "18d69018e336a1a23d7b6581eee2c8c0008052b5",
            "Navigate to Auditing under the Security heading in your SQL database or SQL server pane",
            "switch Auditing to ON",
            "select Storage",
        ),
        DocsFile(
            "MicrosoftDocs/learn/learn-pr/azure/azure-sql-secure-data/includes/7-security-management.md",
            "0ef562291af1f6e55446ce6be4226ab18f1aeb18",
            "Select the slide toggle to Enable Azure SQL Auditing",
        ),
    ),
]
