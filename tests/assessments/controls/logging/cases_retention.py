"""Logs are kept."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.logging.documents import (
    ACCOUNT,
    DB,
    DB_OFF,
    DB_STORED,
    ENDPOINT,
    GROUP_ID,
    MASTER,
    MONITORED,
    OFF,
    SERVER,
    STORED,
    TO_HUB,
    TO_STORAGE,
    TO_WORKSPACE,
    WATCHER,
    WATCHER_ID,
    WORKSPACE,
    account,
    audit,
    days,
    exported,
    flow_log,
    kept,
    kept_in,
    setting,
    sql,
    taking,
)

KEEP_ACTIVITY, KEEP_FLOW, KEEP_SQL = (f"logging-retention-{log}" for log in ("activity", "flow", "sql"))


def rule(
    days: Any, prefixes: Any = None, types: Any = ("blockBlob", "appendBlob"), **more: Any
) -> dict[str, Any]:
    filters: dict[str, Any] = {"blobTypes": list(types)}
    if prefixes:
        filters["prefixMatch"] = list(prefixes)
    delete = {"daysAfterModificationGreaterThan": days}
    return {
        "name": "r",
        "enabled": True,
        "definition": {"actions": {"baseBlob": {"delete": delete}}, "filters": filters},
        **more,
    }


def lifecycle(*rules: dict[str, Any], owner: str = ACCOUNT) -> dict[str, Any]:
    policy = doc(f"{owner}/managementPolicies/default", {"policy": {"rules": list(rules)}})
    return {"management_policies": {owner: [policy]}}


def stored(*rules: dict[str, Any]) -> dict[str, Any]:
    return exported(TO_STORAGE, **lifecycle(*rules))


_KEEP_ACTIVITY = [
    Case(
        KEEP_ACTIVITY, "storage without a rule", exported(TO_STORAGE), {SUB: "pass"}, reason="without limit"
    ),
    Case(
        KEEP_ACTIVITY,
        "storage account deleted",
        exported(TO_STORAGE, storage_accounts=[]),
        {SUB: "not_applicable"},
        remark="does not exist",
    ),
    Case(
        KEEP_ACTIVITY,
        "existence of the account unknown",
        exported(TO_STORAGE, storage_accounts=[]),
        {SUB: "unknown"},
        [gap("foreign_log_accounts", ACCOUNT)],
    ),
    Case(KEEP_ACTIVITY, "deleted after 90 days", stored(rule(90)), {SUB: "fail"}),
    Case(KEEP_ACTIVITY, "deleted after 91 days", stored(rule(91)), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "90 days with min_days 90", stored(rule(90)), {SUB: "pass"}, params={"min_days": 90}),
    Case(
        KEEP_ACTIVITY, "rule for the container", stored(rule(30, ["insights-activity-logs"])), {SUB: "fail"}
    ),
    Case(
        KEEP_ACTIVITY,
        "rule for a prefix of the container name",
        stored(rule(30, ["insights-"])),
        {SUB: "fail"},
    ),
    Case(
        KEEP_ACTIVITY,
        "rule for a folder of the container",
        stored(rule(30, ["insights-activity-logs/resourceId="])),
        {SUB: "fail"},
    ),
    Case(KEEP_ACTIVITY, "rule for another container", stored(rule(30, ["images"])), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "rule for block blobs only", stored(rule(30, types=["blockBlob"])), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "disabled lifecycle rule", stored(rule(30, enabled=False)), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "days is text", stored(rule("30")), {SUB: "unknown"}),
    Case(
        KEEP_ACTIVITY,
        "lifecycle rules forbidden",
        exported(TO_STORAGE),
        {SUB: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        KEEP_ACTIVITY,
        "table with 365 days",
        exported(TO_WORKSPACE, **kept_in(30, AzureActivity=365)),
        {SUB: "pass"},
    ),
    Case(
        KEEP_ACTIVITY,
        "table with 90 days",
        exported(TO_WORKSPACE, **kept_in(365, azureactivity=90)),
        {SUB: "fail"},
    ),
    Case(KEEP_ACTIVITY, "table not listed", exported(TO_WORKSPACE, **kept_in(365, Other=30)), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "workspace with 30 days", exported(TO_WORKSPACE, **kept_in(30)), {SUB: "fail"}),
    Case(
        KEEP_ACTIVITY,
        "tables forbidden",
        exported(TO_WORKSPACE, workspaces=kept_in()["workspaces"]),
        {SUB: "unknown"},
        [gap("workspace_tables", WORKSPACE)],
    ),
    Case(
        KEEP_ACTIVITY,
        "longest of two destinations",
        exported(TO_WORKSPACE, setting("b", storageAccountId=ACCOUNT), **kept_in(30)),
        {SUB: "pass"},
    ),
    Case(
        KEEP_ACTIVITY,
        "one destination too short, one forbidden",
        exported(TO_WORKSPACE, setting("b", storageAccountId=ACCOUNT), **kept_in(30)),
        {SUB: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(KEEP_ACTIVITY, "event hub only", exported(TO_HUB), {SUB: "manual"}),
    Case(
        KEEP_ACTIVITY,
        "retentionPolicy is ignored",
        exported(
            setting(
                taken=[
                    {
                        "category": "Administrative",
                        "enabled": True,
                        "retentionPolicy": {"enabled": True, "days": 7},
                    }
                ],
                storageAccountId=ACCOUNT,
            )
        ),
        {SUB: "pass"},
    ),
    Case(KEEP_ACTIVITY, "activity log not exported", exported(), {SUB: "not_applicable"}),
    Case(KEEP_ACTIVITY, "forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
]

FLOW_ID = f"{WATCHER_ID}/flowLogs/f1"

_KEEP_FLOW = [
    Case(KEEP_FLOW, "retention without limit", kept(days(0)), {FLOW_ID: "pass"}),
    Case(
        KEEP_FLOW,
        "storage account deleted",
        kept(days(0), storage_accounts=[]),
        {FLOW_ID: "fail"},
        reason="no longer exists",
    ),
    Case(KEEP_FLOW, "retention off", kept(days(30, False)), {FLOW_ID: "pass"}),
    Case(KEEP_FLOW, "90 days", kept(days(90)), {FLOW_ID: "fail"}),
    Case(KEEP_FLOW, "91 days", kept(days(91)), {FLOW_ID: "pass"}),
    Case(KEEP_FLOW, "days absent", kept(days(None)), {FLOW_ID: "unknown"}),
    Case(KEEP_FLOW, "policy absent", kept(flow_log(retentionPolicy=None)), {FLOW_ID: "unknown"}),
    Case(KEEP_FLOW, "flow log disabled", kept(flow_log(enabled=False)), {FLOW_ID: "not_applicable"}),
    Case(
        KEEP_FLOW,
        "lifecycle rule for network flow logs",
        kept(days(0), **lifecycle(rule(30, ["insights-logs-flowlogflowevent"]))),
        {FLOW_ID: "fail"},
    ),
    Case(
        KEEP_FLOW,
        "lifecycle rule for group flow logs only",
        kept(days(0), **lifecycle(rule(30, ["insights-logs-networksecuritygroupflowevent"]))),
        {FLOW_ID: "pass"},
    ),
    Case(
        KEEP_FLOW,
        "lifecycle rule for group flow logs",
        kept(flow_log(GROUP_ID), **lifecycle(rule(30, ["insights-logs-networksecuritygroupflowevent"]))),
        {FLOW_ID: "fail"},
    ),
    Case(
        KEEP_FLOW,
        "lifecycle rules forbidden",
        kept(days(0)),
        {FLOW_ID: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        KEEP_FLOW,
        "lifecycle rules forbidden, 7 days",
        kept(days(7)),
        {FLOW_ID: "fail"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        KEEP_FLOW,
        "storage account of kind Storage",
        kept(days(0), storage_accounts=[{**account(), "kind": "Storage"}]),
        {FLOW_ID: "pass"},
        remark="StorageV2",
    ),
    Case(KEEP_FLOW, "no flow log", kept(), {SUB: "not_applicable"}),
    Case(
        KEEP_FLOW,
        "forbidden",
        {"network_watchers": [WATCHER]},
        {SUB: "unknown"},
        [gap("flow_logs", WATCHER_ID)],
    ),
]


def monitored(table: str = "", total: int = 365, **properties: Any) -> dict[str, Any]:
    tables = {table: total} if table else {}
    settings = taking(MASTER, workspaceId=WORKSPACE, **properties)
    return sql(MONITORED, DB_OFF, sql_audit_settings=settings, **kept_in(30, **tables))


_KEEP_SQL = [
    Case(KEEP_SQL, "retention without limit", sql(STORED), {SERVER: "pass"}),
    Case(
        KEEP_SQL, "90 days", sql(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=90)), {SERVER: "fail"}
    ),
    Case(
        KEEP_SQL, "91 days", sql(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=91)), {SERVER: "pass"}
    ),
    Case(KEEP_SQL, "days absent", sql(audit(SERVER, storageEndpoint=ENDPOINT)), {SERVER: "unknown"}),
    Case(KEEP_SQL, "auditing off", sql(OFF, DB_OFF), {SERVER: "not_applicable"}),
    Case(KEEP_SQL, "no destination", sql(audit(SERVER), DB_OFF), {SERVER: "not_applicable"}),
    Case(KEEP_SQL, "auditing of the database", sql(OFF, DB_STORED), {SERVER: "not_applicable", DB: "fail"}),
    Case(KEEP_SQL, "AzureDiagnostics table", monitored("AzureDiagnostics"), {SERVER: "pass"}),
    Case(KEEP_SQL, "default retention of the workspace", monitored(), {SERVER: "fail"}),
    Case(
        KEEP_SQL,
        "dedicated table",
        monitored("SQLSecurityAuditEvents", logAnalyticsDestinationType="Dedicated"),
        {SERVER: "pass"},
    ),
    Case(KEEP_SQL, "other table", monitored("SQLSecurityAuditEvents"), {SERVER: "fail"}),
    Case(
        KEEP_SQL,
        "storage through a diagnostic setting",
        sql(
            MONITORED,
            DB_OFF,
            sql_audit_settings=taking(MASTER, storageAccountId=ACCOUNT),
            storage_accounts=[account()],
        ),
        {SERVER: "pass"},
    ),
    Case(
        KEEP_SQL,
        "to an event hub",
        sql(MONITORED, DB_OFF, sql_audit_settings=taking(MASTER, eventHubAuthorizationRuleId="/x/y")),
        {SERVER: "manual"},
    ),
    Case(KEEP_SQL, "forbidden", sql([]), {SERVER: "unknown"}, [gap("sql_server_auditing", SERVER)]),
    Case(KEEP_SQL, "no server", {}, {SUB: "not_applicable"}),
    Case(KEEP_SQL, "servers forbidden", {}, {SUB: "unknown"}, [gap("sql_servers")]),
]

CASES = [*_KEEP_ACTIVITY, *_KEEP_FLOW, *_KEEP_SQL]
ABSENCE_PASSES = [
    (
        f"{KEEP_ACTIVITY}|{KEEP_FLOW}",
        r"properties\.policy\.rules\[\]\.definition\.actions\.baseBlob(\.delete(\..*)?)?",
        "a rule without a deletion of current blobs deletes none",
    ),
    (
        f"{KEEP_ACTIVITY}|{KEEP_SQL}",
        r"properties\.totalRetentionInDays",
        "a table without days of its own keeps them as long as its workspace",
    ),
]
