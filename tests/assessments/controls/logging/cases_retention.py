"""Retention of logs."""

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
    flow_log_with_retention,
    group_setting,
    grouped,
    in_perimeter,
    logs,
    setting,
    sql,
    taking,
    workspace_retention,
)
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ACTIVITY, FLOW, SQL = (f"logging-retention-{log}" for log in ("activity", "flow", "sql"))


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


def tagged(days: Any) -> dict[str, Any]:
    body = rule(days, name="by tag")
    body["definition"]["filters"]["blobIndexMatch"] = [{"name": "temporary", "op": "==", "value": "yes"}]
    return body


def lifecycle(*rules: dict[str, Any], owner: str = ACCOUNT) -> dict[str, Any]:
    policy = doc(f"{owner}/managementPolicies/default", {"policy": {"rules": list(rules)}})
    return {"management_policies": {owner: [policy]}}


def stored(*rules: dict[str, Any]) -> dict[str, Any]:
    return exported(TO_STORAGE, **lifecycle(*rules))


_ACTIVITY_CASES = [
    Case(ACTIVITY, "storage without a rule", exported(TO_STORAGE), {SUB: "pass"}, reason="without limit"),
    Case(
        ACTIVITY,
        "storage account deleted",
        exported(TO_STORAGE, storage_accounts=[]),
        {SUB: "not_applicable"},
        remark="no longer exists",
    ),
    Case(
        ACTIVITY,
        "existence of the account unknown",
        exported(TO_STORAGE, storage_accounts=[]),
        {SUB: "unknown"},
        [gap("foreign_log_accounts", ACCOUNT)],
    ),
    Case(
        ACTIVITY,
        "only a management group exports",
        grouped(group_setting("contoso", workspaceId=WORKSPACE)),
        {SUB: "manual"},
        reason="destinations that Surety does not read",
        remark="Management group contoso",
    ),
    Case(
        ACTIVITY,
        "nothing exported, a management group forbidden",
        grouped(),
        {SUB: "unknown"},
        [gap("management_group_log_settings", "contoso")],
    ),
    Case(
        ACTIVITY,
        "account secured by a perimeter, belongs to none",
        exported(TO_STORAGE, **in_perimeter("SecuredByPerimeter")),
        {SUB: "not_applicable"},
    ),
    Case(
        ACTIVITY,
        "account in an enforced perimeter",
        exported(TO_STORAGE, **in_perimeter("Enabled", "Enforced")),
        {SUB: "unknown"},
        reason="a network security perimeter decides",
    ),
    Case(
        ACTIVITY,
        "account in an enforced perimeter, and a workspace",
        exported(
            setting(storageAccountId=ACCOUNT, workspaceId=WORKSPACE),
            **in_perimeter("Enabled", "Enforced"),
            **workspace_retention(365),
        ),
        {SUB: "pass"},
    ),
    Case(ACTIVITY, "deleted after 90 days", stored(rule(90)), {SUB: "fail"}),
    Case(ACTIVITY, "deleted after 91 days", stored(rule(91)), {SUB: "pass"}),
    Case(ACTIVITY, "90 days with min_days 90", stored(rule(90)), {SUB: "pass"}, params={"min_days": 90}),
    Case(ACTIVITY, "rule for the container", stored(rule(30, ["insights-activity-logs"])), {SUB: "fail"}),
    Case(
        ACTIVITY,
        "rule for a prefix of the container name",
        stored(rule(30, ["insights-"])),
        {SUB: "fail"},
    ),
    Case(
        ACTIVITY,
        "rule for a folder of the container",
        stored(rule(30, ["insights-activity-logs/resourceId="])),
        {SUB: "fail"},
    ),
    Case(
        ACTIVITY,
        "rule for the folder of another subscription",
        stored(rule(30, [f"insights-activity-logs/resourceId={SUB.replace('1', '2').upper()}"])),
        {SUB: "pass"},
    ),
    Case(
        ACTIVITY,
        "rule for the folder of this subscription",
        stored(rule(30, [f"insights-activity-logs/resourceId={SUB.upper()}/"])),
        {SUB: "fail"},
    ),
    Case(
        ACTIVITY,
        "rule for blobs with index tags",
        stored(tagged(30)),
        {SUB: "pass"},
        reason="without limit",
        remark="The lifecycle rule by tag deletes blobs with certain index tags after 30 days",
    ),
    Case(
        ACTIVITY,
        "later rule for blobs with index tags",
        stored(tagged(300)),
        {SUB: "pass"},
        no_remark="index tags",
    ),
    Case(ACTIVITY, "rules with and without index tags", stored(tagged(30), rule(60)), {SUB: "fail"}),
    Case(
        ACTIVITY,
        "index tags unreadable",
        stored(rule(30) | {"definition": {**rule(30)["definition"], "filters": {"blobIndexMatch": "all"}}}),
        {SUB: "unknown"},
    ),
    Case(ACTIVITY, "rule for another container", stored(rule(30, ["images"])), {SUB: "pass"}),
    Case(ACTIVITY, "rule for block blobs only", stored(rule(30, types=["blockBlob"])), {SUB: "pass"}),
    Case(ACTIVITY, "disabled lifecycle rule", stored(rule(30, enabled=False)), {SUB: "pass"}),
    Case(ACTIVITY, "days is text", stored(rule("30")), {SUB: "unknown"}),
    Case(
        ACTIVITY,
        "only service health is kept longer",
        exported(
            TO_WORKSPACE,
            setting("health", logs("ServiceHealth"), storageAccountId=ACCOUNT),
            **workspace_retention(30),
        ),
        {SUB: "fail"},
        reason="30 days",
    ),
    Case(
        ACTIVITY,
        "only alerts are kept longer",
        exported(
            TO_WORKSPACE,
            setting("alerts", logs("Alert"), storageAccountId=ACCOUNT),
            **workspace_retention(30),
        ),
        {SUB: "fail"},
        reason="30 days",
    ),
    Case(
        ACTIVITY,
        "alerts are kept long, retention of the rest forbidden",
        exported(
            TO_WORKSPACE,
            setting("alerts", logs("Alert"), storageAccountId=ACCOUNT),
        ),
        {SUB: "unknown"},
        [gap("workspaces", WORKSPACE)],
    ),
    Case(
        ACTIVITY,
        "categories in two destinations",
        exported(
            setting("alerts", logs("Alert"), storageAccountId=ACCOUNT),
            setting("rest", logs("Administrative", "Policy", "Security"), workspaceId=WORKSPACE),
            **workspace_retention(365),
        ),
        {SUB: "pass"},
    ),
    Case(
        ACTIVITY,
        "only service health is exported",
        exported(setting(taken=logs("ServiceHealth"), storageAccountId=ACCOUNT)),
        {SUB: "not_applicable"},
    ),
    Case(
        ACTIVITY,
        "lifecycle rules forbidden",
        exported(TO_STORAGE),
        {SUB: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        ACTIVITY,
        "table with 365 days",
        exported(TO_WORKSPACE, **workspace_retention(30, AzureActivity=365)),
        {SUB: "pass"},
    ),
    Case(
        ACTIVITY,
        "table with 90 days",
        exported(TO_WORKSPACE, **workspace_retention(365, azureactivity=90)),
        {SUB: "fail"},
    ),
    Case(
        ACTIVITY,
        "table not listed",
        exported(TO_WORKSPACE, **workspace_retention(365, Other=30)),
        {SUB: "pass"},
    ),
    Case(
        ACTIVITY, "workspace with 30 days", exported(TO_WORKSPACE, **workspace_retention(30)), {SUB: "fail"}
    ),
    Case(
        ACTIVITY,
        "tables forbidden",
        exported(TO_WORKSPACE, workspaces=workspace_retention()["workspaces"]),
        {SUB: "unknown"},
        [gap("workspace_tables", WORKSPACE)],
    ),
    Case(
        ACTIVITY,
        "longest of two destinations",
        exported(TO_WORKSPACE, setting("b", storageAccountId=ACCOUNT), **workspace_retention(30)),
        {SUB: "pass"},
    ),
    Case(
        ACTIVITY,
        "one destination too short, one forbidden",
        exported(TO_WORKSPACE, setting("b", storageAccountId=ACCOUNT), **workspace_retention(30)),
        {SUB: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(ACTIVITY, "event hub only", exported(TO_HUB), {SUB: "manual"}),
    Case(
        ACTIVITY,
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
    Case(ACTIVITY, "activity log not exported", exported(), {SUB: "not_applicable"}),
    Case(ACTIVITY, "forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
]

FLOW_ID = f"{WATCHER_ID}/flowLogs/f1"

_FLOW_CASES = [
    Case(FLOW, "retention without limit", flow_log_with_retention(days(0)), {FLOW_ID: "pass"}),
    Case(
        FLOW,
        "storage account deleted",
        flow_log_with_retention(days(0), storage_accounts=[]),
        {FLOW_ID: "fail"},
        reason="no longer exists",
    ),
    Case(FLOW, "retention off", flow_log_with_retention(days(30, False)), {FLOW_ID: "pass"}),
    Case(
        FLOW,
        "90 days",
        flow_log_with_retention(days(90)),
        {FLOW_ID: "fail"},
        reason="is kept for 90 days; 91 are required",
        remark="CIS 5.0 and 6.0 accept 90 days",
    ),
    Case(FLOW, "89 days", flow_log_with_retention(days(89)), {FLOW_ID: "fail"}, no_remark="accept 90 days"),
    Case(
        FLOW,
        "90 days with min_days 90",
        flow_log_with_retention(days(90)),
        {FLOW_ID: "pass"},
        params={"min_days": 90},
        no_remark="accept 90 days",
    ),
    Case(
        FLOW,
        "90 days with min_days 365",
        flow_log_with_retention(days(90)),
        {FLOW_ID: "fail"},
        params={"min_days": 365},
        no_remark="accept 90 days",
    ),
    Case(
        FLOW,
        "deleted by a lifecycle rule after 90 days",
        flow_log_with_retention(days(0), **lifecycle(rule(90))),
        {FLOW_ID: "fail"},
        remark="CIS 5.0 and 6.0 accept 90 days",
    ),
    Case(FLOW, "91 days", flow_log_with_retention(days(91)), {FLOW_ID: "pass"}),
    Case(FLOW, "days absent", flow_log_with_retention(days(None)), {FLOW_ID: "unknown"}),
    Case(
        FLOW, "policy absent", flow_log_with_retention(flow_log(retentionPolicy=None)), {FLOW_ID: "unknown"}
    ),
    Case(
        FLOW,
        "flow log disabled",
        flow_log_with_retention(flow_log(enabled=False)),
        {FLOW_ID: "not_applicable"},
    ),
    Case(
        FLOW,
        "lifecycle rule for network flow logs",
        flow_log_with_retention(days(0), **lifecycle(rule(30, ["insights-logs-flowlogflowevent"]))),
        {FLOW_ID: "fail"},
    ),
    Case(
        FLOW,
        "lifecycle rule for group flow logs only",
        flow_log_with_retention(
            days(0), **lifecycle(rule(30, ["insights-logs-networksecuritygroupflowevent"]))
        ),
        {FLOW_ID: "pass"},
    ),
    Case(
        FLOW,
        "lifecycle rule for group flow logs",
        flow_log_with_retention(
            flow_log(GROUP_ID), **lifecycle(rule(30, ["insights-logs-networksecuritygroupflowevent"]))
        ),
        {FLOW_ID: "fail"},
    ),
    *(
        Case(
            FLOW,
            f"lifecycle rule for the folder of {name}",
            flow_log_with_retention(
                flow_log(GROUP_ID),
                **lifecycle(
                    rule(
                        30,
                        [f"insights-logs-networksecuritygroupflowevent/resourceId={GROUP_ID.upper()}{end}/"],
                    )
                ),
            ),
            {FLOW_ID: expect},
        )
        for name, end, expect in (("its group", "", "fail"), ("a group with a longer name", "0", "pass"))
    ),
    Case(
        FLOW,
        "lifecycle rule for blobs with index tags",
        flow_log_with_retention(days(0), **lifecycle(tagged(30))),
        {FLOW_ID: "pass"},
        remark="The lifecycle rule by tag deletes",
    ),
    Case(
        FLOW,
        "lifecycle rules forbidden",
        flow_log_with_retention(days(0)),
        {FLOW_ID: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        FLOW,
        "lifecycle rules forbidden, 7 days",
        flow_log_with_retention(days(7)),
        {FLOW_ID: "fail"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        FLOW,
        "storage account of kind Storage",
        flow_log_with_retention(days(0), storage_accounts=[{**account(), "kind": "Storage"}]),
        {FLOW_ID: "pass"},
        remark="StorageV2",
    ),
    Case(FLOW, "no flow log", flow_log_with_retention(), {SUB: "not_applicable"}),
    Case(
        FLOW,
        "forbidden",
        {"network_watchers": [WATCHER]},
        {SUB: "unknown"},
        [gap("flow_logs", WATCHER_ID)],
    ),
]


def monitored(table: str = "", total: int = 365, **properties: Any) -> dict[str, Any]:
    tables = {table: total} if table else {}
    settings = taking(MASTER, workspaceId=WORKSPACE, **properties)
    return sql(MONITORED, DB_OFF, sql_audit_settings=settings, **workspace_retention(30, **tables))


def self_stored(server: Any = STORED, **more: Any) -> dict[str, Any]:
    """A server that writes its audit records to a storage account in its own subscription."""
    return sql(server, storage_accounts=[account()], **more)


_OWN = "sqldbauditlogs"
_SQL_CASES = [
    Case(
        SQL,
        "retention without limit, account elsewhere",
        sql(STORED),
        {SERVER: "pass"},
        remark="logs1 is not in this subscription",
    ),
    Case(SQL, "retention without limit", self_stored(), {SERVER: "pass"}, no_remark="lifecycle"),
    Case(
        SQL,
        "lifecycle rule for blobs with index tags",
        self_stored(**lifecycle(tagged(30))),
        {SERVER: "pass"},
        remark="The lifecycle rule by tag deletes",
    ),
    Case(SQL, "lifecycle rule", self_stored(**lifecycle(rule(30))), {SERVER: "fail"}, reason="30 days"),
    Case(
        SQL,
        "lifecycle rule for the container of the records",
        self_stored(**lifecycle(rule(30, [f"{_OWN}/"]))),
        {SERVER: "fail"},
    ),
    Case(
        SQL,
        "lifecycle rule, long enough",
        self_stored(**lifecycle(rule(180, [_OWN]))),
        {SERVER: "pass"},
        reason="180 days",
    ),
    Case(
        SQL,
        "lifecycle rule later than the retention of the policy",
        self_stored(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=120), **lifecycle(rule(180))),
        {SERVER: "pass"},
        reason="120 days",
    ),
    Case(
        SQL,
        "lifecycle rule for another container",
        self_stored(**lifecycle(rule(30, ["insights-"]))),
        {SERVER: "pass"},
    ),
    Case(
        SQL,
        "lifecycle rule for block blobs only",
        self_stored(**lifecycle(rule(30, types=["blockBlob"]))),
        {SERVER: "pass"},
    ),
    Case(
        SQL,
        "lifecycle rules forbidden",
        self_stored(),
        {SERVER: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        SQL,
        "lifecycle rules forbidden, 30 days",
        self_stored(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=30)),
        {SERVER: "fail"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(SQL, "accounts forbidden", sql(STORED), {SERVER: "unknown"}, [gap("storage_accounts")]),
    Case(SQL, "90 days", sql(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=90)), {SERVER: "fail"}),
    Case(SQL, "91 days", sql(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=91)), {SERVER: "pass"}),
    Case(SQL, "days absent", sql(audit(SERVER, storageEndpoint=ENDPOINT)), {SERVER: "unknown"}),
    Case(SQL, "auditing off", sql(OFF, DB_OFF), {SERVER: "not_applicable"}),
    Case(SQL, "no destination", sql(audit(SERVER), DB_OFF), {SERVER: "not_applicable"}),
    Case(SQL, "auditing of the database", sql(OFF, DB_STORED), {SERVER: "not_applicable", DB: "fail"}),
    Case(SQL, "AzureDiagnostics table", monitored("AzureDiagnostics"), {SERVER: "pass"}),
    Case(SQL, "default retention of the workspace", monitored(), {SERVER: "fail"}),
    Case(
        SQL,
        "dedicated table",
        monitored("SQLSecurityAuditEvents", logAnalyticsDestinationType="Dedicated"),
        {SERVER: "pass"},
    ),
    Case(SQL, "other table", monitored("SQLSecurityAuditEvents"), {SERVER: "fail"}),
    Case(
        SQL,
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
        SQL,
        "to an event hub",
        sql(MONITORED, DB_OFF, sql_audit_settings=taking(MASTER, eventHubAuthorizationRuleId="/x/y")),
        {SERVER: "manual"},
    ),
    Case(SQL, "forbidden", sql([]), {SERVER: "unknown"}, [gap("sql_server_auditing", SERVER)]),
    Case(SQL, "no server", {}, {SUB: "not_applicable"}),
    Case(SQL, "servers forbidden", {}, {SUB: "unknown"}, [gap("sql_servers")]),
]

CASES = [*_ACTIVITY_CASES, *_FLOW_CASES, *_SQL_CASES]
ABSENCE_PASSES = [
    (ACTIVITY, r"properties\.workspaceId", "a setting without a destination exports nothing"),
    (
        f"{ACTIVITY}|{FLOW}|{SQL}",
        r"properties\.policy\.rules\[\]\.definition\.actions\.baseBlob(\.delete(\..*)?)?",
        "a rule that does not delete current blobs deletes no log",
    ),
    (
        f"{ACTIVITY}|{SQL}",
        r"properties\.totalRetentionInDays",
        "a table without its own retention uses that of the workspace",
    ),
]
OFFICIAL_VERDICTS = """
logging-retention-activity pass: unit
logging-retention-flow fail: flowLog2
logging-retention-flow pass: flowLog1
logging-retention-sql not_applicable: sqlcrudtest-4645
logging-retention-sql pass: sqlcrudtest-6661
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Log Analytics workspaces › the workspace › Tables › AzureActivity › Manage table",
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/logs/data-retention-configure.md",
            "10beb8f88e97c4872d2e8caf3a5120e6d0da8e4c",
            "From the Log Analytics workspaces menu, select Tables",
            "select Manage table",
        ),
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/platform/activity-log.md",
            "0116e6b71503932657922387ae48a3f299b304e1",
            "stored in a table called [AzureActivity]",
        ),
    ),
    ComparedPath(
        "Azure portal › Network Watcher › Logs › Flow logs › {flow_log} › Retention (days)",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/network-watcher/vnet-flow-logs-manage.md",
            "0b8729eaf7eb0aabc6390cb17348d19761285f12",
            "Select Network Watcher from the search results",
            "Under Logs, select Flow logs",
            "Retention (days)",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Auditing › Storage › Advanced properties"
        " › Retention (Days)",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/auditing-setup.md",
            "18d69018e336a1a23d7b6581eee2c8c0008052b5",
            "Navigate to Auditing under the Security heading in your SQL database or SQL server pane",
            "select Storage",
            "Retention (Days) slider in Advanced properties",
        ),
    ),
]
