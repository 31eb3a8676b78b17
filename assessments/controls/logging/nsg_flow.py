"""The control logging-nsg-flow: Flow logs are on for every network security group or its network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import Partly, References
from assessments.controls.shared.network_watchers import create_watchers, watcher_variables
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import (
    FLOW_LOGS,
    FOREIGN_FLOW_LOGS,
    NETWORK_WATCHERS,
    NICS,
    NSGS,
    VIRTUAL_NETWORKS,
)
from assessments.estate.ids import fold, name_of, parent_of, resource_group_of, type_of
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import LOG_ACCOUNT_ID, LOG_DAYS, Variable

_GROUPS = fold("Microsoft.Network/networkSecurityGroups")


@dataclass(slots=True)
class _Targets:
    """The targets of the enabled flow logs, and the first error because of which a flow log could not be read.

    `logs` is {case-folded id of the target: flow log} of the flow logs without a filter. `filtered` contains the ids of
    the targets whose flow log has a filter. Such a flow log records only a part of the traffic.
    """

    logs: dict[str, View]
    filtered: set[str]
    first_error: CollectionUnavailable | Unreadable | None


def _networks(facts: Facts) -> list[dict[str, str]]:
    """Return the values for the command of the fix, once for each virtual network with a subnet in the finding's
    list `withoutFlowLog`.
    """
    networks = {
        identifier.split("/subnets/")[0]: None
        for identifier in facts.texts("withoutFlowLog")
        if "/virtualnetworks/" in identifier.lower()
    }
    return [{"network_id": network, "flow_name": f"fl-{name_of(network)}"} for network in networks]


def _interfaces(facts: Facts) -> list[dict[str, str]]:
    """Return the values for the command of the fix, once for each network interface in the finding's list
    `withoutFlowLog`.
    """
    return [
        {"interface_id": identifier, "flow_name": f"fl-{name_of(identifier)}"}
        for identifier in facts.texts("withoutFlowLog")
        if "/networkinterfaces/" in identifier.lower()
    ]


def _regions_without_watcher(facts: Facts) -> list[str]:
    """Return a list with the region of the security group if this region has no network watcher, else an empty list. In
    a region without a network watcher, Azure writes no flow logs.
    """
    region = facts.text("regionWithoutWatcher")
    return [region] if region else []


FIX = Fix(
    *create_watchers(_regions_without_watcher),
    command(
        'LOCATION="$(az resource show --ids {network_id} --query location --output tsv)"\n'
        'az network watcher flow-log create --location "$LOCATION" --name {flow_name} --vnet {network_id}'
        " --storage-account {log_account_id} --retention {log_days} --enabled true --subscription {subscription}",
        "Record the traffic of each virtual network.",
        when=lambda facts: bool(_networks(facts)) and not facts.texts("filtered"),
        each=_networks,
    ),
    command(
        'LOCATION="$(az resource show --ids {interface_id} --query location --output tsv)"\n'
        'az network watcher flow-log create --location "$LOCATION" --name {flow_name} --nic {interface_id}'
        " --storage-account {log_account_id} --retention {log_days} --enabled true --subscription {subscription}",
        "Record the traffic of a network interface whose subnet has no security group.",
        when=lambda facts: bool(_interfaces(facts)) and not facts.texts("filtered"),
        each=_interfaces,
    ),
    advice(
        "If a flow log has a filter, remove the filter:"
        " Azure portal › Network Watcher › Logs › Flow logs › the flow log.",
        when=lambda facts: bool(facts.texts("filtered")),
    ),
    portal="Azure portal › Network Watcher › Logs › Flow logs › Create › Virtual network",
    portal_source="https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-manage",
    cost=(
        "Flow logs are billed for each collected and stored gigabyte. Traffic analytics, if you add it,"
        " is billed separately."
    ),
    effects="The storage account must be in the region of the virtual network.",
    variables=[
        LOG_ACCOUNT_ID,
        LOG_DAYS,
        Variable(
            "network_id",
            "Full id of the virtual network",
            "/subscriptions/…/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet-hub",
        ),
        Variable(
            "interface_id",
            "Full id of the network interface",
            "/subscriptions/…/resourceGroups/rg-shop/providers/Microsoft.Network/networkInterfaces/nic-1",
        ),
        *watcher_variables(_regions_without_watcher),
        Variable("flow_name", "Name of the new flow log", "fl-vnet-hub"),
    ],
)


@per_subject(
    NSGS,
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={
        "filtered": "Flow logs with a filter",
        "groupFlowLog": "Flow log on the group itself",
        "regionWithoutWatcher": "Region without a network watcher",
    },
    needs=(NETWORK_WATCHERS, FLOW_LOGS, NICS),
    optional=(VIRTUAL_NETWORKS, FOREIGN_FLOW_LOGS),
    references=References(
        c2="5.1.6",
        c3="6.1.5",
        c4="7.1.1.5 7.1.1.7",
        c5="6.1.1.5 6.1.1.7",
        c6="6.1.1.5 6.1.1.6",
        mcsb2="LT-4",
        nist="AU-12* SI-4*",
        partly=(
            Partly(
                "c2 c3 c4:7.1.1.5 c5:6.1.1.5 c6:6.1.1.5",
                "The control does not check whether flow logs are sent to Log Analytics",
            ),
            Partly(
                "c4:7.1.1.7 c5:6.1.1.7 c6:6.1.1.6",
                (
                    "The control does not check networks without security groups, or whether flow logs"
                    " are sent to Log Analytics"
                ),
            ),
        ),
    ),
)
def nsg_flow(group: View, ctx: Context) -> Verdict:
    """Flow logs are on for every network security group or its network.

    Problem: Network security group without flow logs
    Expected: An enabled flow log on the group, or on every network that it is attached to
    Judged: Each network security group that is attached to a subnet or network interface. Passes if an enabled flow log
    covers each subnet and interface that the group is attached to. A flow log on a network covers all its subnets, and
    flow logs on all subnets of an interface cover the interface. An enabled flow log on the group itself passes with a
    remark, because that kind retires on 30 September 2027.

    Flow logs in another subscription count if the group or its network refers to them. A flow log with a filter
    (`enabledFilteringCriteria`, or `recordTypes` without denied or allowed flows) does not count, because it records
    only part of the traffic. A group without flow logs in a region without a network watcher fails too.
    Why: Without flow logs, nobody can find out afterwards which systems communicated.
    """
    # If a group is not attached to anything, Azure omits its lists of subnets and network interfaces.
    properties = group.object("properties")
    subnets = [item.text("id") for item in properties.items("subnets", default=[])]
    interfaces = [item.text("id") for item in properties.items("networkInterfaces", default=[])]
    if not subnets and not interfaces:
        return not_applicable("The group is not attached to a subnet or network interface")
    targets = _targets(ctx)
    has_own_log = fold(group.id) in targets.logs
    uncovered, undecided, first_error = _find_uncovered(subnets, interfaces, targets, ctx)
    if not uncovered and not undecided:
        return passed("Flow logs cover everything that the group is attached to", groupFlowLog=has_own_log)
    if has_own_log:
        remarks = [
            "Flow logs of network security groups retire on 30 September 2027; move to flow logs of virtual networks"
        ]
        return passed("A flow log is on for the group itself", remarks=remarks, groupFlowLog=True)
    if targets.first_error is not None:
        raise targets.first_error
    # If a subnet or interface has no flow log, the group fails, even if other interfaces could not be judged.
    if first_error is not None and not uncovered:
        raise first_error
    _raise_if_reference_unread(group, uncovered, ctx)
    observed: dict[str, Any] = {"withoutFlowLog": sorted(uncovered, key=str.casefold)}
    if filtered := _filtered(group, uncovered, targets):
        observed["filtered"] = filtered
    networks_unread = ctx.estate.was_asked(VIRTUAL_NETWORKS.name) and ctx.first_gap(VIRTUAL_NETWORKS)
    remarks = (
        ["Could not check whether a flow log in another subscription covers the group"]
        if networks_unread
        else []
    )
    region = group.location
    watchers = ctx.documents(NETWORK_WATCHERS)
    if region and region not in {watcher.location for watcher in watchers}:
        observed["regionWithoutWatcher"] = region
        if watchers:
            observed["watcherGroup"] = resource_group_of(min(watcher.id for watcher in watchers))
        return failed(
            f"There is no network watcher in {region}, so no flow log is possible",
            remarks=remarks,
            **observed,
        )
    if filtered:
        return failed(
            "A flow log has a filter (enabledFilteringCriteria or recordTypes), so it records only part of the traffic",
            remarks=remarks,
            **observed,
        )
    return failed(
        "No enabled flow log covers everything that the group is attached to", remarks=remarks, **observed
    )


def _filtered(group: View, uncovered: list[str], targets: _Targets) -> list[str]:
    """Return the ids of the resources whose flow log has a filter. Look only at the group, the subnets and interfaces
    in `uncovered`, and the virtual networks of these subnets.
    """
    candidates = {fold(group.id): group.id}
    for identifier in uncovered:
        for covering in (identifier, parent_of(identifier)):
            candidates[fold(covering)] = covering
    return sorted((candidates[key] for key in candidates.keys() & targets.filtered), key=str.casefold)


def _raise_if_reference_unread(group: View, uncovered: list[str], ctx: Context) -> None:
    """Raise CollectionUnavailable if a flow log in another subscription could cover the group or a subnet in
    `uncovered`, but was not read.
    """
    networks = {fold(parent_of(subnet)) for subnet in uncovered}
    referrers = [group, *(view for view in ctx.partial(VIRTUAL_NETWORKS)[0] if fold(view.id) in networks)]
    for referrer in referrers:
        for reference in referrer.items("properties.flowLogs", default=[]):
            identifier = reference.text("id")
            answer = ctx.estate.answer(FOREIGN_FLOW_LOGS.name, identifier)
            if answer is not None and answer.gap is not None:
                raise CollectionUnavailable(answer.gap)


def _targets(ctx: Context) -> _Targets:
    return ctx.memo("flow log targets", lambda: _read_targets(ctx))


def _read_targets(ctx: Context) -> _Targets:
    documents, gaps = ctx.partial(FLOW_LOGS)
    found = _Targets({}, set(), CollectionUnavailable(gaps[0]) if gaps else None)
    watcher_gaps = ctx.partial(NETWORK_WATCHERS)[1]
    if watcher_gaps:
        found.first_error = CollectionUnavailable(watcher_gaps[0])
    for document in (*documents, *ctx.partial(FOREIGN_FLOW_LOGS)[0]):
        try:
            if not document.flag("properties.enabled"):
                continue
            target = fold(document.text("properties.targetResourceId"))
            if is_filtered(document):
                found.filtered.add(target)
            else:
                found.logs[target] = document
        except Unreadable as error:
            found.first_error = found.first_error or error
    return found


def is_filtered(flow_log: View) -> bool:
    """Return whether a flow log omits flows, because it has a filter or does not record all denied and allowed flows.

    `recordTypes` lists the recorded states: B (begin), C (continue), E (end), D (deny). An allowed flow is recorded if
    B or E is listed, a denied flow if D is listed. If `recordTypes` is absent or empty, all states are recorded.
    """
    if flow_log.text("properties.enabledFilteringCriteria", default="").strip():
        return True
    states = {
        state.strip().casefold() for state in flow_log.text("properties.recordTypes", default="").split(",")
    }
    states -= {""}
    return bool(states) and not ("d" in states and states & {"b", "e"})


def _find_uncovered(
    subnets: list[str], interfaces: list[str], targets: _Targets, ctx: Context
) -> tuple[list[str], list[str], CollectionUnavailable | Unreadable | None]:
    """Return three values: the subnets and interfaces without a flow log, the interfaces that could not be judged, and
    the read error for the first interface that could not be judged.
    """
    uncovered = [subnet for subnet in subnets if not _subnet_is_logged(subnet, targets, ctx)]
    undecided: list[str] = []
    first_error: CollectionUnavailable | Unreadable | None = None
    for interface in interfaces:
        if _is_target(fold(interface), targets, ctx):
            continue
        try:
            attached_to = _subnets_of(interface, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            if targets.first_error is not None or any(type_of(target) != _GROUPS for target in targets.logs):
                first_error = first_error or error
                undecided.append(interface)
            else:
                # The subnets of the interface are unknown. But all flow logs were read, and all of them record security
                # groups. So no subnet has a flow log.
                uncovered.append(interface)
            continue
        if not attached_to or not all(_subnet_is_logged(subnet, targets, ctx) for subnet in attached_to):
            uncovered.append(interface)
    return uncovered, undecided, first_error


def _subnet_is_logged(subnet: str, targets: _Targets, ctx: Context) -> bool:
    return _is_target(fold(subnet), targets, ctx) or _is_target(fold(parent_of(subnet)), targets, ctx)


def _is_target(identifier: str, targets: _Targets, ctx: Context) -> bool:
    """Return whether the resource `identifier` is the target of a flow log, and add this flow log to the evidence. A
    flow log of the resource's network does not count.
    """
    found = targets.logs.get(identifier)
    if found is None:
        return False
    bound = found.bound(ctx.trace)
    bound.raw("properties.enabled")
    bound.raw("properties.targetResourceId")
    bound.raw("properties.enabledFilteringCriteria")
    bound.raw("properties.recordTypes")
    return True


def _subnets_of(interface: str, ctx: Context) -> list[str]:
    document = ctx.find(NICS, interface)
    if document is None:
        if in_networks := _subnets_by_interface(ctx).get(fold(interface)):
            return sorted(in_networks)
        ctx.require_complete(NICS)
        name = name_of(interface)
        reason = f"The network interface {name} is not in the list that Azure returned"
        raise Unreadable(interface, "ipConfigurations", "not in the list", reason)
    return [entry.text("properties.subnet.id") for entry in document.items("properties.ipConfigurations")]


def _subnets_by_interface(ctx: Context) -> dict[str, set[str]]:
    """Return the ids of each interface's subnets, by the case-folded id of the interface. Read them from the IP
    configurations of the virtual networks, because the list of network interfaces lacks the interfaces of scale sets,
    such as the nodes of Azure Kubernetes Service.
    """
    return ctx.memo("subnets by interface", lambda: _read_subnets_by_interface(ctx))


def _read_subnets_by_interface(ctx: Context) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for network in ctx.partial(VIRTUAL_NETWORKS)[0]:
        try:
            for subnet in network.items("properties.subnets", default=[]):
                for entry in subnet.items("properties.ipConfigurations", default=[]):
                    found.setdefault(fold(parent_of(entry.text("id"))), set()).add(subnet.text("id"))
        except Unreadable:
            # Skip a network that cannot be read. The subnets of the interfaces in this network are unknown then.
            continue
    return found
