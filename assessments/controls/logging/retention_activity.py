"""logging-retention-activity."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_scope
from assessments.controls.references import References
from assessments.controls.retention import MIN_DAYS, SINK_COLLECTIONS, judge_retention, retention_at
from assessments.controls.verdict import Severity, Verdict
from assessments.estate.collections.logging import ACTIVITY_LOG_SETTINGS
from assessments.estate.ids import fold
from assessments.estate.log_sinks import Destination, destinations, enabled_categories
from assessments.estate.view import Unreadable


@per_scope(
    needs=(ACTIVITY_LOG_SETTINGS, *SINK_COLLECTIONS),
    problem="Activity log retention too short",
    severity=Severity.MEDIUM,
    expected="At least one destination keeps the activity log for {min_days} days or without limit",
    references=References(mcsb="LT-6", nist="AU-11"),
    parameters=(MIN_DAYS,),
)
def retention_activity(ctx: Context) -> Verdict:
    """The activity log is kept for more than 90 days.

    Judged: The destination that keeps the exported activity log longest decides; it must keep it for at
    least `min_days` days. A workspace counts with the total retention of its table AzureActivity. A
    storage account counts with the lifecycle rules that delete from `insights-activity-logs`; without
    such a rule it is unlimited. If the log only goes to an event hub or a partner, its retention needs an
    attestation. The `retentionPolicy` of diagnostic settings is ignored, because it has had no effect
    since 30 September 2025. Not applicable if nothing is exported, which logging-activity-export reports.
    Why: Intrusions are often found only after months.
    Fix: az monitor log-analytics workspace table update -g RG --workspace-name WORKSPACE -n AzureActivity
    --total-retention-time 365
    """
    settings, gaps = ctx.partial(ACTIVITY_LOG_SETTINGS)
    by_key: dict[tuple[str, str], Destination] = {}
    first_error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gaps[0]) if gaps else None
    for setting in settings:
        try:
            if enabled_categories(setting):
                for destination in destinations(setting):
                    by_key.setdefault((destination.kind, fold(destination.id)), destination)
        except Unreadable as error:
            first_error = first_error or error
    ordered = [by_key[key] for key in sorted(by_key)]
    retentions, remarks, sink_error = retention_at(
        ctx, ordered, table="AzureActivity", container="insights-activity-logs"
    )
    return judge_retention(
        retentions, remarks, first_error or sink_error, float(ctx.params["min_days"]), "The activity log"
    )
