"""Auditing of SQL servers."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.sql.server_documents import ID, MASTER, NO_LIST, NONE, docs, rows, server

GROUPS = [
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
]


def audited(settings: list[dict[str, Any]] | None = None, **properties: Any) -> dict[str, Any]:
    held = {
        "state": "Enabled",
        "storageEndpoint": "",
        "isAzureMonitorTargetEnabled": False,
        "auditActionsAndGroups": GROUPS,
    }
    body = doc(
        f"{ID}/auditingSettings/default", {k: v for k, v in (held | properties).items() if v is not ...}
    )
    found: dict[str, Any] = {"sql_servers": [server()], "sql_server_auditing": [body]}
    if settings is not None:
        found["sql_audit_settings"] = {MASTER: settings}
    return found


def setting(*logs: dict[str, Any], **properties: Any) -> dict[str, Any]:
    held = {"workspaceId": f"{RG}/w", "logs": list(logs)}
    return doc(f"{MASTER}/providers/Microsoft.Insights/diagnosticSettings/s", held | properties)


TAKES = {"category": "SQLSecurityAuditEvents", "enabled": True}
STORAGE = "https://logs1.blob.core.windows.net/"
CASES = rows(
    "sql-server-auditing",
    ("storage", audited(storageEndpoint=STORAGE), {ID: "pass"}),
    (
        "storage, monitor not stated",
        audited(storageEndpoint=STORAGE, isAzureMonitorTargetEnabled=...),
        {ID: "pass"},
    ),
    ("off", audited(state="disabled", storageEndpoint=STORAGE), {ID: "fail"}),
    ("nowhere", audited(), {ID: "fail"}, {"reason": "without a destination"}),
    ("monitor", audited([setting(TAKES)], isAzureMonitorTargetEnabled=True), {ID: "pass"}),
    (
        "monitor, group of categories",
        audited([setting({"categoryGroup": "audit", "enabled": True})], isAzureMonitorTargetEnabled=True),
        {ID: "pass"},
    ),
    (
        "monitor, category off",
        audited([setting(TAKES | {"enabled": False})], isAzureMonitorTargetEnabled=True),
        {ID: "fail"},
    ),
    (
        "monitor, other category",
        audited([setting({"category": "Deadlocks", "enabled": True})], isAzureMonitorTargetEnabled=True),
        {ID: "fail"},
    ),
    ("monitor, no setting", audited([], isAzureMonitorTargetEnabled=True), {ID: "fail"}),
    (
        "monitor, setting without destination",
        audited([setting(TAKES, workspaceId=None)], isAzureMonitorTargetEnabled=True),
        {ID: "fail"},
    ),
    (
        "monitor, settings forbidden",
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
        "groups missing",
        audited(storageEndpoint=STORAGE, auditActionsAndGroups=GROUPS[:1]),
        {ID: "pass"},
        {"remark": "FAILED_DATABASE_AUTHENTICATION_GROUP"},
    ),
    (
        "groups not stated",
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
    ("no state", audited(state=...), {ID: "unknown"}),
    ("unheard-of state", audited(state="On"), {ID: "unknown"}),
    ("monitor not stated", audited(isAzureMonitorTargetEnabled=...), {ID: "unknown"}),
    (
        "settings without logs",
        audited([setting(logs=None)], isAzureMonitorTargetEnabled=True),
        {ID: "unknown"},
    ),
    ("policy forbidden", docs(), {ID: "unknown"}, {"gaps": [gap("sql_server_auditing", ID)]}),
    NO_LIST,
    NONE,
)
