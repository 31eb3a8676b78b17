"""The fields of a security group's rule: ports, sources, destinations. Pure.

Source: https://learn.microsoft.com/rest/api/virtualnetwork/security-rules
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assessments.estate.ids import fold
from assessments.estate.ranges import EMPTY, Ranges, blocks, intersect, network, ranges, size, subtract
from assessments.estate.view import View

ANY = frozenset({"*", "any", "internet"})
# Azure's checks read an Allow from 0.0.0.0 as one from everywhere; a Deny of it is not trusted with that.
ANY_ALLOWED = ANY | {"0.0.0.0"}  # noqa: S104 - an address in a rule, nothing is bound
_ANY_DESTINATION = frozenset({"*", "any", "virtualnetwork"})
_ANY_PORT = frozenset({"*", "any"})
_TAG = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
EVERY_PORT = ((0, 65535),)
V4_ALL = blocks("0.0.0.0/0")
V6_ALL = blocks("::/0")


@dataclass(frozen=True, slots=True)
class Sources:
    """A set of sources or destinations: addresses by IP version, and service tags by name (folded)."""

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """What a group may stand before: its private addresses and the (folded) ids of the application
    security groups that it is a member of."""

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    groups: frozenset[str] = frozenset()


def _values(rule: View, single: str, plural: str) -> list[str]:
    """The values of a property that is given once, as a list, or (in the portal) separated by commas."""
    given = [rule.text(single, default=""), *rule.texts(plural, default=[])]
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


def ports(rule: View, single: str) -> Ranges:
    """The ports of a property that is given as `single`, its plural, or both; Unreadable."""
    tokens = _values(rule, single, f"{single}s")
    if not tokens:
        raise rule.unreadable(single, "absent")
    return parse_ports(tokens, rule, single)


def parse_ports(tokens: Iterable[str], rule: View, where: str) -> Ranges:
    """The set of `*`, `22` and `20-25`; Unreadable for anything else."""
    found: list[tuple[int, int]] = []
    for token in tokens:
        if token.casefold() in _ANY_PORT:
            return EVERY_PORT
        match = _PORTS.fullmatch(token)
        if match is None or int(match[2] or match[1]) > 65535:
            raise rule.unreadable(where, f"{token!r}, which is not a port or a range of ports")
        found.append((int(match[1]), int(match[2] or match[1])))
    return ranges(found)


def sources(rule: View, anything: frozenset[str]) -> Sources:
    """Where a rule's traffic comes from; `anything` are the words for everywhere. Unreadable."""
    tokens = _values(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    if not tokens and not rule.items("sourceApplicationSecurityGroups", default=[]):
        raise rule.unreadable("sourceAddressPrefix", "absent")
    # Members of an application security group are private: they have no share of the Internet.
    return parse_addresses(tokens, anything, rule, "sourceAddressPrefix")


def _given_destinations(rule: View) -> tuple[Sources, list[View]]:
    """The addresses and tags of a rule's destination, and its application security groups."""
    tokens = _values(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    groups = rule.items("destinationApplicationSecurityGroups", default=[])
    if not tokens and not groups:
        raise rule.unreadable("destinationAddressPrefix", "absent")
    given = parse_addresses(tokens, _ANY_DESTINATION, rule, "destinationAddressPrefix")
    return given, groups


def _has_member(groups: list[View], host: Host) -> bool:
    return any(fold(group.text("id")) in host.groups for group in groups)


def is_about(rule: View, host: Host | None) -> bool:
    """Whether a rule's destination may be the host; a service tag may be anything."""
    if host is None:
        return True
    given, groups = _given_destinations(rule)
    addresses = intersect(given.v4, host.v4) or intersect(given.v6, host.v6)
    return bool(addresses or given.tags) or _has_member(groups, host)


def destinations(rule: View, host: Host | None) -> Sources:
    """All addresses of the versions in which a rule covers whatever is behind the group, or the host."""
    given, groups = _given_destinations(rule)
    if host is None:
        covers4, covers6 = given.v4 == V4_ALL, given.v6 == V6_ALL
    else:
        member = _has_member(groups, host)
        covers4 = member or not subtract(host.v4, given.v4)
        covers6 = member or not subtract(host.v6, given.v6)
    return Sources(V4_ALL if covers4 else EMPTY, V6_ALL if covers6 else EMPTY)


def shadows(rule: View, host: Host | None) -> bool:
    """Whether a Deny protects all that is behind the group, or the host, in some IP version."""
    covered = destinations(rule, host)
    every = size(ports(rule, "sourcePortRange")) == size(EVERY_PORT)
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
            v4.extend(V4_ALL)
            v6.extend(V6_ALL)
        elif _TAG.fullmatch(token):
            tags.append(token)
        else:
            try:
                version, block = network(token)
            except ValueError:
                raise rule.unreadable(where, f"{token!r}, which is not an address, block or tag") from None
            (v4 if version == 4 else v6).append(block)
    return Sources(ranges(v4), ranges(v6), tuple(sorted(set(tags))))
