"""Generate the destinations of a subscription's logs (a workspace and storage accounts), and the diagnostic settings of
the activity log.

Format: Microsoft.OperationalInsights 2023-09-01, Microsoft.Insights/diagnosticSettings 2021-05-01-preview. Expected
verdicts: logging-activity-export, logging-retention-activity.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.generate.accounts import UNWRITABLE, write_account, write_lifecycle
from sandbox.generate.directory.management_groups import EXPORTED
from sandbox.generate.output import Json
from sandbox.generate.storage_account import Account
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
    """The destinations of logs: a workspace, and a storage account for each kind of log. A destination is None if the
    subscription does not have it.
    """

    workspace: str | None = None
    workspace_keeps_long: bool = False
    activity: Account | None = None
    flows: Account | None = None
    sql: Account | None = None


def write_sinks(sub: Subscription, kinds: tuple[str, ...]) -> Sinks:
    """Write the destinations of logs: a workspace, storage accounts, or both.

    `kinds` are the kinds of workload in the subscription, such as "sql". Some kinds get a storage account of their own.
    """
    rng = sub.rng
    sinks = Sinks()
    style = rng.pick(("workspace", "storage", "both", "both"))
    if style != "storage":
        sinks.workspace, sinks.workspace_keeps_long = _workspace(sub)
    if style != "workspace":
        # As a random fault, the storage account refuses the logs, so that the control logging-activity-export fails.
        # With a workspace, the control would pass, so only subscriptions without a workspace get the fault. The fault
        # has its own random source (branch), so that it does not change other parts of the estate.
        closed = rng.branch("unwritable account")
        forms = UNWRITABLE[:-1] if sub.without_perimeters else UNWRITABLE
        unwritable = closed.pick(forms) if style == "storage" and closed.faulty() else ""
        sinks.activity = write_account(sub, purpose="act", unwritable=unwritable)
        write_lifecycle(sub, sinks.activity, rng)
        if "sql" in kinds:
            sinks.sql = write_account(sub, purpose="sql")
    if "network" in kinds:
        sinks.flows = write_account(sub, purpose="net")
        write_lifecycle(sub, sinks.flows, rng)
    return sinks


def _workspace(sub: Subscription) -> tuple[str, bool]:
    rng = sub.rng
    group, region, tags = sub.group("logs")
    name = f"log-{sub.environment}-{sub.next_number('workspace'):02d}"
    kind = "Microsoft.OperationalInsights/workspaces"
    too_short = rng.faulty()
    days = rng.pick((30, 90)) if too_short else rng.pick((91, 180, 365))
    # Usually, each table gets a retention of its own. Otherwise, all tables have the retention of the workspace.
    by_table = rng.chance(0.6)
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
    return workspace, not too_short


def write_activity_export(sub: Subscription, sinks: Sinks) -> bool:
    """Write the diagnostic settings that export the activity log of the subscription.

    Return whether one of them exports to the storage account for the activity log.
    """
    rng = sub.rng
    if sinks.activity is not None and sinks.activity.unwritable:
        _setting(sub, "to-storage", _logs(set(_CATEGORIES)), account_id=sinks.activity.id)
        sub.expect("logging-activity-export", sub.id, "fail")
        # The only destination of the subscription's setting refuses the log, so logging-retention-activity is
        # not_applicable. But if a management group exports the log too, its destination may keep the log. Surety does
        # not read this, because the subscription's setting already exports all categories. So expect no verdict (None)
        # in this case.
        by_group = sub.groups is not None and sub.groups.exports
        sub.expect("logging-retention-activity", sub.id, None if by_group else "not_applicable")
        return True
    wrong = rng.faulty()
    forms = ["nothing", "too little"]
    if sinks.activity is not None and sinks.workspace is None:
        forms.append("account gone")
    form = rng.pick(forms) if wrong else rng.pick(("each", "allLogs", "two settings", "event hub"))
    group_exports = sub.groups is not None and sub.groups.exports
    missing: set[str] = set(rng.sample(_WANTED, rng.randrange(1, 4))) if form == "too little" else set()
    if form == "each" and group_exports and rng.branch("exported by a management group").chance(0.5):
        missing = set(EXPORTED)
    enough_with_group = group_exports and form == "too little" and missing <= EXPORTED
    sub.expect_failure_if("logging-activity-export", sub.id, wrong and not enough_with_group)
    if form == "nothing":
        # If a management group exports the log, the verdict is manual, because Surety does not read how long the
        # destinations of the management group's diagnostic setting keep logs.
        sub.expect("logging-retention-activity", sub.id, "manual" if group_exports else None)
        return False
    if form == "account gone" and sinks.activity is not None:
        _setting(sub, "to-storage", _logs(set(_CATEGORIES)), account_id=sinks.activity.id + "old")
        for control in (
            "retention-activity",
            "storage-encryption",
            "storage-secure-transfer",
            "storage-private",
            "storage-cmk",
        ):
            sub.expect(f"logging-{control}", sub.id, None)
        return False
    if form == "event hub":
        _setting(sub, "to-siem", _logs(set(_CATEGORIES)), hub=True)
        sub.expect("logging-retention-activity", sub.id, "manual")
        return False
    target = sinks.activity.id if sinks.activity else None
    if form == "two settings":
        _setting(
            sub, "first", _logs({"Administrative", "Security"}), account_id=target, workspace=sinks.workspace
        )
        _setting(sub, "second", _logs({"Alert", "Policy"}), account_id=target, workspace=sinks.workspace)
    elif form == "allLogs":
        logs: list[Json] = [{"category": None, "categoryGroup": "allLogs", "enabled": True}]
        _setting(sub, "export", logs, account_id=target, workspace=sinks.workspace)
    else:
        _setting(
            sub, "export", _logs(set(_CATEGORIES) - missing), account_id=target, workspace=sinks.workspace
        )
    enough = (sinks.workspace is not None and sinks.workspace_keeps_long) or (
        sinks.activity is not None and not sinks.activity.deletes_activity_log
    )
    sub.expect_failure_if("logging-retention-activity", sub.id, not enough)
    return sinks.activity is not None


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
