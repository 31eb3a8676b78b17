"""Generate auditing of SQL servers and their databases.

Expected verdicts: sql-server-auditing, logging-sql-db-auditing, logging-retention-sql.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.generate.output import Json
from sandbox.generate.storage_account import Account
from sandbox.generate.subscription import Subscription

_SERVERS = "Microsoft.Sql/servers"
_GROUPS = (
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
)


@dataclass
class Databases:
    """The data shared by the functions that write the SQL servers of one subscription.

    `account` and `workspace` get the audit logs.
    """

    account: Account | None
    workspace: str | None
    workspace_keeps_long: bool
    servers: int = 0
    account_used: bool = False


def _policy(
    state: str, *, endpoint: str = "", days: int = 0, monitor: bool = False, narrow: bool = False
) -> Json:
    return {
        "state": state,
        "storageEndpoint": endpoint,
        "storageAccountSubscriptionId": "00000000-0000-0000-0000-000000000000",
        "retentionDays": days,
        "auditActionsAndGroups": list(_GROUPS[:1] if narrow else _GROUPS) if state == "Enabled" else [],
        "isStorageSecondaryKeyInUse": False,
        "isAzureMonitorTargetEnabled": monitor,
        "isManagedIdentityInUse": False,
    }


def _enabled_policy(sub: Subscription, shared: Databases, narrow: bool) -> tuple[Json, bool, bool]:
    """Return three values: an enabled policy, whether the policy needs a diagnostic setting, and whether the audit
    records are kept for too short a time. If `narrow` is True, the policy audits only one of the action groups.
    """
    rng = sub.rng
    too_short = rng.faulty()
    to_storage = shared.account is not None and (shared.workspace is None or rng.chance(0.6))
    if to_storage and shared.account is not None:
        shared.account_used = True
        endpoint = f"https://{shared.account.name}.blob.core.windows.net/"
        days = rng.pick((7, 30, 90)) if too_short else rng.pick((0, 0, 91, 365))
        return _policy("Enabled", endpoint=endpoint, days=days, narrow=narrow), False, too_short
    if shared.workspace is None:
        raise ValueError("auditing needs a storage account or a workspace")
    return _policy("Enabled", monitor=True, narrow=narrow), True, not shared.workspace_keeps_long


def _diagnostics(sub: Subscription, shared: Databases, group: str, server_name: str, enabled: bool) -> None:
    write_diagnostics(
        sub, shared, sub.id_of(group, f"{_SERVERS}/databases", f"{server_name}/master"), enabled
    )


def write_diagnostics(sub: Subscription, shared: Databases, parent: str, enabled: bool) -> None:
    """Write a diagnostic setting of a database or managed instance. `enabled` says whether the setting exports audit
    events.
    """
    name = "SQLSecurityAuditEvents_3d229c42"
    sub.out.document(
        {
            "id": f"{parent}/providers/microsoft.insights/diagnosticSettings/{name}",
            "type": "Microsoft.Insights/diagnosticSettings",
            "name": name,
            "properties": {
                "storageAccountId": None,
                "workspaceId": shared.workspace,
                "eventHubAuthorizationRuleId": None,
                "eventHubName": None,
                "metrics": [],
                "logs": [
                    {
                        "category": "SQLSecurityAuditEvents",
                        "categoryGroup": None,
                        "enabled": enabled,
                        "retentionPolicy": {"enabled": False, "days": 0},
                    },
                    {
                        "category": "DevOpsOperationsAudit",
                        "categoryGroup": None,
                        "enabled": False,
                        "retentionPolicy": {"enabled": False, "days": 0},
                    },
                ],
            },
        }
    )


def write_auditing(
    sub: Subscription, shared: Databases, group: str, name: str, server_id: str, databases: list[str]
) -> None:
    """Write the server's auditing policy. If this policy does not audit the server, also write policies of some
    databases.
    """
    rng = sub.rng
    settings = f"{_SERVERS}/auditingSettings"
    audited = not rng.faulty()
    if audited:
        policy, by_monitor, too_short = _enabled_policy(sub, shared, rng.chance(0.15))
        sub.write(group, settings, f"{name}/Default", policy)
        if by_monitor:
            _diagnostics(sub, shared, group, name, True)
        sub.expect_failure_if("logging-retention-sql", server_id, too_short)
    else:
        form = rng.pick(("disabled", "default", "no target", "dead monitor"))
        if form == "disabled":
            sub.write(group, settings, f"{name}/Default", _policy("Disabled"))
        elif form == "no target":
            sub.write(group, settings, f"{name}/Default", _policy("Enabled"))
        elif form == "dead monitor":
            sub.write(group, settings, f"{name}/Default", _policy("Enabled", monitor=True))
            if shared.workspace and rng.chance(0.5):
                _diagnostics(sub, shared, group, name, False)
        sub.expect("logging-retention-sql", server_id, "not_applicable")
    sub.expect_failure_if("sql-server-auditing", server_id, not audited)
    for database in databases:
        subject = f"{server_id}/databases/{database}"
        own = not audited and rng.chance(0.4)
        # Let a database's own policy export only to a storage account, because the verdict on an export to Azure
        # Monitor would also depend on the diagnostic setting of the server.
        if own and shared.account is not None:
            policy, _, too_short = _enabled_policy(sub, Databases(shared.account, None, False), False)
            shared.account_used = True
            sub.write(group, f"{_SERVERS}/databases/auditingSettings", f"{name}/{database}/Default", policy)
            sub.expect_failure_if("logging-retention-sql", subject, too_short)
        sub.expect_failure_if(
            "logging-sql-db-auditing", subject, not audited and not (own and shared.account is not None)
        )
