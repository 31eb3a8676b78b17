"""Which Internet sources a network security group lets through to a port. Pure.

Inbound rules are walked by ascending priority, as Azure does, with the set of public sources that no
rule has decided yet: an Allow adds its share to what is exposed, a Deny that covers the port for every
destination takes its share away. A Deny for one host, from one source port, or after the Allow does
not protect. A rule that cannot be read stops the walk, unless it is certainly an Allow (which cannot
protect): what is exposed by then stands, otherwise the group cannot be judged.

Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from assessments.estate.ranges import (
    EMPTY,
    INTERNET_IPV4,
    INTERNET_IPV6,
    PUBLIC_IPV4,
    PUBLIC_IPV6,
    Ranges,
    blocks,
    intersect,
    network,
    ranges,
    size,
    subtract,
    union,
)
from assessments.estate.view import Unreadable, View

_ANY = frozenset({"*", "any", "internet"})
# Azure's checks read an Allow from 0.0.0.0 as one from everywhere; a Deny of it is not trusted with that.
_ANY_ALLOWED = _ANY | {"0.0.0.0"}  # noqa: S104 - an address in a rule, nothing is bound
_ANY_DESTINATION = frozenset({"*", "any", "virtualnetwork"})
_ANY_PORT = frozenset({"*", "any"})
_PROTOCOLS = frozenset({"*", "any", "tcp", "udp", "icmp", "icmpv6", "esp", "ah"})
_TAG = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_EVERY_PORT = ((0, 65535),)
_V4_ALL = blocks("0.0.0.0/0")
_V6_ALL = blocks("::/0")


@dataclass(frozen=True, slots=True)
class Sources:
    """A set of sources or destinations: addresses by IP version, and service tags by name (folded)."""

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Exposure:
    """What a group exposes of one port: public sources let in, by which rules, from which Azure tags."""

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    rules: list[str] = field(default_factory=list)
    azure_tags: list[str] = field(default_factory=list)

    @property
    def to_internet(self) -> bool:
        """Whether that is the Internet and not just some addresses."""
        return size(self.v4) >= INTERNET_IPV4 or size(self.v6) >= INTERNET_IPV6

    @property
    def addresses(self) -> int:
        """How many public addresses, of both versions."""
        return size(self.v4) + size(self.v6)


def exposure(group: View, port: int, protocol: str) -> Exposure:
    """What an NSG document exposes of a port (`tcp` or `udp`).

    Unreadable where a rule that may decide cannot be read and what is exposed is not the Internet.
    """
    properties = group.object("properties")
    # The default rules cannot be changed or removed and let no Internet source in.
    rules = [*properties.items("securityRules"), *properties.items("defaultSecurityRules", default=[])]
    found = Exposure()
    left4, left6 = PUBLIC_IPV4, PUBLIC_IPV6
    problem: Unreadable | None = None
    for rule in sorted(rules, key=_priority):
        body: View | None = None
        try:
            body = rule.object("properties")
            if not _matches(body, port, protocol):
                continue
            body.number("priority")
            allows = _allows(body)
            source = _sources(body, _ANY_ALLOWED if allows else _ANY)
            shadows = allows or _shadows(body)
        except Unreadable as error:
            problem = problem or error
            if body is not None and _certainly_allows(body):
                continue
            break
        share4, share6 = intersect(left4, source.v4), intersect(left6, source.v6)
        if allows:
            _note(found, rule, source, share4, share6, open_to_azure=bool(left4))
        if shadows:
            covered = Sources(_V4_ALL, _V6_ALL) if allows else _destinations(body)
            left4 = subtract(left4, share4) if covered.v4 else left4
            left6 = subtract(left6, share6) if covered.v6 else left6
    if problem is not None and not found.to_internet:
        raise problem
    return found


def through_both(first: Exposure, second: Exposure) -> Exposure:
    """What two groups one behind the other (a subnet's and an interface's) let through together."""
    return Exposure(
        v4=intersect(first.v4, second.v4),
        v6=intersect(first.v6, second.v6),
        rules=[*first.rules, *second.rules],
        azure_tags=sorted(set(first.azure_tags) & set(second.azure_tags)),
    )


def _note(
    found: Exposure, rule: View, source: Sources, share4: Ranges, share6: Ranges, *, open_to_azure: bool
) -> None:
    azure = [tag for tag in source.tags if tag.startswith("azurecloud")] if open_to_azure else []
    if share4 or share6 or azure:
        name = rule.raw("name")
        found.rules.append(name if isinstance(name, str) else "(no name)")
    found.v4, found.v6 = union(found.v4, share4), union(found.v6, share6)
    found.azure_tags.extend(azure)


def _priority(rule: View) -> float:
    """Rules whose priority cannot be read come first: they could be before any other."""
    body = rule.raw("properties")
    priority = body.get("priority") if isinstance(body, dict) else None
    return priority if isinstance(priority, int | float) and not isinstance(priority, bool) else -1


def _matches(rule: View, port: int, protocol: str) -> bool:
    direction = rule.text("direction").casefold()
    if direction not in {"inbound", "outbound"}:
        raise rule.unreadable("direction", "neither Inbound nor Outbound")
    if direction == "outbound":
        return False
    spoken = rule.text("protocol").casefold()
    if spoken not in _PROTOCOLS:
        raise rule.unreadable("protocol", f"{spoken!r}, which is not a protocol of NSG rules")
    if spoken not in {"*", "any", protocol}:
        return False
    return bool(intersect(_ports(rule, "destinationPortRange"), ((port, port),)))


def _allows(rule: View) -> bool:
    access = rule.text("access").casefold()
    if access not in {"allow", "deny"}:
        raise rule.unreadable("access", "neither Allow nor Deny")
    return access == "allow"


def _certainly_allows(rule: View) -> bool:
    access = rule.raw("access")
    return isinstance(access, str) and access.casefold() == "allow"


def _values(rule: View, single: str, plural: str) -> list[str]:
    """The values of a property that is given once, as a list, or (in the portal) separated by commas."""
    given = [rule.text(single, default=""), *rule.texts(plural, default=[])]
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


def _ports(rule: View, single: str) -> Ranges:
    tokens = _values(rule, single, f"{single}s")
    if not tokens:
        raise rule.unreadable(single, "absent")
    return parse_ports(tokens, rule, single)


def parse_ports(tokens: Iterable[str], rule: View, where: str) -> Ranges:
    """The set of `*`, `22` and `20-25`; Unreadable for anything else."""
    found: list[tuple[int, int]] = []
    for token in tokens:
        if token.casefold() in _ANY_PORT:
            return _EVERY_PORT
        match = _PORTS.fullmatch(token)
        if match is None or int(match[2] or match[1]) > 65535:
            raise rule.unreadable(where, f"{token!r}, which is not a port or a range of ports")
        found.append((int(match[1]), int(match[2] or match[1])))
    return ranges(found)


def _sources(rule: View, anything: frozenset[str]) -> Sources:
    tokens = _values(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    if not tokens and not rule.items("sourceApplicationSecurityGroups", default=[]):
        raise rule.unreadable("sourceAddressPrefix", "absent")
    # Members of an application security group are private: they have no share of the Internet.
    return parse_addresses(tokens, anything, rule, "sourceAddressPrefix")


def _destinations(rule: View) -> Sources:
    tokens = _values(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    if not tokens and not rule.items("destinationApplicationSecurityGroups", default=[]):
        raise rule.unreadable("destinationAddressPrefix", "absent")
    given = parse_addresses(tokens, _ANY_DESTINATION, rule, "destinationAddressPrefix")
    # Only all addresses of a version cover whatever lies behind the group.
    return Sources(given.v4 if given.v4 == _V4_ALL else EMPTY, given.v6 if given.v6 == _V6_ALL else EMPTY)


def _shadows(rule: View) -> bool:
    covered = _destinations(rule)
    every = size(_ports(rule, "sourcePortRange")) == size(_EVERY_PORT)
    return every and bool(covered.v4 or covered.v6)


def parse_addresses(tokens: Iterable[str], anything: frozenset[str], rule: View, where: str) -> Sources:
    """The set of addresses, blocks and service tags; Unreadable for what is none of these.

    `anything` are the words (folded) that mean every address of both versions.
    """
    v4: list[tuple[int, int]] = []
    v6: list[tuple[int, int]] = []
    tags: list[str] = []
    for token in (token.casefold() for token in tokens):
        if token in anything:
            v4.extend(_V4_ALL)
            v6.extend(_V6_ALL)
        elif _TAG.fullmatch(token):
            tags.append(token)
        else:
            try:
                version, block = network(token)
            except ValueError:
                raise rule.unreadable(where, f"{token!r}, which is not an address, block or tag") from None
            (v4 if version == 4 else v6).append(block)
    return Sources(ranges(v4), ranges(v6), tuple(sorted(set(tags))))
