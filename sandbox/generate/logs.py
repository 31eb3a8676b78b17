"""Where a subscription's logs go: workspace, log accounts, the activity log's diagnostic settings.

Shapes: Microsoft.OperationalInsights 2023-09-01, Microsoft.Insights/diagnosticSettings 2021-05-01-preview.
Verdicts: logging-activity-export, logging-retention-activity.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.generate.accounts import Account, account, lifecycle
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_CATEGORIES = (
    "Administrative",
    "Security",
    "ServiceHealth",
    "Alert",
    "Recommendation",
    "Policy",
    "Autoscale",
    "ResourceHealth",
)
_WANTED = ("Administrative", "Alert", "Policy", "Security")
_TABLES = ("AzureActivity", "AzureDiagnostics", "SQLSecurityAuditEvents")


@dataclass
class Sinks:
    """Where logs may go. An account is there only where the subscription keeps logs in storage at all."""

    workspace: str | None = None
    workspace_keeps_long: bool = False
    activity: Account | None = None
    flows: Account | None = None
    sql: Account | None = None


def sinks(sub: Subscription, kinds: tuple[str, ...]) -> Sinks:
    """Writes the workspace and the log accounts that the subscription's kinds of workload need."""
    rng = sub.rng
    made = Sinks()
    style = rng.pick(("workspace", "storage", "both", "both"))
    if style != "storage":
        made.workspace, made.workspace_keeps_long = _workspace(sub)
    if style != "workspace":
        made.activity = account(sub, purpose="act")
        lifecycle(sub, made.activity, rng)
        if "sql" in kinds:
            made.sql = account(sub, purpose="sql")
    if "network" in kinds:
        made.flows = account(sub, purpose="net")
        lifecycle(sub, made.flows, rng)
    return made


def _workspace(sub: Subscription) -> tuple[str, bool]:
    rng = sub.rng
    group, region, tags = sub.group("logs")
    name = f"log-{sub.environment}-{sub.next_number('workspace'):02d}"
    kind = "Microsoft.OperationalInsights/workspaces"
    brief = rng.faulty()
    days = rng.pick((30, 90)) if brief else rng.pick((91, 180, 365))
    by_table = rng.chance(0.6)  # otherwise there is no such table yet and the workspace's own value holds
    workspace = sub.write(
        group,
        kind,
        name,
        {
            "provisioningState": "Succeeded",
            "customerId": rng.guid(),
            "sku": {"name": "PerGB2018"},
            "retentionInDays": rng.pick((30, 90)) if by_table else days,
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        },
        location=region,
        tags=tags,
    )
    for table in _TABLES if by_table else ():
        properties: Json = {
            "totalRetentionInDays": days,
            "archiveRetentionInDays": 0,
            "retentionInDays": days,
            "plan": "Analytics",
            "schema": {"name": table, "tableType": "Microsoft"},
            "provisioningState": "Succeeded",
        }
        sub.write(group, f"{kind}/tables", f"{name}/{table}", properties)
    return workspace, not brief


def activity_export(sub: Subscription, made: Sinks) -> bool:
    """Writes the subscription's diagnostic settings. Gives whether the activity account is in use."""
    rng = sub.rng
    wrong = rng.faulty()
    forms = ["nothing", "too little"]
    if made.activity is not None and made.workspace is None:
        forms.append("account gone")
    form = rng.pick(forms) if wrong else rng.pick(("each", "allLogs", "two settings", "event hub"))
    sub.expect_failure_if("logging-activity-export", sub.id, wrong)
    if form == "nothing":
        sub.expect("logging-retention-activity", sub.id, None)
        return False
    if form == "account gone" and made.activity is not None:
        _setting(sub, "to-storage", _logs(set(_CATEGORIES)), account_id=made.activity.id + "old")
        for control in ("retention-activity", "storage-encryption", "storage-secure-transfer"):
            sub.expect(f"logging-{control}", sub.id, None)
        return False
    if form == "event hub":
        _setting(sub, "to-siem", _logs(set(_CATEGORIES)), hub=True)
        sub.expect("logging-retention-activity", sub.id, "manual")
        return False
    target = made.activity.id if made.activity else None
    if form == "two settings":
        _setting(
            sub, "first", _logs({"Administrative", "Security"}), account_id=target, workspace=made.workspace
        )
        _setting(sub, "second", _logs({"Alert", "Policy"}), account_id=target, workspace=made.workspace)
    elif form == "allLogs":
        logs: list[Json] = [{"category": None, "categoryGroup": "allLogs", "enabled": True}]
        _setting(sub, "export", logs, account_id=target, workspace=made.workspace)
    else:
        chosen = set(_CATEGORIES)
        if wrong:
            chosen -= set(rng.sample(_WANTED, rng.randrange(1, 4)))
        _setting(sub, "export", _logs(chosen), account_id=target, workspace=made.workspace)
    enough = (made.workspace is not None and made.workspace_keeps_long) or (
        made.activity is not None and not made.activity.deletes_activity_log
    )
    sub.expect_failure_if("logging-retention-activity", sub.id, not enough)
    return made.activity is not None


def _logs(enabled: set[str]) -> list[Json]:
    return [{"category": c, "categoryGroup": None, "enabled": c in enabled} for c in _CATEGORIES]


def _setting(
    sub: Subscription,
    name: str,
    logs: list[Json],
    *,
    account_id: str | None = None,
    workspace: str | None = None,
    hub: bool = False,
) -> None:
    rule = None
    if hub:
        namespace = sub.id_of("rg-siem", "Microsoft.EventHub/namespaces", f"evh-{sub.environment}")
        rule = f"{namespace}/authorizationRules/RootManageSharedAccessKey"
    properties: Json = {
        "storageAccountId": account_id,
        "serviceBusRuleId": None,
        "workspaceId": workspace,
        "eventHubAuthorizationRuleId": rule,
        "eventHubName": "activity" if hub else None,
        "logs": logs,
        "logAnalyticsDestinationType": None,
    }
    sub.write(None, "Microsoft.Insights/diagnosticSettings", name, properties, location="global")
