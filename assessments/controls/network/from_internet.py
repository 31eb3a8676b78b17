"""network-ssh-from-internet and network-rdp-from-internet: the same check for two ports."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import Context
from assessments.controls.declare import Control, each_subject, judgements
from assessments.controls.network._interfaces import is_unprotected, judge_unprotected
from assessments.controls.references import References
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.network import (
    FOREIGN_LOAD_BALANCERS,
    LOAD_BALANCERS,
    NICS,
    NSGS,
    PUBLIC_ADDRESSES,
)
from assessments.estate.nsg import Exposure, exposure, opening_rules
from assessments.estate.ranges import few_networks, ranges, size
from assessments.estate.reach import Interfaces
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, PortalPath, advice, command
from assessments.fixes.variables import SOURCE, Variable, segment

_MAX_NAMED = 5

# The maximum size of a small network; a typical office has fewer public addresses.
MANY_ADDRESSES = 256

_DOC = """{name} is not open to the Internet.

Problem: {name} open to the Internet
Expected: No inbound rule lets the Internet reach {ports}
Judged: Each network security group, and each network interface that has a public address or a load balancer, but no
security group, neither of its own nor of its subnet. In a group, the inbound rules are evaluated in the order of their
priority, and the public addresses that can reach {ports} are counted. Fails if at least 2^24 IPv4 or 2^96 IPv6
addresses can reach them (`*`, Internet, 0.0.0.0/0, or the same in several ranges), or the tag AzureCloud, which has
more addresses, among them those of other customers. More than 256 addresses, or the AzureCloud tag of a region, add a
remark. Another remark names the network interfaces that the Internet can reach now: those with a public address or an
inbound NAT rule of a load balancer, unless a second security group, of their subnet or of the interface itself, blocks
the traffic. A further remark names those in a backend pool, which a public load balancer reaches if one of its rules,
or an inbound NAT rule for the pool, forwards connections; load balancers of these interfaces are not read. Security
admin rules of Virtual Network Manager, which Azure evaluates before the group, are not read. The tag VirtualNetwork
counts as private, although it includes 0.0.0.0/0 if a route table sends that range to an appliance.

An interface without a security group fails if its public address has the retired Basic SKU, which lets everybody in,
or if a load balancing rule or an inbound NAT rule of a public load balancer with the retired Basic SKU forwards
connections to {ports} of the interface. Standard addresses and load balancers block the Internet. A load balancer in
another subscription is read if that subscription is assessed for the same customer; otherwise, and if subscriptions are
delegated with Azure Lighthouse, the interface is unknown.
Why: {name} on the Internet is found within minutes and attacked with known passwords and exploits.
"""


_GROUP_KIND = "microsoft.network/networksecuritygroups"
_INTERFACE_KIND = "microsoft.network/networkinterfaces"

FIX = Fix(
    command(
        "az network nsg rule update --resource-group {group} --nsg-name {nsg} --name {rule}"
        " --source-address-prefixes {source} --subscription {subscription}",
        "Allow only your own networks. Just-in-time access and Azure Bastion need no open port at all.",
        kinds=(_GROUP_KIND,),
        when=lambda facts: bool(facts.texts("openingRules")),
        each=lambda facts: [{"rule": rule} for rule in facts.texts("openingRules")],
    ),
    advice(
        "Of the rules in the finding, narrow those that let the Internet in, and keep those for single networks.",
        kinds=(_GROUP_KIND,),
        when=lambda facts: not facts.texts("openingRules"),
    ),
    command(
        "az network nic update --resource-group {group} --name {interface} --network-security-group {new_nsg}"
        " --subscription {subscription}",
        "Network interface without a security group: attach a group of the same region that admits only the connections"
        " that the machine needs. A group without rules of your own blocks the Internet; it admits the virtual network"
        " and health probes of load balancers.",
        kinds=(_INTERFACE_KIND,),
    ),
    # https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-basic-upgrade-guidance
    advice(
        "Then upgrade the public address to the SKU Standard, because Microsoft retired Basic addresses on 30 September"
        " 2025. The address is disassociated from the machine meanwhile. A Standard address admits the Internet only"
        " through a security group that allows it.",
        kinds=(_INTERFACE_KIND,),
        when=lambda facts: facts.text("publicAddressKind") == "Basic",
    ),
    portal="Azure portal › Network security groups › {nsg} › Settings › Inbound security rules › the rule ›"
    " Source",
    portal_source="https://learn.microsoft.com/azure/virtual-network/manage-network-security-group",
    cost="Azure Bastion is billed for each hour and gigabyte; just-in-time access needs the Defender plan for servers.",
    portals={
        _INTERFACE_KIND: PortalPath(
            "Azure portal › Network interfaces › {interface} › Settings › Network security group",
            "https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface",
        )
    },
    effects="Narrowing a rule: clients in other networks can no longer connect, on any port of the rule. Attaching a"
    " group to an interface: all inbound connections that the group does not allow end, on every port.",
    variables=[
        Variable("rule", "Inbound rule in the finding", "AllowAnyInbound"),
        SOURCE,
        Variable(
            "interface",
            "Name of the network interface",
            "nic-web-1",
            "the network interface",
            segment("networkInterfaces"),
        ),
        Variable("new_nsg", "Network security group to attach, or its full id", "nsg-web"),
    ],
)


def _declare(slug: str, name: str, port: int, protocols: tuple[str, ...], references: References) -> Control:
    ports = " and ".join(f"{protocol}/{port}" for protocol in protocols)

    @judgements(
        needs=(NSGS, NICS, PUBLIC_ADDRESSES, LOAD_BALANCERS, FOREIGN_LOAD_BALANCERS),
        subject_type="Microsoft.Network/networkSecurityGroups, or Microsoft.Network/networkInterfaces without a group",
        empty_reason="No network security groups, and no interface without a group but with a public address or a load"
        " balancer",
        slug=slug,
        fix=FIX,
        doc=_DOC.format(name=name, ports=ports),
        severity=Severity.CRITICAL,
        references=references,
    )
    def rule(ctx: Context) -> Iterator[Judgement]:
        yield from each_subject(lambda group, ctx: _judge(group, ctx, port, protocols), NSGS, ctx)
        yield from each_subject(
            lambda interface, ctx: judge_unprotected(interface, ctx, port, protocols),
            NICS,
            ctx,
            is_unprotected,
        )

    return rule


def _judge(group: View, ctx: Context, port: int, protocols: tuple[str, ...]) -> Verdict:
    found: dict[str, Exposure] = {}
    problem: Unreadable | None = None
    for protocol in protocols:
        try:
            found[protocol] = exposure(group, port, protocol)
        except Unreadable as error:
            problem = problem or error
    open_to = sorted(protocol for protocol, exposed in found.items() if exposed.to_internet)
    if problem is not None and not open_to:
        raise problem
    remarks = []
    attached = bool(group.raw("properties.subnets") or group.raw("properties.networkInterfaces"))
    if not attached:
        remarks.append("Not attached to a subnet or network interface")
    rules = sorted({name for protocol in open_to for name in found[protocol].rules})
    if open_to:
        ports = ", ".join(f"{protocol}/{port}" for protocol in open_to)
        opening = sorted({name for protocol in open_to for name in opening_rules(group, port, protocol)})
        if attached:
            remarks += _reachability_remarks(group, ctx, port, open_to)
        remarks.extend(_network_remarks(found, open_to))
        return failed(
            f"{_who(found, open_to)} can reach {ports} through {', '.join(opening or rules)}",
            remarks=remarks,
            rules=rules,
            openingRules=opening,
            **_observed_sizes(found, open_to),
        )
    remarks.extend(_partial_exposure_remarks(found))
    remarks.extend(_network_remarks(found, sorted(found)))
    rules = sorted({name for exposed in found.values() for name in exposed.rules})
    some = any(exposed.addresses for exposed in found.values())
    reason = (
        f"Only some public addresses can reach port {port}"
        if some
        else f"Port {port} is not open to the Internet"
    )
    return passed(reason, remarks=remarks, rules=rules, **_observed_sizes(found, sorted(found)))


def _who(found: dict[str, Exposure], open_to: list[str]) -> str:
    """Return who can reach the open ports: the Internet if it can reach one of them."""
    return min((found[protocol] for protocol in open_to), key=lambda one: not one.has_internet_size).who


def _reachability_remarks(group: View, ctx: Context, port: int, protocols: list[str]) -> list[str]:
    """Return remarks on the interfaces behind the group; the verdict does not depend on them."""
    interfaces = ctx.memo(
        "interfaces",
        lambda: Interfaces(ctx.estate.documents(NICS.name), ctx.estate.documents(NSGS.name)),
    )
    found = [interfaces.reached(group, port, protocol) for protocol in protocols]
    names = {name for reach in found for name in reach.names}
    pooled = {name for reach in found for name in reach.pooled} - names
    remarks = [f"Reachable from the Internet now: {_some(names)}"] if names else []
    if pooled:
        remarks.append(
            "Reachable if a public load balancer forwards to the backend pool, by a load balancing rule or an inbound"
            f" NAT rule for the pool: {_some(pooled)}"
        )
    if remarks:
        return remarks
    if any(reach.unread for reach in found) or ctx.first_gap(NICS) or ctx.first_gap(NSGS):
        return ["Could not check whether the Internet can reach a machine behind the group"]
    return ["No network interface behind the group is reachable from the Internet now"]


def _some(names: set[str]) -> str:
    ordered = sorted(names, key=str.casefold)
    more = f" and {len(ordered) - _MAX_NAMED:,} more" if len(ordered) > _MAX_NAMED else ""
    return f"{', '.join(ordered[:_MAX_NAMED])}{more}"


def _observed_sizes(found: dict[str, Exposure], protocols: list[str]) -> dict[str, object]:
    return {
        "exposed": {
            # Counts are text, because JSON readers lose precision on counts of IPv6 addresses.
            protocol: {"ipv4": str(size(found[protocol].v4)), "ipv6": str(size(found[protocol].v6))}
            for protocol in protocols
        }
    }


def _network_remarks(found: dict[str, Exposure], protocols: list[str]) -> list[str]:
    """Name the allowed public networks in a remark, if they are few.

    The networks are not in the observed value, because approved exceptions are bound to the hash of the observed
    value.
    """
    v4, v6 = (
        ranges(part for protocol in protocols for part in getattr(found[protocol], version))
        for version in ("v4", "v6")
    )
    names = few_networks(v4, v6)
    return [f"Allowed public networks: {', '.join(names)}"] if names else []


def _partial_exposure_remarks(found: dict[str, Exposure]) -> list[str]:
    remarks = []
    if any(exposed.addresses > MANY_ADDRESSES for exposed in found.values()):
        remarks.append(f"More than {MANY_ADDRESSES} public addresses are allowed")
    tags = sorted({tag for exposed in found.values() for tag in exposed.azure_tags})
    if tags:
        remarks.append(f"Any Azure customer can connect from {', '.join(tags)}")
    return remarks


CONTROLS = (
    _declare(
        "network-ssh-from-internet",
        "SSH",
        22,
        ("tcp",),
        References(
            c2="6.2",
            c3="7.2",
            c4="8.2",
            c5="7.2",
            c6="7.2",
            mcsb="NS-1 NS-3",
            nist="AC-4 SC-7 SC-7(3)",
        ),
    ),
    _declare(
        "network-rdp-from-internet",
        "RDP",
        3389,
        ("tcp", "udp"),
        References(
            c2="6.1",
            c3="7.1",
            c4="8.1",
            c5="7.1",
            c6="7.1",
            mcsb="NS-1 NS-3",
            nist="AC-4 SC-7 SC-7(3)",
        ),
    ),
)
