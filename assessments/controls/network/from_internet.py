"""The controls network-ssh-from-internet and network-rdp-from-internet: the same check for different ports."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import Context
from assessments.controls.declare import Control, each_subject, judgements
from assessments.controls.network._from_internet import (
    EFFECTS,
    EMPTY_REASON,
    INTERFACES,
    NEEDS,
    PORTAL,
    PORTAL_SOURCE,
    SUBJECT_TYPE,
    VARIABLES,
    close_ports,
)
from assessments.controls.network._groups import EXPECTS, Port, Words, judge_group
from assessments.controls.network._interfaces import is_unprotected, judge_unprotected
from assessments.controls.references import References
from assessments.controls.verdict import Judgement, Severity
from assessments.estate.collections.network import NICS, NSGS
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.fixes.declare import Fix, PortalPath, advice

_DOC = """{name} is not open to the Internet.

Problem: {name} open to the Internet
Expected: No inbound rule lets the Internet reach {ports}
Judged: Each network security group, and each network interface that has a public address or a load balancer, but no
security group, neither of its own nor of its subnet.

In a group, the inbound rules are evaluated in the order of their priority, and the public addresses that can reach
{ports} are counted. Fails if at least 2^24 IPv4 or 2^96 IPv6 addresses can reach them (`*`, Internet, 0.0.0.0/0, or the
same in several ranges). The tag AzureCloud fails too: it has more addresses, among them those of other customers. More
than 256 addresses, or the AzureCloud tag of a region, add a remark. The tag VirtualNetwork counts as private, although
it includes 0.0.0.0/0 if a route table sends that range to an appliance.

A remark names the network interfaces that the Internet can reach now. They have a public address or an inbound NAT rule
of a load balancer, and no second security group (of their subnet or of the interface itself) blocks the traffic.
Another remark names interfaces in a backend pool: a public load balancer reaches them if one of its rules, or an
inbound NAT rule for the pool, forwards connections.

These are not read: load balancers of backend pools, interfaces of scale sets (such as nodes of Azure Kubernetes
Service), security admin rules of Virtual Network Manager, which Azure evaluates before the group, and rules of Azure
Firewall that forward connections from the Internet.

An interface without a security group fails if its public address has the retired Basic SKU, which lets everybody in,
or if a load balancing rule or an inbound NAT rule of a public load balancer with the retired Basic SKU forwards
connections to {ports} of the interface. Standard addresses and load balancers block the Internet. A load balancer in
another subscription is read if that subscription is assessed for the same customer; otherwise, and if subscriptions are
delegated with Azure Lighthouse, the interface is unknown.
Why: {name} on the Internet is found within minutes and attacked with known passwords and exploits.
"""


FIX = Fix(
    *close_ports(
        "Allow only your own networks. Just-in-time access and Azure Bastion need no open port at all."
    ),
    # https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-basic-upgrade-guidance
    advice(
        "Then upgrade the public address to the SKU Standard, because Microsoft retired Basic addresses on 30 September"
        " 2025. For the upgrade, the address must be disassociated from the machine. A Standard address admits the"
        " Internet only through a security group that allows it.",
        kinds=(INTERFACES,),
        when=lambda facts: facts.text("publicAddressKind") == "Basic",
    ),
    portal=PORTAL,
    portal_source=PORTAL_SOURCE,
    cost="Azure Bastion is billed for each hour and gigabyte; just-in-time access needs the Defender plan for servers.",
    portals={
        INTERFACES: PortalPath(
            "Azure portal › Network interfaces › {interface} › Settings › Network security group",
            "https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface",
        )
    },
    effects=EFFECTS,
    variables=VARIABLES,
)


def _declare(slug: str, name: str, port: int, protocols: tuple[str, ...], references: References) -> Control:
    ports = " and ".join(f"{protocol}/{port}" for protocol in protocols)

    @judgements(
        needs=NEEDS,
        optional=(MANAGED_RESOURCE_GROUPS,),
        subject_type=SUBJECT_TYPE,
        empty_reason=EMPTY_REASON,
        slug=slug,
        fix=FIX,
        doc=_DOC.format(name=name, ports=ports),
        severity=Severity.CRITICAL,
        expects=EXPECTS,
        references=references,
    )
    def rule(ctx: Context) -> Iterator[Judgement]:
        opened = tuple(Port(protocol, port, key=protocol) for protocol in protocols)
        words = Words(
            closed=f"Port {port} is not open to the Internet",
            partly=f"Only some public addresses can reach port {port}",
        )
        yield from each_subject(lambda group, ctx: judge_group(group, ctx, opened, words), NSGS, ctx)
        yield from each_subject(
            lambda interface, ctx: judge_unprotected(interface, ctx, opened),
            NICS,
            ctx,
            is_unprotected,
        )

    return rule


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
