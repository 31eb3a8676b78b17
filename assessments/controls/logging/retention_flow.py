"""The control logging-retention-flow: Flow logs are kept for more than 90 days."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.retention import MIN_DAYS, SinkMissing, storage_deletion, tag_remarks
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.logging import FOREIGN_LOG_ACCOUNTS, MANAGEMENT_POLICIES
from assessments.estate.collections.network import FLOW_LOGS, NETWORK_WATCHERS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.ids import fold, type_of
from assessments.estate.logs.log_sinks import log_folder
from assessments.estate.quantities import in_days
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import LOG_ACCOUNT_ID, LOG_DAYS

_ENOUGH_FOR_NEWER_BENCHMARKS = 90


def _is_limited(facts: Facts) -> bool:
    """Return whether the flow log itself deletes its records after some time."""
    policy = facts.observed.get("retentionPolicy")
    return isinstance(policy, dict) and bool(policy.get("enabled")) and bool(policy.get("days"))


FIX = Fix(
    command(
        'LOCATION="$(az resource show --ids {id} --query location --output tsv)"\n'
        'az network watcher flow-log update --location "$LOCATION" --name {flow_log} --retention {log_days}'
        " --subscription {subscription}",
        "If the flow log itself has a short retention, keep the log longer.",
        when=_is_limited,
    ),
    command(
        'LOCATION="$(az resource show --ids {id} --query location --output tsv)"\n'
        'az network watcher flow-log update --location "$LOCATION" --name {flow_log}'
        " --storage-account {log_account_id} --subscription {subscription}",
        "If the storage account no longer exists, choose another one.",
        when=lambda facts: "deletedAfterDays" not in facts.observed and not _is_limited(facts),
    ),
    advice(
        "If a lifecycle rule deletes the log, change the rule:"
        " Azure portal › Storage accounts › the account of the flow log › Lifecycle management.",
        when=lambda facts: facts.observed.get("deletedAfterDays") is not None,
    ),
    portal="Azure portal › Network Watcher › Logs › Flow logs › {flow_log} › Retention (days)",
    portal_source="https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-manage",
    cost="The log in the storage account is billed for each stored gigabyte.",
    effects="Data that was already deleted does not come back.",
    variables=[LOG_ACCOUNT_ID, LOG_DAYS],
)


@per_subject(
    FLOW_LOGS,
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"deletedAfterDays": "Deleted by a lifecycle rule after", "retentionPolicy": "Retention"},
    needs=(NETWORK_WATCHERS, MANAGEMENT_POLICIES, STORAGE_ACCOUNTS, FOREIGN_LOG_ACCOUNTS),
    references=References(
        c2="6.5",
        c3="7.5",
        c4="8.5 8.8",
        c5="7.5 7.8",
        c6="7.5 7.8",
        mcsb="LT-6",
        nist="AU-11",
        partly=(
            Partly(
                "c2 c3 c4:8.5",
                "The control’s parameters can permit a retention shorter than required",
                unless=(Setting("min_days", minimum=91),),
            ),
            Partly(
                "c4:8.8 c5 c6",
                "The control’s parameters can permit a retention shorter than required",
                unless=(Setting("min_days", minimum=90),),
            ),
        ),
    ),
    parameters=(MIN_DAYS,),
)
def retention_flow(log: View, ctx: Context) -> Verdict:
    """Flow logs are kept for more than 90 days.

    Problem: Flow log retention too short
    Expected: Kept without limit or for at least {min_days:days}, and no lifecycle rule deletes
    earlier
    Judged: Each enabled flow log. Passes if its `retentionPolicy` is disabled, 0 (no limit) or at least `min_days`, and
    if no lifecycle rule of its storage account deletes the log earlier.

    With the default of `min_days`, a retention of exactly 90 days fails with a remark: the titles of CIS 2.0 6.5, 3.0
    7.5 and 4.0 8.5 ask for more than 90 days. CIS 4.0 8.8, 5.0 and 6.0 ask for at least 90 days; set `min_days` to 90
    if only these apply.

    A lifecycle rule that is limited to blobs with index tags does not count, because Azure adds no such tags to logs.
    If the period of such a rule is too short, the verdict gets a remark. A storage account that is not of kind
    StorageV2 adds a remark, because retention requires that kind.
    Why: Intrusions are often found only after months.
    """
    if not log.flag("properties.enabled"):
        return not_applicable("The flow log is disabled")
    min_days = float(ctx.params["min_days"])
    policy = log.object("properties.retentionPolicy")
    limited, days = policy.flag("enabled"), policy.number("days")
    observed: dict[str, Any] = {"retentionPolicy": {"enabled": limited, "days": days}}
    if limited and 0 < days < min_days:
        return failed(
            f"The flow log is kept for {in_days(days)}; {min_days:,g} are required",
            remarks=_newer_benchmarks(days, min_days),
            **observed,
        )
    account = log.text("properties.storageId")
    target = log.text("properties.targetResourceId")
    by_group = fold(type_of(target)) == "microsoft.network/networksecuritygroups"
    # Microsoft documents several names for the folder of a virtual network's flow log, so look at the whole container.
    # https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-manage
    folder = (
        log_folder("insights-logs-networksecuritygroupflowevent", target)
        if by_group
        else "insights-logs-flowlogflowevent"
    )
    try:
        deletion = storage_deletion(ctx, account, folder, "blockBlob")
    except SinkMissing:
        return failed("The storage account of the flow log no longer exists", **observed)
    observed["deletedAfterDays"] = deletion.days
    if deletion.days is not None and deletion.days < min_days:
        return failed(
            f"A lifecycle rule deletes the flow log after {in_days(deletion.days)}; {min_days:,g} are required",
            remarks=_newer_benchmarks(deletion.days, min_days),
            **observed,
        )
    remarks = _account_remarks(account, ctx) + tag_remarks(deletion, min_days)
    limits = [days for days in (days if limited and days else None, deletion.days) if days is not None]
    how_long = f"for {in_days(min(limits))}" if limits else "without limit"
    return passed(f"The flow log is kept {how_long}", remarks=remarks, **observed)


def _newer_benchmarks(days: float, min_days: float) -> list[str]:
    """Return a remark if the log is kept for at least 90 days, but for less than `min_days`. Newer requirements of CIS
    accept this retention, older requirements do not.

    The titles of CIS 4.0 8.8, CIS 5.0 and CIS 6.0 ask for 90 days or more. The titles of CIS 2.0 6.5, CIS 3.0 7.5 and
    CIS 4.0 8.5 ask for more than 90 days.
    """
    if not _ENOUGH_FOR_NEWER_BENCHMARKS <= days < min_days <= MIN_DAYS.default:
        return []
    text = "CIS 5.0 and 6.0 accept 90 days. To accept 90 days here too, change the parameter"
    return [f"{text} “{MIN_DAYS.help}” to {_ENOUGH_FOR_NEWER_BENCHMARKS}"]


def _account_remarks(account: str, ctx: Context) -> list[str]:
    document = ctx.find(STORAGE_ACCOUNTS, account) or ctx.find(FOREIGN_LOG_ACCOUNTS, account)
    if document is not None and document.text("kind", default="").casefold() in {"storage", "blobstorage"}:
        return ["The storage account is not of kind StorageV2, which retention requires"]
    return []
