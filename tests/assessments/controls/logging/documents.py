"""Azure documents about logs: diagnostic settings, flow logs, auditing policies, accounts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc

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
    body = {"supportsHttpsTrafficOnly": True, "encryption": {"keySource": "Microsoft.Storage"}, **properties}
    return doc(identifier, body, kind="StorageV2", location="westeurope")


def exported(*settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"activity_log_settings": list(settings), "storage_accounts": [account()], **more}


TO_STORAGE = setting(storageAccountId=ACCOUNT)

TO_HUB = setting(
    eventHubAuthorizationRuleId=f"{RG}/providers/Microsoft.EventHub/namespaces/n/authorizationRules/r"
)

TO_WORKSPACE = setting(workspaceId=WORKSPACE)


def in_perimeter(access: str | None, mode: str | None = None, owner: str = ACCOUNT) -> dict[str, Any]:
    """An account with this public network access, in a network security perimeter unless `mode` is None."""
    configuration = doc(
        f"{owner}/networkSecurityPerimeterConfigurations/a.b",
        {
            "profile": {"name": "p", "accessRules": []},
            "resourceAssociation": {"name": "b", "accessMode": mode},
        },
    )
    return {
        "storage_accounts": [account(owner, **({"publicNetworkAccess": access} if access else {}))],
        "storage_perimeters": {owner: [configuration] if mode else []},
    }


def workspace_retention(days: Any = 365, **table: Any) -> dict[str, Any]:
    tables = [
        doc(f"{WORKSPACE}/tables/{name}", {"totalRetentionInDays": total}) for name, total in table.items()
    ]
    return {
        "workspaces": {WORKSPACE: [doc(WORKSPACE, {"retentionInDays": days})]},
        "workspace_tables": {WORKSPACE: tables},
    }


def group_setting(group: str, taken: Any = None, **properties: Any) -> dict[str, Any]:
    owner = f"/providers/Microsoft.Management/managementGroups/{group}"
    return setting("mg", taken, owner, **properties)


def grouped(*settings: dict[str, Any], own: Any = ()) -> dict[str, Any]:
    """A subscription below the management groups `contoso` and `root`; `settings` are those of `contoso`."""
    groups = f"{SUB}/providers/Microsoft.Management/managementGroups"
    return exported(
        *own,
        management_groups=[doc(f"{groups}/contoso"), doc(f"{groups}/root")],
        management_group_log_settings={"contoso": list(settings)},
    )


GROUP_ID = f"{RG}/providers/Microsoft.Network/networkSecurityGroups/g1"

VNET = f"{RG}/providers/Microsoft.Network/virtualNetworks/v1"

WATCHER_ID = f"{RG}/providers/Microsoft.Network/networkWatchers/w"

WATCHER = {**doc(WATCHER_ID), "location": "westeurope"}

POLICY_OFF = {"enabled": False, "days": 0}


def flow_log(target: str = VNET, name: str = "f1", **more: Any) -> dict[str, Any]:
    properties = {
        "targetResourceId": target,
        "enabled": True,
        "storageId": ACCOUNT,
        "retentionPolicy": POLICY_OFF,
        **more,
    }
    return doc(f"{WATCHER_ID}/flowLogs/{name}", properties)


SERVER = f"{RG}/providers/Microsoft.Sql/servers/s1"

DB, MASTER = f"{SERVER}/databases/db1", f"{SERVER}/databases/master"

ENDPOINT = "https://LOGS1.blob.core.windows.net/"

GROUPS = [
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
]


def audit(owner: str, state: str = "Enabled", **properties: Any) -> list[dict[str, Any]]:
    body = {
        "state": state,
        "auditActionsAndGroups": GROUPS,
        "isAzureMonitorTargetEnabled": False,
        **properties,
    }
    return [doc(f"{owner}/extendedAuditingSettings/Default", body)]


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


def flow_log_with_retention(log: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "network_watchers": [WATCHER],
        "flow_logs": {WATCHER_ID: [log] if log else []},
        "storage_accounts": [account()],
        **more,
    }


def days(number: Any, on: Any = True) -> dict[str, Any]:
    return flow_log(retentionPolicy={"enabled": on, "days": number})
