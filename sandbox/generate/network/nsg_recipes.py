"""Define rule sets of network security groups, grouped by their effect on a port.

Azure evaluates inbound rules by ascending priority until one matches. A range with the prefix length 0 contains all
addresses, whichever address stands before the slash. So `10.0.0.0/0` is the whole IPv4 Internet. The service tag
`Internet` includes IPv4 and IPv6.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule of a network security group. In `ports`, `{p}` stands for the port, and `{lo}-{hi}` for a range around
    the port.

    If a field is a tuple, it is written to the plural form of its ARM property, such as `sourceAddressPrefixes`.
    """

    access: str = "Allow"
    source: str | tuple[str, ...] = "*"
    ports: str | tuple[str, ...] = "{p}"
    protocol: str = "Tcp"
    destination: str = "*"
    direction: str = "Inbound"
    application_group: bool = False


Recipe = tuple[Rule, ...]

_DENY_ALL = Rule("Deny", "*", "{p}", "*")

# Rule sets with which the port is open to the Internet.
OPEN: tuple[Recipe, ...] = (
    (Rule(source="*"),),
    (Rule(source="Internet", protocol="*"),),
    (Rule(source="0.0.0.0/0"),),
    (Rule(source="::/0"),),
    (Rule(source="10.0.0.0/0"),),
    (Rule(source=("0.0.0.0/1", "128.0.0.0/1")),),
    (Rule(source=("192.0.2.0/24", "Internet")),),
    (Rule(source="Internet", ports=("{p}", "8443")),),
    (Rule(source="*", ports="{lo}-{hi}"),),
    (Rule(source="Internet", ports=("8080", "{lo}-{hi}")),),
    (Rule(source="8.0.0.0/8"),),
    (Rule(source="Internet"), _DENY_ALL),
    (Rule("Deny", "*", "{p}", "*", destination="10.20.0.4"), Rule(source="*")),
    (Rule("Deny", "Internet", "{p}", "Udp"), Rule(source="Internet")),
    (Rule("Deny", "198.51.100.0/24"), Rule(source="*")),
    (Rule("Deny", "0.0.0.0/0", "{p}", "*"), Rule(source="Internet")),  # The port is still open to IPv6.
)

# Rule sets with which the port is open to all IPv4 and IPv6 addresses. If traffic must pass two security groups with
# such rule sets, the port is still open. With two rule sets of OPEN, the port may be closed, because the two may let in
# different addresses.
OPEN_WHOLLY: tuple[Recipe, ...] = (
    (Rule(source="*"),),
    (Rule(source="Internet", protocol="*"),),
    (Rule(source=("192.0.2.0/24", "Internet")),),
    (Rule(source="*", ports="{lo}-{hi}"),),
    (Rule("Deny", "*", "{p}", "*", destination="10.20.0.4"), Rule(source="*")),
    (Rule("Deny", "Internet", "{p}", "Udp"), Rule(source="Internet")),
)

# Rule sets with which the port is not open to the Internet. Some of them add a remark to the verdict.
CLOSED: tuple[Recipe, ...] = (
    (),
    (),
    (Rule(source="203.0.113.0/24"),),
    (Rule(source=("203.0.113.17/32", "198.51.100.0/25")),),
    (Rule(source="VirtualNetwork"),),
    (Rule(source="10.0.0.0/8"),),
    (Rule(source="172.16.0.0/12", ports=("{p}", "5986")),),
    (Rule(source="AzureLoadBalancer", protocol="*"),),
    (Rule(application_group=True),),
    (_DENY_ALL, Rule(source="*")),
    (_DENY_ALL, Rule(source="Internet", ports=("{p}", "8443"))),
    (Rule("Deny", "Internet", "{p}", "*"), Rule(source="*", ports="{lo}-{hi}")),
    (Rule("Deny", "0.0.0.0/0", "{p}", "*"), Rule(source="0.0.0.0/0")),
    (Rule(source="203.0.113.17"), _DENY_ALL),
    # This source adds a remark, because it has more than 256 addresses, but fewer than 2^24.
    (Rule(source="52.160.0.0/12"),),
    (Rule(source="*", direction="Outbound"),),
)

# Rule sets with which the port is open only for UDP. The Internet can then reach only services that also use UDP, such
# as RDP.
OPEN_BY_UDP: tuple[Recipe, ...] = (
    (Rule(source="Internet", protocol="Udp"),),
    (Rule("Deny", "*", "{p}", "Tcp"), Rule(source="*", protocol="*")),
)

# Rule sets with which all ports are open.
OPEN_ALL: tuple[Recipe, ...] = (
    (Rule(source="*", ports="*", protocol="*"),),
    (Rule(source="Internet", ports="0-65535", protocol="*"),),
)

# Further rules, which do not open the ports of SSH, RDP or SQL Server to the Internet.
BENIGN: Recipe = (
    Rule(source="Internet", ports="443"),
    Rule(source="*", ports=("80", "8080-8084")),
    Rule(source="VirtualNetwork", ports="*", protocol="*"),
    Rule(source="10.40.0.0/16", ports="1433"),
    Rule("Deny", "*", "135-139", "*"),
)

# WEB: the rules of BENIGN that open the ports of a website to the Internet. NARROW: sources that can replace the source
# of such a rule, so that the rule no longer opens the ports to the Internet.
WEB: Recipe = BENIGN[:2]
NARROW = ("203.0.113.0/24", "VirtualNetwork", "AzureFrontDoor.Backend")

# Rule sets with which a UDP port that attackers often abuse is open to the Internet.
UDP_OPEN: tuple[Recipe, ...] = (
    (Rule(source="Internet", ports="53", protocol="Udp"),),
    (Rule(source="*", ports=("123", "161-162"), protocol="Udp"),),
    (Rule(source="0.0.0.0/0", ports="300-400", protocol="*"),),
    (Rule("Deny", "*", "1900", "Tcp"), Rule(source="*", ports="1900", protocol="*")),
)
# Rule sets that keep the often abused UDP ports closed to the Internet. The last rule set opens another UDP port.
UDP_CLOSED: tuple[Recipe, ...] = (
    (Rule(source="203.0.113.0/24", ports="53", protocol="Udp"),),
    (Rule("Deny", "*", "*", "Udp"), Rule(source="*", ports="123", protocol="Udp")),
    (Rule(source="Internet", ports="500", protocol="Udp"),),
)
