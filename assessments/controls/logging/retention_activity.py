"""logging-retention-activity."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, per_scope
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
    expected="one destination of the activity log keeps it for min_days or without limit",
    references=References(mcsb="LT-6", nist="AU-11"),
    parameters=(MIN_DAYS,),
)
def retention_activity(ctx: Context) -> Verdict:
    """Activity log kept for more than 90 days.

    Judged: where the activity log is exported to, the best destination decides: a workspace by the
    total retention of its table AzureActivity, a storage account by the lifecycle rules that delete
    from `insights-activity-logs` (none: without limit). An event hub or partner alone must be attested.
    The `retentionPolicy` of diagnostic settings has no effect since 30 September 2025 and is ignored.
    Not applicable where nothing is exported, which logging-activity-export says.
    Why: intrusions are often found after months.
    Fix: az monitor log-analytics workspace table update -g RG --workspace-name WORKSPACE -n AzureActivity
    --total-retention-time 365
    """
    settings, gaps = ctx.partial(ACTIVITY_LOG_SETTINGS)
    places: dict[tuple[str, str], Destination] = {}
    unread: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gaps[0]) if gaps else None
    for setting in settings:
        try:
            if enabled_categories(setting):
                for place in destinations(setting):
                    places.setdefault((place.kind, fold(place.id)), place)
        except Unreadable as error:
            unread = unread or error
    ordered = [places[key] for key in sorted(places)]
    kept, remarks, not_read = retention_at(
        ctx, ordered, table="AzureActivity", container="insights-activity-logs"
    )
    return judge_retention(
        kept, remarks, unread or not_read, float(ctx.params["min_days"]), "the activity log"
    )
