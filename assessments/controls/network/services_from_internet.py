"""The controls network-udp-from-internet and network-http-from-internet: services are not open to the Internet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, each_subject, judgements
from assessments.controls.docstrings import Doc
from assessments.controls.network._from_internet import (
    EFFECTS,
    EMPTY_REASON,
    NEEDS,
    PORTAL,
    PORTAL_SOURCE,
    SUBJECT_TYPE,
    VARIABLES,
    close_ports,
)
from assessments.controls.network._groups import (
    EXPECTS,
    Port,
    Words,
    judge_group,
    ports_of,
    ports_parameter,
)
from assessments.controls.network._interfaces import is_unprotected, judge_unprotected
from assessments.controls.references import Partly, References, Setting
from assessments.controls.verdict import Judgement, Severity, Verdict, not_applicable
from assessments.estate.collections.network import NICS, NSGS
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.network.nsg import exposure, open_ports
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_JUDGED: Final = (
    "The inbound rules of a group are evaluated in the order of their priority, as for network-ssh-from-internet. An"
    " interface without a security group fails if its public address has the retired Basic SKU, or if a load balancer"
    " with the retired Basic SKU forwards connections to one of the named ports. Rules of Azure Firewall are not read."
)

# UDP ports of two kinds of services: services that attackers use to amplify floods, and services that give information
# about the network. CIS names these ports.
UDP_PORTS: Final = ports_parameter(
    "udp_ports", "53;123;161;389;1900", "UDP ports that must not be open", "UDP ports"
)
HTTP_PORTS: Final = ports_parameter(
    "http_ports", "80;443", "TCP ports that websites use, and that must not be open", "Ports of websites"
)
_HTTPS: Final = 443

ANY_PORT: Final = Parameter(
    "any_port",
    False,
    "Also fail if the Internet can reach a UDP port that `udp_ports` does not contain",
    label="Fail any open UDP port",
)
ACCEPT_HTTPS: Final = Parameter(
    "accept_https",
    False,
    "Accept that the Internet can reach port 443 (HTTPS), even if `http_ports` contains 443",
    label="Accept port 443",
)

_UDP_WORDS: Final = Words(
    closed="The Internet can reach no UDP port that attackers often abuse",
    partly="Only some public addresses can reach UDP ports that attackers often abuse",
)
_HTTP_WORDS: Final = Words(
    closed="The Internet can reach none of the ports that websites use",
    partly="Only some public addresses can reach the ports that websites use",
)
_BESIDE_HTTPS_WORDS: Final = Words(
    closed="The Internet can reach no website port other than 443",
    partly="Only some public addresses can reach website ports other than 443",
)


_NOTHING_JUDGED: Final = not_applicable("Port 443 is the only port to judge, and it is accepted")


def _udp(ctx: Context) -> list[Port]:
    return [Port("udp", number) for number in ports_of(ctx, UDP_PORTS)]


def _http(ctx: Context) -> tuple[list[Port], bool]:
    """Return the ports to judge, and whether port 443 is left out, because the customer accepts that it is open."""
    ports = [Port("tcp", number) for number in ports_of(ctx, HTTP_PORTS)]
    judged = [port for port in ports if port.number != _HTTPS or not ctx.params[ACCEPT_HTTPS.name]]
    return judged, len(judged) < len(ports)


def _judge_udp(group: View, ctx: Context) -> Verdict:
    ports = _udp(ctx)
    if ctx.params[ANY_PORT.name]:
        opened = [Port("udp", first, last=last) for first, last in open_ports(group, "udp")]
        return judge_group(group, ctx, opened or ports, _UDP_WORDS)
    named = {port.number for port in ports}
    try:
        others = [
            (first, last) for first, last in open_ports(group, "udp") if set(range(first, last + 1)) - named
        ]
        remark = "The Internet can reach further UDP ports, which do not change the verdict" if others else ""
    except Unreadable:
        remark = "Could not check whether the Internet can reach further UDP ports"
    return judge_group(group, ctx, ports, _UDP_WORDS, [remark] if remark else [])


def _judge_http(group: View, ctx: Context) -> Verdict:
    ports, is_accepted = _http(ctx)
    if not ports:
        return _NOTHING_JUDGED
    if not is_accepted:
        return judge_group(group, ctx, ports, _HTTP_WORDS)
    try:
        is_public = exposure(group, _HTTPS, "tcp").to_internet
        remark = "The Internet can reach port 443, which is accepted" if is_public else ""
    except Unreadable:
        remark = "Could not check whether the Internet can reach port 443. Access to this port is accepted"
    return judge_group(group, ctx, ports, _BESIDE_HTTPS_WORDS, [remark] if remark else [])


def _judge_http_interface(interface: View, ctx: Context) -> Verdict:
    ports, is_accepted = _http(ctx)
    if not ports:
        return _NOTHING_JUDGED
    remarks = ["Port 443 was not checked, because it is accepted"] if is_accepted else []
    return judge_unprotected(interface, ctx, ports, remarks)


@judgements(
    needs=NEEDS,
    optional=(MANAGED_RESOURCE_GROUPS,),
    subject_type=SUBJECT_TYPE,
    empty_reason=EMPTY_REASON,
    slug="network-udp-from-internet",
    doc=Doc(
        title="UDP services are not open to the Internet",
        problem="UDP services open to the Internet",
        expected="No inbound rule lets the Internet reach DNS, NTP, SNMP, LDAP or SSDP over UDP",
        judged="Each network security group, and each network interface that has a public address or a load balancer,"
        " but no security group. `udp_ports` names the ports: 53, 123, 161, 389 and 1900 unless you change it. If the"
        " Internet can reach other UDP ports of a group, a remark says so; with `any_port`, the group fails."
        f" {_JUDGED}",
        why="Attackers send requests with a forged address to such services, which then flood the victim with answers.",
    ),
    severity=Severity.HIGH,
    expects=EXPECTS,
    parameters=(UDP_PORTS, ANY_PORT),
    references=References(
        c2="6.3",
        c3="7.3",
        c4="8.3",
        c5="7.3",
        c6="7.3",
        mcsb="NS-1",
        nist="AC-4 SC-7 SC-7(3)",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The control’s parameters can leave out ports that the requirement names",
                unless=(Setting("udp_ports", equal=UDP_PORTS.default),),
            ),
        ),
    ),
    fix=Fix(
        *close_ports("Allow only the networks whose machines use the service."),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        effects=EFFECTS,
        variables=VARIABLES,
    ),
)
def udp_from_internet(ctx: Context) -> Iterator[Judgement]:
    """Judge security groups, and network interfaces without a security group."""
    yield from each_subject(_judge_udp, NSGS, ctx)
    yield from each_subject(
        lambda interface, ctx: judge_unprotected(interface, ctx, _udp(ctx)), NICS, ctx, is_unprotected
    )


@judgements(
    needs=NEEDS,
    optional=(MANAGED_RESOURCE_GROUPS,),
    subject_type=SUBJECT_TYPE,
    empty_reason=EMPTY_REASON,
    slug="network-http-from-internet",
    doc=Doc(
        title="HTTP and HTTPS are not open to the Internet",
        problem="HTTP or HTTPS open to the Internet",
        expected="No inbound rule lets the Internet reach the ports 80 and 443",
        judged="Each network security group, and each network interface that has a public address or a load balancer,"
        " but no security group. `http_ports` names the TCP ports: 80 and 443 unless you change it. With"
        f" `accept_https`, port 443 does not count. A public website fails too: approve an exception for it."
        f" {_JUDGED}",
        why="A website that a machine serves directly has no web application firewall in front of it. Each"
        " vulnerability of its software can be reached from everywhere.",
    ),
    severity=Severity.MEDIUM,
    expects=EXPECTS,
    parameters=(HTTP_PORTS, ACCEPT_HTTPS),
    references=References(
        c2="6.4",
        c3="7.4",
        c4="8.4",
        c5="7.4",
        c6="7.4",
        mcsb="NS-1",
        nist="AC-4 SC-7 SC-7(3)",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The control also accepts that port 443 is open to the Internet",
                unless=(Setting("accept_https", equal=False),),
            ),
            Partly(
                "c2 c3 c4 c5 c6",
                "The control’s parameters can leave out ports that the requirement names",
                unless=(Setting("http_ports", equal=HTTP_PORTS.default),),
            ),
        ),
    ),
    fix=Fix(
        *close_ports(
            "Allow only the networks from which people use the website. If an application gateway is in front of the"
            " website, allow only the subnet of the gateway."
        ),
        advice(
            "Publish a public website through Front Door or Application Gateway with a web application firewall."
        ),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        cost="Front Door and Application Gateway are billed by the hour and by the amount of data.",
        effects=EFFECTS,
        variables=VARIABLES,
    ),
)
def http_from_internet(ctx: Context) -> Iterator[Judgement]:
    """Judge security groups, and network interfaces without a security group."""
    yield from each_subject(_judge_http, NSGS, ctx)
    yield from each_subject(_judge_http_interface, NICS, ctx, is_unprotected)
