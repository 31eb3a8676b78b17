"""Compute which Internet sources a network security group allows to reach a port. Pure functions.

As in Azure, inbound rules are processed by ascending priority. The evaluation starts with the set of all public
sources. An Allow moves its sources from this set to the exposure. A Deny removes its sources from the set if it covers
the port for every destination. A Deny that covers only some hosts or source ports removes nothing. A Deny also has no
effect on sources that an earlier rule has allowed.

An unreadable Allow is skipped, because it can only add to the exposure. The evaluation ends at any other unreadable
rule. If a rule was unreadable, the group can be judged only if the sources that were found are already enough for the
port to count as open to the Internet (`Exposure.to_internet`).

The exposure of a single host behind the group can be computed too. Then only rules about this host count, and a Deny
protects even if this host is its only destination.

Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise

from assessments.estate.network.nsg_rules import (
    ANY,
    ANY_ALLOWED,
    V4_ALL,
    V6_ALL,
    Host,
    Sources,
    destinations,
    is_about,
    ports,
    shadows,
    sources,
)
from assessments.estate.ranges import (
    EMPTY,
    INTERNET_IPV4,
    INTERNET_IPV6,
    PUBLIC_IPV4,
    PUBLIC_IPV6,
    Ranges,
    intersect,
    size,
    subtract,
    union,
)
from assessments.estate.view import Unreadable, View

_PORTS = 65536
_PROTOCOLS = frozenset({"*", "any", "tcp", "udp", "icmp", "icmpv6", "esp", "ah"})


@dataclass(slots=True)
class Exposure:
    """The public sources that can reach one port, the rules that allow them, and the AzureCloud tags in these rules.

    `shares` is {name of a rule: share}. The share is the number of addresses that the rule allows, divided by the
    smallest number that counts as the Internet. So a rule with a share of 1 or more opens the port by itself.
    `every_azure_customer` is true if a rule allows the tag AzureCloud, which stands for all addresses of Azure.
    """

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    rules: list[str] = field(default_factory=list)
    azure_tags: list[str] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)
    every_azure_customer: bool = False

    @property
    def to_internet(self) -> bool:
        """Whether the port counts as open to the Internet. A port is open if its sources are very many addresses, or
        every Azure customer.
        """
        return self.has_internet_size or self.every_azure_customer

    @property
    def has_internet_size(self) -> bool:
        """Whether the addresses are so many that they count as the Internet. Addresses of service tags are not
        counted.
        """
        return size(self.v4) >= INTERNET_IPV4 or size(self.v6) >= INTERNET_IPV6

    @property
    def who(self) -> str:
        """The beginning of a sentence on a port that is open to the Internet: “The Internet” or “Every Azure
        customer”."""
        return "The Internet" if self.has_internet_size else "Every Azure customer"

    @property
    def addresses(self) -> int:
        """The number of public addresses that can reach the port, IPv4 and IPv6 together."""
        return size(self.v4) + size(self.v6)


def exposure(
    group: View, port: int, protocol: str, host: Host | None = None, without: Collection[str] = ()
) -> Exposure:
    """Return the public sources that can reach a port of `host`. If `host` is None, return the public sources that can
    reach this port of at least one host behind the group. `protocol` is `tcp` or `udp`.

    Rules named in `without` do not count. Raise Unreadable if the result depends on an unreadable rule.
    """
    properties = group.object("properties")
    # Missing default rules change nothing: default rules allow no source on the Internet. One exception is not
    # considered: a route table can make the tag VirtualNetwork include 0.0.0.0/0.
    # https://learn.microsoft.com/azure/virtual-network/service-tags-overview
    rules = [*properties.items("securityRules"), *properties.items("defaultSecurityRules", default=[])]
    found = Exposure()
    # A host cannot be reached over an IP version for which it has no address.
    left4 = PUBLIC_IPV4 if host is None or host.v4 else EMPTY
    left6 = PUBLIC_IPV6 if host is None or host.v6 else EMPTY
    problem: Unreadable | None = None
    for rule in sorted(rules, key=_priority):
        if rule.raw("name") in without:
            continue
        body: View | None = None
        try:
            body = rule.object("properties")
            if not _matches(body, port, protocol) or not is_about(body, host):
                continue
            body.number("priority")
            allows = _allows(body)
            source = sources(body, ANY_ALLOWED if allows else ANY)
            decides = allows or shadows(body, host)
        except Unreadable as error:
            problem = problem or error
            if body is not None and _certainly_allows(body):
                continue
            break
        share4, share6 = intersect(left4, source.v4), intersect(left6, source.v6)
        if allows:
            _note(found, rule, source, share4, share6, left4=left4)
        if decides:
            covered = Sources(V4_ALL, V6_ALL) if allows else destinations(body, host)
            left4 = subtract(left4, share4) if covered.v4 else left4
            left6 = subtract(left6, share6) if covered.v6 else left6
    if problem is not None and not found.to_internet:
        raise problem
    return found


def open_ports(group: View, protocol: str) -> list[tuple[int, int]]:
    """Return the ranges of ports that the Internet can reach, as (first, last). All ports of one
    range are subject to the same rules. Raise Unreadable if a property is missing or invalid.
    """
    starts = {0}
    allowed: Ranges = EMPTY
    # Read no default rules here: they usually allow no source on the Internet (see `exposure` for the exception).
    for rule in group.object("properties").items("securityRules"):
        body = rule.object("properties")
        if not _is_inbound(body, protocol):
            continue
        stated = ports(body, "destinationPortRange")
        starts.update(start for first, last in stated for start in (first, last + 1))
        if _allows(body):
            allowed = union(allowed, stated)
    ends = [*sorted(starts - {_PORTS}), _PORTS]
    return [
        (first, after - 1)
        for first, after in pairwise(ends)
        if intersect(allowed, ((first, after - 1),)) and exposure(group, first, protocol).to_internet
    ]


def opening_rules(group: View, port: int, protocol: str, host: Host | None = None) -> list[str]:
    """Return the names of the rules that must be removed, in this order, to close the port to the Internet.

    Each rule has the most sources after the earlier rules are removed: some rules take effect only then. Rules with few
    sources can stay, so they are not included.
    """
    names: list[str] = []
    while True:
        try:
            found = exposure(group, port, protocol, host, names)
        except Unreadable:
            return names
        widest = max(found.shares, key=lambda name: found.shares[name], default="")
        if not found.to_internet or not widest or widest in names:
            return names
        names.append(widest)


def through_both(first: Exposure, second: Exposure) -> Exposure:
    """Return the exposure of a host behind two security groups: the group of its subnet, and the group of its
    interface.
    """
    return Exposure(
        v4=intersect(first.v4, second.v4),
        v6=intersect(first.v6, second.v6),
        rules=[*first.rules, *second.rules],
        azure_tags=sorted(set(first.azure_tags) & set(second.azure_tags)),
        every_azure_customer=first.to_internet
        and second.to_internet
        and (first.every_azure_customer or second.every_azure_customer),
    )


def _note(
    found: Exposure, rule: View, source: Sources, share4: Ranges, share6: Ranges, *, left4: Ranges
) -> None:
    azure = [tag for tag in source.tags if tag.startswith("azurecloud")] if left4 else []
    # AzureCloud has about 50 million IPv4 addresses, three times INTERNET_IPV4. Every customer of Azure can get one of
    # them. Tags of single regions do not count, because they have only about 5 million addresses.
    # https://learn.microsoft.com/azure/virtual-network/service-tags-overview
    all_of_azure = "azurecloud" in azure and size(left4) >= INTERNET_IPV4
    found.every_azure_customer |= all_of_azure
    if share4 or share6 or azure:
        name = rule.raw("name")
        found.rules.append(name if isinstance(name, str) else "(no name)")
        if isinstance(name, str):
            share = size(share4) / INTERNET_IPV4 + size(share6) / INTERNET_IPV6 + float(all_of_azure)
            found.shares[name] = found.shares.get(name, 0.0) + share
    found.v4, found.v6 = union(found.v4, share4), union(found.v6, share6)
    found.azure_tags.extend(azure)


def _priority(rule: View) -> float:
    """Return the priority of a rule, as a sort key.

    If the priority is not readable, the rule is sorted first: Azure may evaluate it before every other rule.
    """
    body = rule.raw("properties")
    priority = body.get("priority") if isinstance(body, dict) else None
    return priority if isinstance(priority, int | float) and not isinstance(priority, bool) else -1


def _matches(rule: View, port: int, protocol: str) -> bool:
    if not _is_inbound(rule, protocol):
        return False
    return bool(intersect(ports(rule, "destinationPortRange"), ((port, port),)))


def _is_inbound(rule: View, protocol: str) -> bool:
    """Return whether a rule concerns inbound traffic of the protocol."""
    if rule.choice("direction", {"inbound", "outbound"}) == "outbound":
        return False
    return rule.choice("protocol", _PROTOCOLS) in {"*", "any", protocol}


def _allows(rule: View) -> bool:
    return rule.choice("access", {"allow", "deny"}) == "allow"


def _certainly_allows(rule: View) -> bool:
    access = rule.raw("access")
    return isinstance(access, str) and access.casefold() == "allow"
