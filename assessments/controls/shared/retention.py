"""Read how long workspaces and storage accounts retain a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, unknown_from
from assessments.controls.verdict import Verdict, failed, manual, not_applicable, passed
from assessments.estate.collections.logging import (
    FOREIGN_LOG_ACCOUNTS,
    MANAGEMENT_POLICIES,
    WORKSPACE_TABLES,
    WORKSPACES,
)
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.logs.log_sinks import Deletion, Destination, deletion
from assessments.estate.quantities import in_days
from assessments.estate.view import Unreadable, View

MIN_DAYS = Parameter("min_days", 91, "Minimum retention in days", label="Minimum retention (days)", minimum=1)
SINK_COLLECTIONS = (
    MANAGEMENT_POLICIES,
    STORAGE_ACCOUNTS,
    FOREIGN_LOG_ACCOUNTS,
    WORKSPACES,
    WORKSPACE_TABLES,
)


@dataclass(frozen=True, slots=True)
class LogRetention:
    """How long one destination of a log (its sink) retains the log. `days` is None if there is no limit. `visible` is
    False if Surety cannot read the retention, as for an event hub or a partner.
    """

    kind: str
    id: str
    days: float | None
    visible: bool = True

    def reaches(self, days: float) -> bool:
        """Return whether the sink retains the log for at least this many days."""
        return self.visible and (self.days is None or self.days >= days)

    def observed(self) -> dict[str, object]:
        """Return the sink and its retention in the form that findings store as their observed value."""
        days = ("unlimited" if self.days is None else self.days) if self.visible else "not visible"
        return {"kind": self.kind, "id": self.id, "days": days}


class SinkMissing(Exception):
    """Raised if a sink (a destination of a log) no longer exists."""


def workspace_days(ctx: Context, workspace: str, table: str) -> float:
    """Return the total retention of a Log Analytics table in days.

    Raise SinkMissing if the workspace no longer exists. Raise CollectionUnavailable or Unreadable if needed data could
    not be read.
    """
    document = ctx.single(WORKSPACES, workspace)
    if document is None:
        raise SinkMissing
    for entry in ctx.documents_at(WORKSPACE_TABLES, workspace):
        if entry.name.casefold() == table.casefold():
            properties = entry.object("properties")
            if properties.has("totalRetentionInDays"):
                return properties.number("totalRetentionInDays")
            break
    return document.number("properties.retentionInDays")


def storage_deletion(ctx: Context, account: str, folder: str, blob_type: str) -> Deletion:
    """Return the age at which lifecycle rules delete the log in a folder of the storage account. `folder` and
    `blob_type` are arguments of `deletion`, which reads the rules.

    Raise SinkMissing if the account no longer exists. Raise CollectionUnavailable or Unreadable if needed data could
    not be read.
    """
    policy = ctx.single(MANAGEMENT_POLICIES, account)
    if policy is not None:
        return deletion(policy, folder, blob_type)
    # Look for the account, because Azure gives the same answer for a missing account and for an account without
    # lifecycle rules.
    if ctx.find(STORAGE_ACCOUNTS, account) is None and ctx.single(FOREIGN_LOG_ACCOUNTS, account) is None:
        raise SinkMissing
    return Deletion()


def tag_remarks(found: Deletion, min_days: float) -> list[str]:
    """Return a remark about each rule that deletes blobs with certain index tags too early."""
    return [
        f"The lifecycle rule {name} deletes blobs with certain index tags after {in_days(days)}. Logs have index tags"
        " only if somebody adds them"
        for name, days in found.by_tag
        if days < min_days
    ]


def retention_at(
    ctx: Context, destinations: Sequence[Destination], *, table: str, folder: str, min_days: float
) -> tuple[list[LogRetention], list[str], CollectionUnavailable | Unreadable | None]:
    """Return (retention in each destination, remarks, first read error).

    `table` is the log's table in a workspace. `folder` is the log's container in a storage account, or a result of
    `log_folder`.
    """
    retentions: list[LogRetention] = []
    remarks: list[str] = []
    unread: CollectionUnavailable | Unreadable | None = None
    for sink in destinations:
        try:
            if sink.kind == "workspace":
                retentions.append(LogRetention(sink.kind, sink.id, workspace_days(ctx, sink.id, table)))
            elif sink.kind == "storage":
                found = storage_deletion(ctx, sink.id, folder, "appendBlob")
                retentions.append(LogRetention(sink.kind, sink.id, found.days))
                remarks += tag_remarks(found, min_days)
            else:
                retentions.append(LogRetention(sink.kind, sink.id, None, visible=False))
        except SinkMissing:
            remarks.append(f"The {sink.label} {sink.id} no longer exists")
        except (CollectionUnavailable, Unreadable) as error:
            unread = unread or error
    return retentions, remarks, unread


def judge_retention(
    retentions: list[LogRetention],
    remarks: list[str],
    unread: CollectionUnavailable | Unreadable | None,
    days: float,
    log: str,
) -> Verdict:
    """Judge whether at least one sink retains the log for the required number of days.

    If no readable sink retains the log that long, and a sink could not be read, the verdict is unknown. The reason
    begins with `log`, the name of the log.
    """
    sinks = [sink.observed() for sink in sorted(retentions, key=lambda sink: (sink.kind, sink.id.casefold()))]
    best = next((sink for sink in retentions if sink.reaches(days)), None)
    if best is not None:
        duration = "without limit" if best.days is None else f"for {in_days(best.days)}"
        return passed(f"{log} is kept {duration}", remarks=remarks, sinks=sinks)
    if unread is not None:
        return replace(unknown_from(unread), observed={"sinks": sinks}, remarks=tuple(remarks))
    if not retentions:
        return not_applicable(f"{log} is not exported", remarks=remarks)
    seen = [sink.days for sink in retentions if sink.visible and sink.days is not None]
    if not seen:
        only_hubs = all(sink.kind not in {"workspace", "storage"} for sink in retentions)
        where = "an event hub or a partner" if only_hubs else "destinations that Surety does not read"
        text = f"Attest the retention: {log[:1].lower()}{log[1:]} only goes to {where}"
        return manual(text, remarks=remarks, sinks=sinks)
    return failed(
        f"{log} is kept for {in_days(max(seen))}; {days:,g} are required", remarks=remarks, sinks=sinks
    )


def select_settings(documents: Iterable[View], ids: Iterable[str]) -> list[View]:
    """Return the diagnostic settings with the given ids."""
    wanted = {identifier.casefold() for identifier in ids}
    return [document for document in documents if document.id.casefold() in wanted]
