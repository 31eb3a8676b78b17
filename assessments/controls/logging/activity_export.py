"""logging-activity-export."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, References, per_scope
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.logging import ACTIVITY_LOG_SETTINGS, FOREIGN_LOG_ACCOUNTS, WORKSPACES
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.log_sinks import Destination, destinations, enabled_categories, missing_categories
from assessments.estate.view import Unreadable, View

WANTED = ("Administrative", "Alert", "Policy", "Security")


@per_scope(
    needs=(ACTIVITY_LOG_SETTINGS, STORAGE_ACCOUNTS, FOREIGN_LOG_ACCOUNTS, WORKSPACES),
    problem="Activity log not exported",
    severity=Severity.HIGH,
    expected="diagnostic settings with a destination take Administrative, Alert, Policy and Security",
    references=References(
        c2="5.1.1 5.1.2", c3="6.1.1 6.1.2", c4="7.1.1.1 7.1.1.2", c5="6.1.1.1 6.1.1.2", c6="6.1.1.1 6.1.1.2",
        mcsb="LT-3", nist="AU-12 AU-12(1) AU-6(4) AU-6(5)",
    ),
    parameters=(Parameter("require_storage", False, "Only a storage account counts as a destination"),),
)  # fmt: skip
def activity_export(ctx: Context) -> Verdict:
    """Activity log is exported.

    Judged: the subscription's diagnostic settings that have a destination (storage account, workspace,
    event hub or partner; with `require_storage` a storage account) take Administrative, Alert, Policy
    and Security together, or a group that holds them. A destination that does not exist any more does
    not count. Settings of management groups are not seen here; log profiles are retired.
    Why: Azure itself keeps the activity log for 90 days; a later question finds nothing.
    Fix: az monitor diagnostic-settings subscription create -n audit -l LOCATION --storage-account ACCOUNT
    --logs '[{"category":"Administrative","enabled":true},{"category":"Security","enabled":true},
    {"category":"Alert","enabled":true},{"category":"Policy","enabled":true}]'
    """
    settings, gaps = ctx.partial(ACTIVITY_LOG_SETTINGS)
    taken: set[str] = set()
    used: dict[str, list[str]] = {}
    remarks: list[str] = []
    unread: Unreadable | None = None
    for setting in settings:
        try:
            places = _living(setting, ctx, remarks)
            if ctx.params["require_storage"]:
                places = [place for place in places if place.kind == "storage"]
            if places:
                taken |= enabled_categories(setting)
                used[setting.name] = [place.kind for place in places]
        except Unreadable as error:
            unread = unread or error
    missing = missing_categories(taken, WANTED)
    observed = {"settings": dict(sorted(used.items())), "missing": missing}
    if not missing:
        return passed("the activity log is exported", remarks=remarks, **observed)
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if unread is not None:
        raise unread
    if not used:
        text = "no diagnostic setting exports the activity log" + (
            " to storage" if ctx.params["require_storage"] else ""
        )
        return failed(text, remarks=remarks, **observed)
    return failed(f"not exported: {', '.join(missing)}", remarks=remarks, **observed)


def _living(setting: View, ctx: Context, remarks: list[str]) -> list[Destination]:
    """The setting's destinations without those that Azure says do not exist."""
    found = []
    for place in destinations(setting):
        if _is_gone(place, ctx):
            remarks.append(f"{setting.name} writes to a {place.kind} that does not exist: {place.id}")
        else:
            found.append(place)
    return found


def _is_gone(place: Destination, ctx: Context) -> bool:
    if place.kind == "storage":
        if ctx.find(STORAGE_ACCOUNTS, place.id) is not None:
            return False
        collection = FOREIGN_LOG_ACCOUNTS
    elif place.kind == "workspace":
        collection = WORKSPACES
    else:
        return False
    answer = ctx.estate.answer(collection.name, place.id)
    # Out of reach (a gap, never asked) is not gone: it may lie in a subscription that is not ours to read.
    return answer is not None and answer.gap is None and not answer.documents
