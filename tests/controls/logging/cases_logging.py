"""Activity log, flow logs, SQL audit: written, kept, protected."""

from __future__ import annotations

from typing import Any

from tests.controls.cases import Case
from tests.controls.kit import RG, SUB, doc, gap

EXPORT, FLOW, AUDIT = "logging-activity-export", "logging-nsg-flow", "logging-sql-db-auditing"
KEEP_ACTIVITY, KEEP_FLOW, KEEP_SQL = (f"logging-retention-{log}" for log in ("activity", "flow", "sql"))
ENCRYPTION, TRANSFER = "logging-storage-encryption", "logging-storage-secure-transfer"
OTHER = "/subscriptions/20000000-0000-0000-0000-000000000002/resourceGroups/logs"
ACCOUNT = f"{RG}/providers/Microsoft.Storage/storageAccounts/logs1"
FOREIGN = f"{OTHER}/providers/Microsoft.Storage/storageAccounts/logs2"
WORKSPACE = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/w1"
WANTED = ("Administrative", "Alert", "Policy", "Security")


def logs(*categories: str, **more: bool) -> list[dict[str, Any]]:
    on = [{"category": name, "enabled": True} for name in categories]
    return on + [{"category": name, "enabled": enabled} for name, enabled in more.items()]


def setting(name: str = "audit", taken: Any = None, owner: str = SUB, **properties: Any) -> dict[str, Any]:
    identifier = f"{owner}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    return doc(identifier, {"logs": logs(*WANTED) if taken is None else taken, **properties})


def account(identifier: str = ACCOUNT, **properties: Any) -> dict[str, Any]:
    held = {"supportsHttpsTrafficOnly": True, "encryption": {"keySource": "Microsoft.Storage"}, **properties}
    return doc(identifier, held, kind="StorageV2", location="westeurope")


def exported(*settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"activity_log_settings": list(settings), "storage_accounts": [account()], **more}


TO_STORAGE = setting(storageAccountId=ACCOUNT)
TO_HUB = setting(
    eventHubAuthorizationRuleId=f"{RG}/providers/Microsoft.EventHub/namespaces/n/authorizationRules/r"
)
TO_WORKSPACE = setting(workspaceId=WORKSPACE)


def kept_in(days: Any = 365, **table: Any) -> dict[str, Any]:
    tables = [
        doc(f"{WORKSPACE}/tables/{name}", {"totalRetentionInDays": total}) for name, total in table.items()
    ]
    return {
        "workspaces": {WORKSPACE: [doc(WORKSPACE, {"retentionInDays": days})]},
        "workspace_tables": {WORKSPACE: tables},
    }


_EXPORT = [
    Case(EXPORT, "to storage", exported(TO_STORAGE), {SUB: "pass"}),
    Case(EXPORT, "to an event hub", exported(TO_HUB), {SUB: "pass"}),
    Case(EXPORT, "storage wanted", exported(TO_HUB), {SUB: "fail"}, params={"require_storage": True}),
    Case(
        EXPORT,
        "storage wanted and there",
        exported(TO_STORAGE),
        {SUB: "pass"},
        params={"require_storage": True},
    ),
    Case(EXPORT, "no setting", exported(), {SUB: "fail"}),
    Case(EXPORT, "no destination", exported(setting()), {SUB: "fail"}),
    Case(
        EXPORT,
        "one is missing",
        exported(setting(taken=logs("administrative", "ALERT", "Security"), storageAccountId=ACCOUNT)),
        {SUB: "fail"},
        reason="not exported: Policy",
    ),
    Case(
        EXPORT,
        "one is off",
        exported(
            setting(taken=logs("Administrative", "Alert", "Security", Policy=False), storageAccountId=ACCOUNT)
        ),
        {SUB: "fail"},
    ),
    Case(
        EXPORT,
        "two settings together",
        exported(
            setting("a", logs("Administrative", "Alert"), storageAccountId=ACCOUNT),
            setting("b", logs("Policy", "Security"), workspaceId=WORKSPACE),
            **kept_in(),
        ),
        {SUB: "pass"},
    ),
    Case(
        EXPORT,
        "a group",
        exported(setting(taken=[{"categoryGroup": "allLogs", "enabled": True}], storageAccountId=ACCOUNT)),
        {SUB: "pass"},
    ),
    Case(
        EXPORT,
        "the account is gone",
        exported(setting(storageAccountId=FOREIGN)),
        {SUB: "fail"},
        remark="does not exist",
    ),
    Case(
        EXPORT,
        "the account is out of reach",
        exported(setting(storageAccountId=FOREIGN)),
        {SUB: "pass"},
        [gap("foreign_log_accounts", FOREIGN)],
    ),
    Case(EXPORT, "the workspace is gone", exported(TO_WORKSPACE), {SUB: "fail"}, remark="does not exist"),
    Case(EXPORT, "forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
    Case(EXPORT, "logs absent", exported(setting(taken="x", storageAccountId=ACCOUNT)), {SUB: "unknown"}),
]

GROUP_ID = f"{RG}/providers/Microsoft.Network/networkSecurityGroups/g1"
VNET = f"{RG}/providers/Microsoft.Network/virtualNetworks/v1"
SUBNET, NIC = f"{VNET}/subnets/s1", f"{RG}/providers/Microsoft.Network/networkInterfaces/n1"
WATCHER_ID = f"{RG}/providers/Microsoft.Network/networkWatchers/w"
WATCHER = {**doc(WATCHER_ID), "location": "westeurope"}
POLICY_OFF = {"enabled": False, "days": 0}


def group(subnets: Any = (SUBNET,), interfaces: Any = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {"securityRules": []}
    if subnets:
        properties["subnets"] = [{"id": subnet} for subnet in subnets]
    if interfaces:
        properties["networkInterfaces"] = [{"id": nic} for nic in interfaces]
    return {**doc(GROUP_ID, properties), "location": "westeurope"}


def flow_log(target: str = VNET, name: str = "f1", **more: Any) -> dict[str, Any]:
    properties = {
        "targetResourceId": target,
        "enabled": True,
        "storageId": ACCOUNT,
        "retentionPolicy": POLICY_OFF,
        **more,
    }
    return doc(f"{WATCHER_ID}/flowLogs/{name}", properties)


def nic(subnet: str = SUBNET) -> dict[str, Any]:
    return doc(NIC, {"ipConfigurations": [{"name": "a", "properties": {"subnet": {"id": subnet}}}]})


def flows(
    subject: dict[str, Any], *flow_logs: dict[str, Any], watchers: Any = (WATCHER,), **more: Any
) -> dict[str, Any]:
    return {
        "network_security_groups": [subject],
        "network_watchers": list(watchers),
        "flow_logs": {WATCHER_ID: list(flow_logs)} if watchers else {},
        **more,
    }


_FLOW = [
    Case(FLOW, "the network", flows(group(), flow_log()), {GROUP_ID: "pass"}),
    Case(FLOW, "the network, other case", flows(group(), flow_log(VNET.upper() + "/")), {GROUP_ID: "pass"}),
    Case(FLOW, "the subnet", flows(group(), flow_log(SUBNET)), {GROUP_ID: "pass"}),
    Case(
        FLOW, "the group", flows(group(), flow_log(GROUP_ID)), {GROUP_ID: "pass"}, remark="30 September 2027"
    ),
    Case(FLOW, "another subnet", flows(group(), flow_log(f"{VNET}/subnets/s2")), {GROUP_ID: "fail"}),
    Case(FLOW, "switched off", flows(group(), flow_log(enabled=False)), {GROUP_ID: "fail"}),
    Case(FLOW, "enabled absent", flows(group(), flow_log(enabled=None)), {GROUP_ID: "unknown"}),
    Case(FLOW, "attached to nothing", flows(group(())), {GROUP_ID: "not_applicable"}),
    Case(FLOW, "no group", {"network_watchers": [WATCHER]}, {SUB: "not_applicable"}),
    Case(
        FLOW,
        "one of two subnets",
        flows(group((SUBNET, f"{VNET}/subnets/s2")), flow_log(SUBNET)),
        {GROUP_ID: "fail"},
    ),
    Case(FLOW, "an interface", flows(group((), (NIC,)), flow_log(NIC)), {GROUP_ID: "pass"}),
    Case(
        FLOW,
        "an interface in the network",
        flows(group((), (NIC,)), flow_log(), network_interfaces=[nic()]),
        {GROUP_ID: "pass"},
    ),
    Case(
        FLOW,
        "an interface in another network",
        flows(
            group((), (NIC,)), flow_log(), network_interfaces=[nic(f"{RG}/x/y/virtualNetworks/v2/subnets/s")]
        ),
        {GROUP_ID: "fail"},
    ),
    Case(FLOW, "an interface not read", flows(group((), (NIC,)), flow_log()), {GROUP_ID: "unknown"}),
    Case(FLOW, "an interface not read, no flow log", flows(group((), (NIC,))), {GROUP_ID: "fail"}),
    Case(
        FLOW,
        "interfaces forbidden",
        flows(group((), (NIC,)), flow_log()),
        {GROUP_ID: "unknown"},
        [gap("network_interfaces")],
    ),
    Case(
        FLOW, "no watcher in the region", flows(group(), watchers=()), {GROUP_ID: "fail"}, reason="westeurope"
    ),
    Case(
        FLOW,
        "watchers forbidden",
        flows(group(), watchers=()),
        {GROUP_ID: "unknown"},
        [gap("network_watchers")],
    ),
    Case(FLOW, "flow logs forbidden", flows(group()), {GROUP_ID: "unknown"}, [gap("flow_logs", WATCHER_ID)]),
    Case(FLOW, "groups forbidden", {}, {SUB: "unknown"}, [gap("network_security_groups")]),
]

SERVER = f"{RG}/providers/Microsoft.Sql/servers/s1"
DB, MASTER = f"{SERVER}/databases/db1", f"{SERVER}/databases/master"
ENDPOINT = "https://LOGS1.blob.core.windows.net/"
GROUPS = [
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
]


def audit(owner: str, state: str = "Enabled", **properties: Any) -> list[dict[str, Any]]:
    held = {
        "state": state,
        "auditActionsAndGroups": GROUPS,
        "isAzureMonitorTargetEnabled": False,
        **properties,
    }
    return [doc(f"{owner}/auditingSettings/Default", held)]


def sql(server: Any, database: Any = None, **more: Any) -> dict[str, Any]:
    docs: dict[str, Any] = {
        "sql_servers": [doc(SERVER)],
        "sql_databases": {SERVER: [doc(MASTER, kind="v12.0,system"), doc(DB, kind="v12.0,user")]},
        "sql_server_auditing": {SERVER: server},
        **more,
    }
    if database is not None:
        docs["sql_database_auditing"] = {DB: database}
    return docs


def taking(owner: str, **properties: Any) -> dict[str, list[dict[str, Any]]]:
    return {owner: [setting("sql", logs("SQLSecurityAuditEvents"), owner, **properties)]}


STORED = audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=0)
MONITORED = audit(SERVER, isAzureMonitorTargetEnabled=True)
OFF, DB_OFF = audit(SERVER, "Disabled"), audit(DB, "Disabled")
DB_STORED = audit(DB, storageEndpoint=ENDPOINT, retentionDays=30)
_AUDIT = [
    Case(AUDIT, "the server to storage", sql(STORED, DB_OFF), {DB: "pass"}),
    Case(AUDIT, "the database alone", sql(OFF, DB_STORED), {DB: "pass"}),
    Case(AUDIT, "both off", sql(OFF, DB_OFF), {DB: "fail"}, reason="auditing is off"),
    Case(
        AUDIT,
        "enabled without a destination",
        sql(audit(SERVER), DB_OFF),
        {DB: "fail"},
        reason="without a destination",
    ),
    Case(
        AUDIT,
        "Azure Monitor, taken",
        sql(MONITORED, DB_OFF, sql_audit_settings=taking(MASTER, workspaceId=WORKSPACE)),
        {DB: "pass"},
    ),
    Case(
        AUDIT,
        "Azure Monitor, not taken",
        sql(MONITORED, DB_OFF),
        {DB: "fail"},
        reason="without a destination",
    ),
    Case(
        AUDIT,
        "Azure Monitor, settings forbidden",
        sql(MONITORED, DB_OFF),
        {DB: "unknown"},
        [gap("sql_audit_settings", MASTER)],
    ),
    Case(
        AUDIT,
        "a group is missing",
        sql(audit(SERVER, storageEndpoint=ENDPOINT, auditActionsAndGroups=GROUPS[:2])),
        {DB: "pass"},
        remark="FAILED_DATABASE_AUTHENTICATION_GROUP",
    ),
    Case(
        AUDIT,
        "the server forbidden, own off",
        sql([], DB_OFF),
        {DB: "unknown"},
        [gap("sql_server_auditing", SERVER)],
    ),
    Case(
        AUDIT,
        "the server forbidden, own on",
        sql([], DB_STORED),
        {DB: "pass"},
        [gap("sql_server_auditing", SERVER)],
    ),
    Case(AUDIT, "own forbidden", sql(OFF), {DB: "unknown"}, [gap("sql_database_auditing", DB)]),
    Case(AUDIT, "state absent", sql(audit(SERVER, ""), DB_OFF), {DB: "unknown"}),
    Case(AUDIT, "no server", {}, {SUB: "not_applicable"}),
    Case(
        AUDIT,
        "databases forbidden",
        {"sql_servers": [doc(SERVER)], "sql_server_auditing": {SERVER: STORED}},
        {SUB: "unknown"},
        [gap("sql_databases", SERVER)],
    ),
    Case(AUDIT, "servers forbidden", {}, {SUB: "unknown"}, [gap("sql_servers")]),
]


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
    Case(KEEP_ACTIVITY, "deleted after 90 days", stored(rule(90)), {SUB: "fail"}),
    Case(KEEP_ACTIVITY, "deleted after 91 days", stored(rule(91)), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "90 are enough", stored(rule(90)), {SUB: "pass"}, params={"min_days": 90}),
    Case(KEEP_ACTIVITY, "the container", stored(rule(30, ["insights-activity-logs"])), {SUB: "fail"}),
    Case(KEEP_ACTIVITY, "a part of the name", stored(rule(30, ["insights-"])), {SUB: "fail"}),
    Case(
        KEEP_ACTIVITY,
        "a part of the container",
        stored(rule(30, ["insights-activity-logs/resourceId="])),
        {SUB: "fail"},
    ),
    Case(KEEP_ACTIVITY, "another container", stored(rule(30, ["images"])), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "block blobs only", stored(rule(30, types=["blockBlob"])), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "a disabled rule", stored(rule(30, enabled=False)), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "days as text", stored(rule("30")), {SUB: "unknown"}),
    Case(
        KEEP_ACTIVITY,
        "rules forbidden",
        exported(TO_STORAGE),
        {SUB: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        KEEP_ACTIVITY,
        "table of 365 days",
        exported(TO_WORKSPACE, **kept_in(30, AzureActivity=365)),
        {SUB: "pass"},
    ),
    Case(
        KEEP_ACTIVITY,
        "table of 90 days",
        exported(TO_WORKSPACE, **kept_in(365, azureactivity=90)),
        {SUB: "fail"},
    ),
    Case(KEEP_ACTIVITY, "no such table", exported(TO_WORKSPACE, **kept_in(365, Other=30)), {SUB: "pass"}),
    Case(KEEP_ACTIVITY, "workspace of 30 days", exported(TO_WORKSPACE, **kept_in(30)), {SUB: "fail"}),
    Case(
        KEEP_ACTIVITY,
        "tables forbidden",
        exported(TO_WORKSPACE, workspaces=kept_in()["workspaces"]),
        {SUB: "unknown"},
        [gap("workspace_tables", WORKSPACE)],
    ),
    Case(
        KEEP_ACTIVITY,
        "the best of two",
        exported(TO_WORKSPACE, setting("b", storageAccountId=ACCOUNT), **kept_in(30)),
        {SUB: "pass"},
    ),
    Case(
        KEEP_ACTIVITY,
        "one falls short, one is forbidden",
        exported(TO_WORKSPACE, setting("b", storageAccountId=ACCOUNT), **kept_in(30)),
        {SUB: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(KEEP_ACTIVITY, "an event hub only", exported(TO_HUB), {SUB: "manual"}),
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
    Case(KEEP_ACTIVITY, "nothing exported", exported(), {SUB: "not_applicable"}),
    Case(KEEP_ACTIVITY, "forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
]

FLOW_ID = f"{WATCHER_ID}/flowLogs/f1"


def kept(log: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "network_watchers": [WATCHER],
        "flow_logs": {WATCHER_ID: [log] if log else []},
        "storage_accounts": [account()],
        **more,
    }


def days(number: Any, on: Any = True) -> dict[str, Any]:
    return flow_log(retentionPolicy={"enabled": on, "days": number})


_KEEP_FLOW = [
    Case(KEEP_FLOW, "no limit", kept(days(0)), {FLOW_ID: "pass"}),
    Case(KEEP_FLOW, "retention off", kept(days(30, False)), {FLOW_ID: "pass"}),
    Case(KEEP_FLOW, "90 days", kept(days(90)), {FLOW_ID: "fail"}),
    Case(KEEP_FLOW, "91 days", kept(days(91)), {FLOW_ID: "pass"}),
    Case(KEEP_FLOW, "days absent", kept(days(None)), {FLOW_ID: "unknown"}),
    Case(KEEP_FLOW, "policy absent", kept(flow_log(retentionPolicy=None)), {FLOW_ID: "unknown"}),
    Case(KEEP_FLOW, "switched off", kept(flow_log(enabled=False)), {FLOW_ID: "not_applicable"}),
    Case(
        KEEP_FLOW,
        "a rule deletes the network's",
        kept(days(0), **lifecycle(rule(30, ["insights-logs-flowlogflowevent"]))),
        {FLOW_ID: "fail"},
    ),
    Case(
        KEEP_FLOW,
        "a rule deletes the groups' only",
        kept(days(0), **lifecycle(rule(30, ["insights-logs-networksecuritygroupflowevent"]))),
        {FLOW_ID: "pass"},
    ),
    Case(
        KEEP_FLOW,
        "a rule deletes the group's",
        kept(flow_log(GROUP_ID), **lifecycle(rule(30, ["insights-logs-networksecuritygroupflowevent"]))),
        {FLOW_ID: "fail"},
    ),
    Case(
        KEEP_FLOW,
        "rules forbidden",
        kept(days(0)),
        {FLOW_ID: "unknown"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        KEEP_FLOW,
        "rules forbidden, 7 days",
        kept(days(7)),
        {FLOW_ID: "fail"},
        [gap("management_policies", ACCOUNT)],
    ),
    Case(
        KEEP_FLOW,
        "an old account",
        kept(days(0), storage_accounts=[{**account(), "kind": "Storage"}]),
        {FLOW_ID: "pass"},
        remark="StorageV2",
    ),
    Case(KEEP_FLOW, "none", kept(), {SUB: "not_applicable"}),
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
    Case(KEEP_SQL, "no limit", sql(STORED), {SERVER: "pass"}),
    Case(
        KEEP_SQL, "90 days", sql(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=90)), {SERVER: "fail"}
    ),
    Case(
        KEEP_SQL, "91 days", sql(audit(SERVER, storageEndpoint=ENDPOINT, retentionDays=91)), {SERVER: "pass"}
    ),
    Case(KEEP_SQL, "days absent", sql(audit(SERVER, storageEndpoint=ENDPOINT)), {SERVER: "unknown"}),
    Case(KEEP_SQL, "off", sql(OFF, DB_OFF), {SERVER: "not_applicable"}),
    Case(KEEP_SQL, "no destination", sql(audit(SERVER), DB_OFF), {SERVER: "not_applicable"}),
    Case(KEEP_SQL, "the database's own", sql(OFF, DB_STORED), {SERVER: "not_applicable", DB: "fail"}),
    Case(KEEP_SQL, "the diagnostics table", monitored("AzureDiagnostics"), {SERVER: "pass"}),
    Case(KEEP_SQL, "the workspace's days", monitored(), {SERVER: "fail"}),
    Case(
        KEEP_SQL,
        "the table of its own",
        monitored("SQLSecurityAuditEvents", logAnalyticsDestinationType="Dedicated"),
        {SERVER: "pass"},
    ),
    Case(KEEP_SQL, "not its table", monitored("SQLSecurityAuditEvents"), {SERVER: "fail"}),
    Case(
        KEEP_SQL,
        "to storage by a setting",
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

PLAIN = {"encryption": {"services": {"blob": {"enabled": False}}}, "supportsHttpsTrafficOnly": False}


def _on_accounts(slug: str) -> list[Case]:
    bad = account(**PLAIN)
    return [
        Case(slug, "the activity log's", exported(TO_STORAGE), {ACCOUNT: "pass"}),
        Case(slug, "bad", exported(TO_STORAGE, storage_accounts=[bad]), {ACCOUNT: "fail"}),
        Case(
            slug,
            "flow logs'",
            kept(flow_log(storageId=ACCOUNT.upper()), storage_accounts=[bad]),
            {ACCOUNT.upper(): "fail"},
        ),
        Case(slug, "SQL audit's", sql(STORED, storage_accounts=[bad]), {ACCOUNT: "fail"}),
        Case(slug, "SQL audit's, nowhere", sql(STORED), {SUB: "unknown"}, reason="no subscription in reach"),
        Case(
            slug,
            "in another subscription",
            exported(setting(storageAccountId=FOREIGN), foreign_log_accounts={FOREIGN: [account(FOREIGN)]}),
            {FOREIGN: "pass"},
        ),
        Case(slug, "gone", exported(setting(storageAccountId=FOREIGN)), {FOREIGN: "not_applicable"}),
        Case(
            slug,
            "in a subscription that is not ours to read",
            exported(setting(storageAccountId=FOREIGN)),
            {FOREIGN: "unknown"},
            [gap("foreign_log_accounts", FOREIGN)],
        ),
        Case(slug, "no log in storage", exported(TO_HUB), {SUB: "not_applicable"}),
        Case(slug, "settings forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
        Case(
            slug,
            "settings forbidden, a flow log's read",
            kept(flow_log()),
            {ACCOUNT: "pass", SUB: "unknown"},
            [gap("activity_log_settings")],
        ),
    ]


CASES = [
    *_EXPORT,
    *_FLOW,
    *_AUDIT,
    *_KEEP_ACTIVITY,
    *_KEEP_FLOW,
    *_KEEP_SQL,
    *_on_accounts(ENCRYPTION),
    *_on_accounts(TRANSFER),
]
IMPOSSIBLE: dict[str, dict[str, str]] = {}
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
    (
        ENCRYPTION,
        r"properties\.encryption(\.services(\.(blob|file)(\.enabled)?)?)?",
        "encryption cannot be switched off, so an absent setting passes",
    ),
]
