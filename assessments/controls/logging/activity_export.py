"""The control logging-activity-export: The activity log is exported."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.logging.management_groups import exporting_groups
from assessments.controls.logging.unwritable import obstacle
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.diagnostic_settings import ONE_SETTING
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.logging import (
    ACTIVITY_LOG_SETTINGS,
    FOREIGN_LOG_ACCOUNTS,
    MANAGEMENT_GROUP_LOG_SETTINGS,
    MANAGEMENT_GROUPS,
    WORKSPACES,
)
from assessments.estate.collections.storage import STORAGE_ACCOUNTS, STORAGE_PERIMETERS
from assessments.estate.logs.log_sinks import (
    REQUIRED_CATEGORIES,
    Destination,
    destinations,
    enabled_categories,
    missing_categories,
    unknown_group,
)
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import LOG_ACCOUNT_ID

FIX = Fix(
    ONE_SETTING,
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
    portal_source="https://learn.microsoft.com/azure/azure-monitor/platform/activity-log",
    cost="The log in the storage account is billed for each stored gigabyte.",
    effects="Only new entries of the activity log are exported; earlier entries are not.",
    variables=[LOG_ACCOUNT_ID],
)


@per_scope(
    needs=(
        ACTIVITY_LOG_SETTINGS,
        STORAGE_ACCOUNTS,
        FOREIGN_LOG_ACCOUNTS,
        STORAGE_PERIMETERS,
        WORKSPACES,
        MANAGEMENT_GROUPS,
        MANAGEMENT_GROUP_LOG_SETTINGS,
    ),
    fix=FIX,
    severity=Severity.HIGH,
    labels={"managementGroups": "Management groups that export the activity log"},
    references=References(
        c2="5.1.1 5.1.2",
        c3="6.1.1 6.1.2",
        c4="7.1.1.1 7.1.1.2",
        c5="6.1.1.1 6.1.1.2",
        c6="6.1.1.1 6.1.1.2",
        mcsb="LT-3",
        nist="AU-12 AU-12(1) AU-6(4) AU-6(5)",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The requirement asks for a setting of the subscription; the control also accepts settings of"
                " management"
                " groups, with a remark",
                unless=(Setting("require_storage", equal=True),),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "require_storage",
            False,
            "Accept only a storage account as destination",
            label="Require a storage account",
        ),
    ),
)
def activity_export(ctx: Context) -> Verdict:
    """The activity log is exported.

    Problem: Activity log not exported
    Expected: Diagnostic settings export Administrative, Alert, Policy and Security to a destination
    Judged: Passes if the diagnostic settings of the subscription together export the categories Administrative, Alert,
    Policy and Security, or the category group of all logs. The category group `audit` does not count, because its
    categories are not documented. The destination is a storage account, workspace, event hub or partner.

    A destination that no longer exists does not count, nor does a storage account to which Azure Monitor cannot write:
    a premium account, an account with Azure DNS zone endpoints, an account whose firewall does not exempt trusted Azure
    services, or an account whose public network access is `SecuredByPerimeter` although it belongs to no network
    security perimeter. If a perimeter decides whether Azure Monitor can write to the only destination, the verdict is
    unknown. Perimeters of accounts in other subscriptions are not read.

    If the settings of the subscription are not sufficient, those of the management groups above it count as well. A
    remark then says that management groups may not export all events of the subscription. Management groups have only
    the categories Administrative and Policy, so their category group of all logs counts as these two. If settings of
    management groups cannot be read, the verdict is unknown. With `require_storage`, only a storage account counts, and
    settings of management groups do not count. Log profiles are retired and are not read.
    Why: Azure keeps the activity log for 90 days only, so later investigations find nothing.
    """
    settings, gaps = ctx.partial(ACTIVITY_LOG_SETTINGS)
    exported: set[str] = set()
    exporting: dict[str, list[str]] = {}
    remarks: list[str] = []
    first_error: CollectionUnavailable | Unreadable | None = None
    for setting in settings:
        try:
            found, problem = _usable_destinations(setting, ctx, remarks)
            if ctx.params["require_storage"]:
                found = [destination for destination in found if destination.kind == "storage"]
            if found:
                exported |= enabled_categories(setting)
                first_error = first_error or unknown_group(setting)
                exporting[setting.name] = [destination.kind for destination in found]
            else:
                first_error = first_error or problem
        except Unreadable as error:
            first_error = first_error or error
    missing = missing_categories(exported, REQUIRED_CATEGORIES)
    observed: dict[str, Any] = {"settings": dict(sorted(exporting.items())), "missing": missing}
    if not missing:
        return passed("The activity log is exported", remarks=remarks, **observed)
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if first_error is not None:
        raise first_error
    if not ctx.params["require_storage"]:
        return _judge_with_groups(ctx, exported, observed, remarks)
    return _not_sufficient(observed, remarks, " to storage")


def _judge_with_groups(
    ctx: Context, exported: set[str], observed: dict[str, Any], remarks: list[str]
) -> Verdict:
    """Judge a subscription whose own diagnostic settings do not export all required categories. Its management groups
    may export the others.
    """
    groups = exporting_groups(ctx)
    if groups.exported:
        missing = missing_categories(exported | groups.categories, REQUIRED_CATEGORIES)
        observed = {**observed, "missing": missing, "managementGroups": groups.observed()}
        remarks = [*remarks, *groups.remarks()]
        if not missing:
            return passed("The activity log is exported", remarks=remarks, **observed)
    if groups.error is not None:
        raise groups.error
    return _not_sufficient(observed, remarks)


def _not_sufficient(observed: dict[str, Any], remarks: list[str], where: str = "") -> Verdict:
    if observed["settings"] or "managementGroups" in observed:
        text = f"Categories not exported: {', '.join(observed['missing'])}"
    else:
        text = f"No diagnostic setting exports the activity log{where}"
    return failed(text, remarks=remarks, **observed)


def _usable_destinations(
    setting: View, ctx: Context, remarks: list[str]
) -> tuple[list[Destination], CollectionUnavailable | Unreadable | None]:
    """Return the destinations of a setting that can receive logs, and the first error because of which a destination
    could not be judged. For each destination that cannot receive logs, add a remark to `remarks`.
    """
    found = []
    problem: CollectionUnavailable | Unreadable | None = None
    for destination in destinations(setting):
        if _is_missing(destination, ctx):
            remarks.append(
                f"{setting.name} writes to a {destination.label} that no longer exists: {destination.id}"
            )
            continue
        try:
            why = obstacle(destination, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            problem = problem or error
            continue
        if why:
            remarks.append(
                f"Azure Monitor cannot write to {destination.id}, a destination of {setting.name}: {why}"
            )
        else:
            found.append(destination)
    return found, problem


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
    # Surety may have no access to the subscription of a destination. So a destination that could not be read does not
    # count as missing.
    return answer is not None and answer.gap is None and not answer.documents
