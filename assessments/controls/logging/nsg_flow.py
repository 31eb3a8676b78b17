"""logging-nsg-flow."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import (
    FLOW_LOGS,
    FOREIGN_FLOW_LOGS,
    NETWORK_WATCHERS,
    NICS,
    NSGS,
    VIRTUAL_NETWORKS,
)
from assessments.estate.ids import fold, parent_of
from assessments.estate.view import Unreadable, View


@dataclass(slots=True)
class _Targets:
    """Folded ids that enabled flow logs watch, and what could not be read of flow logs."""

    ids: dict[str, View]
    unread: CollectionUnavailable | Unreadable | None


@per_subject(
    NSGS,
    problem="Network security group without flow logs",
    severity=Severity.MEDIUM,
    expected="an enabled flow log on the group, or on every network that it is attached to",
    needs=(NETWORK_WATCHERS, FLOW_LOGS, NICS),
    optional=(VIRTUAL_NETWORKS, FOREIGN_FLOW_LOGS),
    references=References(
        c2="5.1.6", c3="6.1.5", c4="7.1.1.5 7.1.1.7", c5="6.1.1.5 6.1.1.7", c6="6.1.1.5 6.1.1.6", mcsb="LT-4",
        nist="AU-12* SI-4*",
    ),
)  # fmt: skip
def nsg_flow(group: View, ctx: Context) -> Verdict:
    """Flow logging for every network security group or its network.

    Judged: each group that is attached to something: an enabled flow log on the group itself (a remark:
    these retire on 30 September 2027), or on every subnet and interface it is attached to, or on their
    network. Flow logs of another subscription count where the group or its network refers to them. A
    group in a region without a network watcher fails.
    Why: without flow logs nobody can say afterwards who talked to whom.
    Fix: az network watcher flow-log create -l LOCATION -n NAME --vnet VNET --storage-account ACCOUNT
    --retention 0 --enabled true
    """
    # ARM leaves out what the group is not attached to.
    properties = group.object("properties")
    subnets = [item.text("id") for item in properties.items("subnets", default=[])]
    interfaces = [item.text("id") for item in properties.items("networkInterfaces", default=[])]
    if not subnets and not interfaces:
        return not_applicable("the group is attached to nothing")
    targets = _targets(ctx)
    own = fold(group.id) in targets.ids
    missing, doubtful, unread = _uncovered(subnets, interfaces, targets, ctx)
    if not missing and not doubtful:
        return passed("flows of everything the group is attached to are logged", groupFlowLog=own)
    if own:
        remarks = ["flow logs of security groups retire on 30 September 2027; move to the network's"]
        return passed("the group's flows are logged", remarks=remarks, groupFlowLog=True)
    if targets.unread is not None:
        raise targets.unread
    # An interface in doubt matters only where nothing else is clearly without a flow log.
    if unread is not None and not missing:
        raise unread
    _raise_unread_reference(group, missing, ctx)
    observed = {"withoutFlowLog": sorted(missing, key=str.casefold)}
    networks = ctx.estate.was_asked(VIRTUAL_NETWORKS.name) and ctx.first_gap(VIRTUAL_NETWORKS)
    remarks = ["whether a flow log of another subscription covers it could not be read"] if networks else []
    region = group.location
    watchers = ctx.documents(NETWORK_WATCHERS)
    if region and region not in {watcher.location for watcher in watchers}:
        return failed(
            f"there is no network watcher in {region}, so nothing can be logged", remarks=remarks, **observed
        )
    return failed("no enabled flow log covers what the group is attached to", remarks=remarks, **observed)


def _raise_unread_reference(group: View, missing: list[str], ctx: Context) -> None:
    """Raise CollectionUnavailable when an unread flow log in another subscription may cover a missing subnet."""
    around = {fold(parent_of(subnet)) for subnet in missing}
    holders = [group, *(view for view in ctx.partial(VIRTUAL_NETWORKS)[0] if fold(view.id) in around)]
    for holder in holders:
        for reference in holder.items("properties.flowLogs", default=[]):
            identifier = reference.text("id")
            answer = ctx.estate.answer(FOREIGN_FLOW_LOGS.name, identifier)
            if answer is not None and answer.gap is not None:
                raise CollectionUnavailable(answer.gap)


def _targets(ctx: Context) -> _Targets:
    return ctx.memo("flow log targets", lambda: _read_targets(ctx))


def _read_targets(ctx: Context) -> _Targets:
    documents, gaps = ctx.partial(FLOW_LOGS)
    found = _Targets({}, CollectionUnavailable(gaps[0]) if gaps else None)
    watcher_gaps = ctx.partial(NETWORK_WATCHERS)[1]
    if watcher_gaps:
        found.unread = CollectionUnavailable(watcher_gaps[0])
    for document in (*documents, *ctx.partial(FOREIGN_FLOW_LOGS)[0]):
        try:
            if document.flag("properties.enabled"):
                found.ids[fold(document.text("properties.targetResourceId"))] = document
        except Unreadable as error:
            found.unread = found.unread or error
    return found


def _uncovered(
    subnets: list[str], interfaces: list[str], targets: _Targets, ctx: Context
) -> tuple[list[str], list[str], CollectionUnavailable | Unreadable | None]:
    """(attached without a flow log, interfaces in doubt, what put them in doubt)."""
    missing = [subnet for subnet in subnets if not _watched(subnet, targets, ctx)]
    doubtful: list[str] = []
    unread: CollectionUnavailable | Unreadable | None = None
    for interface in interfaces:
        if _noted(fold(interface), targets, ctx):
            continue
        try:
            around = _subnets_of(interface, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            if targets.ids or targets.unread is not None:
                unread = unread or error
                doubtful.append(interface)
            else:
                missing.append(interface)  # there is no flow log at all
            continue
        if not around or not all(_watched(subnet, targets, ctx) for subnet in around):
            missing.append(interface)
    return missing, doubtful, unread


def _watched(subnet: str, targets: _Targets, ctx: Context) -> bool:
    return _noted(fold(subnet), targets, ctx) or _noted(fold(parent_of(subnet)), targets, ctx)


def _noted(identifier: str, targets: _Targets, ctx: Context) -> bool:
    """Whether a flow log watches exactly that; it becomes part of the evidence."""
    found = targets.ids.get(identifier)
    if found is None:
        return False
    bound = found.bound(ctx.trace)
    bound.raw("properties.enabled")
    bound.raw("properties.targetResourceId")
    return True


def _subnets_of(interface: str, ctx: Context) -> list[str]:
    document = ctx.find(NICS, interface)
    if document is None:
        ctx.require_complete(NICS)
        raise Unreadable(interface, "ipConfigurations", "not among the interfaces that were read")
    return [entry.text("properties.subnet.id") for entry in document.items("properties.ipConfigurations")]
