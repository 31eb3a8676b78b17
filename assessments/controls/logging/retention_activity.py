"""The control logging-retention-activity: The activity log is kept for more than 90 days."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_scope
from assessments.controls.logging.management_groups import exporting_groups
from assessments.controls.logging.unwritable import obstacle
from assessments.controls.references import References
from assessments.controls.shared.retention import (
    MIN_DAYS,
    SINK_COLLECTIONS,
    LogRetention,
    judge_retention,
    retention_at,
)
from assessments.controls.verdict import Severity, Verdict
from assessments.estate.collections.logging import (
    ACTIVITY_LOG_SETTINGS,
    MANAGEMENT_GROUP_LOG_SETTINGS,
    MANAGEMENT_GROUPS,
)
from assessments.estate.collections.storage import STORAGE_PERIMETERS
from assessments.estate.ids import fold, name_of, resource_group_of, subscription_of
from assessments.estate.logs.log_sinks import (
    REQUIRED_CATEGORIES,
    Destination,
    destinations,
    enabled_categories,
    log_folder,
    missing_categories,
    unknown_group,
)
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, LOG_DAYS, Variable


def _workspaces(facts: Facts) -> list[dict[str, str]]:
    ids = [str(row.get("id", "")) for row in facts.rows("sinks") if row.get("kind") == "workspace"]
    return [
        {
            "workspace": name_of(identifier),
            "workspace_group": resource_group_of(identifier),
            "workspace_subscription": subscription_of(identifier),
        }
        for identifier in ids
    ]


FIX = Fix(
    command(
        "az monitor log-analytics workspace table update --resource-group {workspace_group}"
        " --workspace-name {workspace} --name AzureActivity --total-retention-time {log_days}"
        " --subscription {workspace_subscription}",
        "If the log goes to a Log Analytics workspace, keep the table of the log longer.",
        when=lambda facts: bool(_workspaces(facts)),
        each=_workspaces,
    ),
    advice(
        "If the log goes to a storage account, change the lifecycle rule that deletes the log:"
        " Azure portal › Storage accounts › the account of the log › Lifecycle management.",
        when=lambda facts: any(row.get("kind") == "storage" for row in facts.rows("sinks")),
    ),
    advice(
        "If the log goes to an event hub or a partner, set the retention there. Then attest in Surety that the log is"
        " kept long enough.",
        when=lambda facts: (
            not any(row.get("kind") in {"storage", "workspace"} for row in facts.rows("sinks"))
        ),
    ),
    portal="Azure portal › Log Analytics workspaces › the workspace › Tables › AzureActivity › Manage table",
    portal_source="https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure",
    cost="Retention beyond the time that the workspace includes is billed, and so is each stored gigabyte.",
    effects="Data that was already deleted does not come back.",
    variables=[
        LOG_DAYS,
        Variable("workspace", "Name of the Log Analytics workspace", "log-security"),
        Variable("workspace_group", "Resource group of the workspace", "rg-security"),
        Variable("workspace_subscription", "Id of the workspace's subscription", EXAMPLE_GUID),
    ],
)


@per_scope(
    needs=(
        ACTIVITY_LOG_SETTINGS,
        *SINK_COLLECTIONS,
        STORAGE_PERIMETERS,
        MANAGEMENT_GROUPS,
        MANAGEMENT_GROUP_LOG_SETTINGS,
    ),
    fix=FIX,
    severity=Severity.MEDIUM,
    references=References(mcsb="LT-6", nist="AU-11"),
    parameters=(MIN_DAYS,),
)
def retention_activity(ctx: Context) -> Verdict:
    """The activity log is kept for more than 90 days.

    Problem: Activity log retention too short
    Expected: At least one destination keeps the activity log for {min_days:days} or without limit
    Judged: The destination that keeps the exported activity log longest decides: it must keep the log for at least
    `min_days` days. This is judged for each exported category of Administrative, Alert, Policy and Security;
    destinations of other categories do not count.

    A workspace counts with the total retention of its table AzureActivity. A storage account counts with the lifecycle
    rules that delete the subscription's log from `insights-activity-logs`; without such a rule it is unlimited. A
    lifecycle rule that is limited to blobs with index tags does not count, because Azure adds no such tags to logs. If
    the period of such a rule is too short, the verdict gets a remark.

    If a network security perimeter decides whether Azure Monitor can write to a storage account, and no other
    destination is sufficient, the control is unknown. If the log only goes to an event hub or a partner, its retention
    needs an attestation. The same applies if only management groups export the log, because their destinations are not
    read.

    The `retentionPolicy` of diagnostic settings is ignored, because it has had no effect since 30 September 2025. Not
    applicable if nothing is exported, which logging-activity-export reports.
    Why: Intrusions are often found only after months.
    """
    settings, gaps = ctx.partial(ACTIVITY_LOG_SETTINGS)
    by_key: dict[tuple[str, str], Destination] = {}
    categories: dict[tuple[str, str], set[str]] = {}
    first_error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gaps[0]) if gaps else None
    for setting in settings:
        try:
            where = destinations(setting)
            if where:
                first_error = first_error or unknown_group(setting)
            if taken := _required_categories(setting):
                for destination in where:
                    try:
                        if obstacle(destination, ctx):
                            # Skip destinations to which Azure cannot write: logging-activity-export reports them.
                            continue
                    except (CollectionUnavailable, Unreadable) as error:
                        first_error = first_error or error
                        continue
                    key = (destination.kind, fold(destination.id))
                    by_key.setdefault(key, destination)
                    categories.setdefault(key, set()).update(taken)
        except Unreadable as error:
            first_error = first_error or error
    ordered = [by_key[key] for key in sorted(by_key)]
    min_days = float(ctx.params["min_days"])
    retentions, remarks, sink_error = retention_at(
        ctx,
        ordered,
        table="AzureActivity",
        folder=log_folder("insights-activity-logs", ctx.scope_id),
        min_days=min_days,
    )
    for category in REQUIRED_CATEGORIES:
        keeping = [sink for sink in retentions if category in categories[sink.kind, fold(sink.id)]]
        is_exported = any(category in taken for taken in categories.values())
        # The first category that is kept, but nowhere long enough, decides the verdict. So does a category that is not
        # kept, if an unreadable setting may export it or an unreadable destination may keep it.
        may_be_kept = keeping or first_error or (sink_error and is_exported)
        if may_be_kept and not any(sink.reaches(min_days) for sink in keeping):
            retentions = keeping
            break
    if not retentions and first_error is None and sink_error is None:
        groups = exporting_groups(ctx)
        first_error = groups.error
        retentions = [LogRetention(one.kind, one.id, None, visible=False) for one in groups.destinations()]
        remarks += groups.remarks()
    return judge_retention(retentions, remarks, first_error or sink_error, min_days, "The activity log")


def _required_categories(setting: View) -> set[str]:
    """Return which of the required categories a setting exports. Raise Unreadable if a needed property cannot be
    read.
    """
    missing = missing_categories(enabled_categories(setting), REQUIRED_CATEGORIES)
    return set(REQUIRED_CATEGORIES) - set(missing)
