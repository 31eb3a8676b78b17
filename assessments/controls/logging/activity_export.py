"""logging-activity-export."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.logging import ACTIVITY_LOG_SETTINGS, FOREIGN_LOG_ACCOUNTS, WORKSPACES
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.log_sinks import Destination, destinations, enabled_categories, missing_categories
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import LOG_ACCOUNT_ID

REQUIRED_CATEGORIES = ("Administrative", "Alert", "Policy", "Security")


FIX = Fix(
    command(
        "az monitor diagnostic-settings subscription create --name surety-activity-log"
        " --storage-account {log_account_id} --logs {logs} --subscription {subscription}",
        bodies={
            "logs": [
                {"category": category, "enabled": True}
                for category in ("Administrative", "Security", "Alert", "Policy")
            ]
        },
    ),
    portal="Azure portal › Monitor › Activity log › Export Activity Logs › Add diagnostic setting",
    cost="The stored gigabytes of the storage account.",
    effects="The activity log is copied from now on; earlier entries are not.",
    variables=[LOG_ACCOUNT_ID],
)


@per_scope(
    needs=(ACTIVITY_LOG_SETTINGS, STORAGE_ACCOUNTS, FOREIGN_LOG_ACCOUNTS, WORKSPACES),
    fix=FIX,
    severity=Severity.HIGH,
    references=References(
        c2="5.1.1 5.1.2",
        c3="6.1.1 6.1.2",
        c4="7.1.1.1 7.1.1.2",
        c5="6.1.1.1 6.1.1.2",
        c6="6.1.1.1 6.1.1.2",
        mcsb="LT-3",
        nist="AU-12 AU-12(1) AU-6(4) AU-6(5)",
    ),
    parameters=(Parameter("require_storage", False, "Accept only a storage account as destination"),),
)
def activity_export(ctx: Context) -> Verdict:
    """The activity log is exported.

    Problem: Activity log not exported
    Expected: Diagnostic settings with a destination export Administrative, Alert, Policy and Security
    Judged: Passes if the diagnostic settings of the subscription together export the categories
    Administrative, Alert, Policy and Security, or a category group that contains them, to a storage
    account, workspace, event hub or partner. With `require_storage`, only a storage account counts. A
    destination that no longer exists does not count. Settings of management groups are not read, and log
    profiles are retired.
    Why: Azure keeps the activity log for 90 days only, so later investigations find nothing.
    """
    settings, gaps = ctx.partial(ACTIVITY_LOG_SETTINGS)
    exported: set[str] = set()
    exporting: dict[str, list[str]] = {}
    remarks: list[str] = []
    first_error: Unreadable | None = None
    for setting in settings:
        try:
            found = _existing_destinations(setting, ctx, remarks)
            if ctx.params["require_storage"]:
                found = [destination for destination in found if destination.kind == "storage"]
            if found:
                exported |= enabled_categories(setting)
                exporting[setting.name] = [destination.kind for destination in found]
        except Unreadable as error:
            first_error = first_error or error
    missing = missing_categories(exported, REQUIRED_CATEGORIES)
    observed = {"settings": dict(sorted(exporting.items())), "missing": missing}
    if not missing:
        return passed("The activity log is exported", remarks=remarks, **observed)
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if first_error is not None:
        raise first_error
    if not exporting:
        text = "No diagnostic setting exports the activity log" + (
            " to storage" if ctx.params["require_storage"] else ""
        )
        return failed(text, remarks=remarks, **observed)
    return failed(f"Categories not exported: {', '.join(missing)}", remarks=remarks, **observed)


def _existing_destinations(setting: View, ctx: Context, remarks: list[str]) -> list[Destination]:
    """Return the destinations of a setting that exist; add a remark for each that does not."""
    found = []
    for destination in destinations(setting):
        if _is_missing(destination, ctx):
            remarks.append(
                f"{setting.name} writes to a {destination.label} that no longer exists: {destination.id}"
            )
        else:
            found.append(destination)
    return found


def _is_missing(destination: Destination, ctx: Context) -> bool:
    if destination.kind == "storage":
        if ctx.find(STORAGE_ACCOUNTS, destination.id) is not None:
            return False
        collection = FOREIGN_LOG_ACCOUNTS
    elif destination.kind == "workspace":
        collection = WORKSPACES
    else:
        return False
    answer = ctx.estate.answer(collection.name, destination.id)
    # A destination that could not be read is not missing: Surety may have no access to its subscription.
    return answer is not None and answer.gap is None and not answer.documents
