"""The control logging-flow-analytics: Every virtual network has a flow log in Log Analytics.

Sources: https://learn.microsoft.com/azure/network-watcher/traffic-analytics and
https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import each_subject, judgements
from assessments.controls.logging.nsg_flow import is_filtered
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import (
    FLOW_LOGS,
    FOREIGN_FLOW_LOGS,
    NETWORK_WATCHERS,
    VIRTUAL_NETWORKS,
)
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import LOG_ACCOUNT_ID, LOG_DAYS, WORKSPACE_ID, Variable, segment

_ANALYTICS: Final = "properties.flowAnalyticsConfiguration.networkWatcherFlowAnalyticsConfiguration"
_NSG = "/networksecuritygroups/"
_LOG, _NETWORK = "microsoft.network/networkwatchers/flowlogs", "microsoft.network/virtualnetworks"

_FIX: Final = Fix(
    command(
        'LOCATION="$(az resource show --ids {id} --query location --output tsv)"\n'
        'az network watcher flow-log create --location "$LOCATION" --name {flow_name} --vnet {id}'
        " --storage-account {log_account_id} --workspace {workspace_id} --traffic-analytics true --retention {log_days}"
        " --enabled true --subscription {subscription}",
        "Record the traffic of the virtual network, and send it to a workspace.",
        kinds=(_NETWORK,),
    ),
    command(
        'LOCATION="$(az resource show --ids {id} --query location --output tsv)"\n'
        'az network watcher flow-log update --location "$LOCATION" --name {flow_log} --workspace {workspace_id}'
        " --traffic-analytics true --subscription {subscription}",
        "Send the flow log to a workspace.",
        kinds=(_LOG,),
    ),
    portal="Azure portal › Network Watcher › Logs › Flow logs › Create › Virtual network",
    portal_source="https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-manage",
    cost="Azure bills flow logs and their analysis by the amount of data.",
    effects="The storage account must be in the region of the virtual network.",
    variables=[
        LOG_ACCOUNT_ID,
        LOG_DAYS,
        WORKSPACE_ID,
        Variable(
            "flow_name",
            "Name of the new flow log",
            "fl-vnet-hub",
            known=lambda facts: f"fl-{name}" if (name := segment("virtualNetworks")(facts)) else "",
        ),
    ],
)


@dataclass(slots=True)
class _Recorded:
    """The enabled flow logs, and the first read error.

    `analysed` and `insufficient` are {case-folded id of a flow log's target: flow log}. The flow logs in `analysed`
    record all traffic of their target and are sent to a workspace. Those in `insufficient` are not sent to a workspace,
    or have a filter.
    """

    analysed: dict[str, View] = field(default_factory=dict)
    insufficient: dict[str, View] = field(default_factory=dict)
    error: CollectionUnavailable | Unreadable | None = None


@judgements(
    needs=(VIRTUAL_NETWORKS, NETWORK_WATCHERS, FLOW_LOGS),
    optional=(FOREIGN_FLOW_LOGS,),
    subject_type="Microsoft.Network/virtualNetworks",
    empty_reason="No virtual networks",
    fix=_FIX,
    severity=Severity.MEDIUM,
    references=References(
        c2="5.1.6",
        c3="6.1.5",
        c4="7.1.1.5 7.1.1.7",
        c5="6.1.1.5 6.1.1.7",
        c6="6.1.1.5 6.1.1.6",
        mcsb2="LT-4",
        nist="AU-6* SI-4*",
        partly=(
            Partly(
                "c2 c3 c4:7.1.1.5",
                "The requirement is about flow logs of security groups; the control judges virtual networks, and the"
                " flow logs that security groups still have",
            ),
        ),
    ),
)
def flow_analytics(ctx: Context) -> Iterator[Judgement]:
    """Every virtual network has a flow log in Log Analytics.

    Problem: Virtual network without a flow log in Log Analytics
    Expected: An enabled flow log of the network, or of each of its subnets, is sent to a workspace
    Judged: Each virtual network with subnets, each enabled flow log, and each flow log of a security group.

    A virtual network passes if traffic analytics sends an enabled flow log of the network, or of each of its subnets,
    to a workspace. Flow logs with a filter do not count, because they record only part of the traffic. Flow logs in
    another subscription count if the network refers to them. For a subnet, a flow log of its security group counts too,
    with a remark, because such flow logs retire on 30 September 2027.

    A flow log fails if it is enabled without traffic analytics, or if it is a flow log of a security group and is off.
    Why: Hardly anybody reads flow logs in a storage account. Traffic analytics shows unusual connections.
    """
    yield from each_subject(_judge_log, FLOW_LOGS, ctx, lambda log, _: _is_judged(log))
    yield from each_subject(_judge_network, VIRTUAL_NETWORKS, ctx)


def _is_judged(log: View) -> bool:
    """Return whether the control judges a flow log. The control judges every flow log that is on. If a flow log of a
    security group is off, the control judges it too, because CIS asks that these flow logs are on as long as they
    exist. Azure no longer permits new flow logs of security groups.
    https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview
    """
    if log.raw("properties.enabled") is not False:
        return True
    return _NSG in fold(str(log.raw("properties.targetResourceId")))


def _judge_log(log: View, ctx: Context) -> Verdict:
    if not log.flag("properties.enabled"):
        return failed("The flow log of the security group is off", workspace=_workspace(log) or None)
    workspace = _workspace(log)
    if not workspace:
        return failed("The flow log is not sent to a workspace", workspace=None)
    return passed("The flow log is sent to a workspace", workspace=workspace)


def _workspace(log: View) -> str:
    """Return the workspace to which traffic analytics sends the flow log, or an empty text. Raise Unreadable if a
    needed property cannot be read.
    """
    if not log.has(_ANALYTICS):
        return ""
    analytics = log.object(_ANALYTICS)
    if not analytics.flag("enabled"):
        return ""
    return analytics.text("workspaceResourceId", default="").strip()


def _judge_network(network: View, ctx: Context) -> Verdict:
    subnets = network.items("properties.subnets", default=[])
    if not subnets:
        return not_applicable("The network has no subnets")
    recorded = _recorded(ctx)
    if _is_target(network.id, recorded.analysed, ctx):
        return passed("A flow log of the network is sent to a workspace", withoutFlowLog=[])
    ids = [subnet.text("id") for subnet in subnets]
    uncovered = [one for one in ids if not _is_target(one, recorded.analysed, ctx)]
    if not uncovered:
        return passed("Flow logs of all subnets are sent to a workspace", withoutFlowLog=[])
    if recorded.error is not None:
        raise recorded.error
    groups = [_group_of(subnet) for subnet in subnets if subnet.text("id") in uncovered]
    if all(group and _is_target(group, recorded.analysed, ctx) for group in groups):
        return passed(
            "Flow logs of the security groups of all subnets are sent to a workspace",
            remarks=["Flow logs of security groups retire on 30 September 2027"],
            withoutFlowLog=[],
        )
    _raise_if_unread(network, ctx)
    stored = [_is_target(one, recorded.insufficient, ctx) for one in (network.id, *uncovered)]
    return failed(
        "A flow log records traffic of the network, but the flow log is not sent to a workspace or has a filter"
        if any(stored)
        else "No enabled flow log records all traffic of the network",
        withoutFlowLog=sorted(uncovered, key=str.casefold),
    )


def _group_of(subnet: View) -> str:
    return subnet.text("properties.networkSecurityGroup.id", default="") if subnet.has("properties") else ""


def _is_target(identifier: str, logs: dict[str, View], ctx: Context) -> bool:
    """Return whether the resource with this id is the target of a flow log in `logs`. If it is, its flow log becomes
    evidence.
    """
    if (log := logs.get(fold(identifier))) is None:
        return False
    bound = log.bound(ctx.trace)
    for path in ("enabled", "targetResourceId", "enabledFilteringCriteria", "recordTypes"):
        bound.raw(f"properties.{path}")
    bound.raw(f"{_ANALYTICS}.enabled")
    bound.raw(f"{_ANALYTICS}.workspaceResourceId")
    return True


def _recorded(ctx: Context) -> _Recorded:
    return ctx.memo("recorded targets", lambda: _read(ctx))


def _read(ctx: Context) -> _Recorded:
    found = _Recorded()
    documents, gaps = ctx.partial(FLOW_LOGS)
    for gap in (*ctx.partial(NETWORK_WATCHERS)[1], *gaps):
        found.error = found.error or CollectionUnavailable(gap)
    for log in (*documents, *ctx.partial(FOREIGN_FLOW_LOGS)[0]):
        try:
            if not log.flag("properties.enabled"):
                continue
            target = fold(log.text("properties.targetResourceId"))
            complete = bool(_workspace(log)) and not is_filtered(log)
            (found.analysed if complete else found.insufficient)[target] = log
        except Unreadable as error:
            found.error = found.error or error
    return found


def _raise_if_unread(network: View, ctx: Context) -> None:
    """Raise CollectionUnavailable if the network refers to a flow log in another subscription, and this flow log could
    not be read.
    """
    for reference in network.items("properties.flowLogs", default=[]):
        answer = ctx.estate.answer(FOREIGN_FLOW_LOGS.name, reference.text("id"))
        if answer is not None and answer.gap is not None:
            raise CollectionUnavailable(answer.gap)
