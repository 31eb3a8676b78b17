"""Read the ports, sources and destinations of a security rule. Pure functions.

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
# Azure treats an Allow from 0.0.0.0 as an Allow from every address. It is not known whether a Deny from 0.0.0.0 also
# covers every address, so Surety does not rely on it.
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
    """A set of sources or destinations of a rule: IPv4 addresses, IPv6 addresses, and lower-case names of service
    tags."""

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """A host behind a network security group. `v4` and `v6` are its private addresses. `groups` are the lower-case
    ids of its application security groups.
    """

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    groups: frozenset[str] = frozenset()


def _values(rule: View, single: str, plural: str) -> list[str]:
    """Return the values of a property of a rule. A rule has either a list in `plural`, or one text in `single`. In
    rules that people entered in the Azure portal, this text can have several values, separated by commas.
    """
    stated = [rule.text(single, default=""), *rule.texts(plural, default=[])]
    return [part.strip() for text in stated for part in text.split(",") if part.strip()]


def ports(rule: View, single: str) -> Ranges:
    """Return the ports of a rule. `single` is the name of the property with one text, such as `destinationPortRange`;
    the property with a list has the same name in the plural. Raise Unreadable if both properties are absent, or if a
    value is no port.
    """
    tokens = _values(rule, single, f"{single}s")
    if not tokens:
        raise rule.unreadable(single, "absent")
    return parse_ports(tokens, rule, single)


def parse_ports(tokens: Iterable[str], rule: View, where: str) -> Ranges:
    """Parse ports such as `*`, `22` and `20-25`. Raise Unreadable for anything else."""
    found: list[tuple[int, int]] = []
    for token in tokens:
        if token.casefold() in _ANY_PORT:
            return EVERY_PORT
        match = _PORTS.fullmatch(token)
        if match is None or int(match[2] or match[1]) > 65535:
            raise rule.unreadable(where, f"not a port or port range ({token!r})")
        found.append((int(match[1]), int(match[2] or match[1])))
    return ranges(found)


def sources(rule: View, anything: frozenset[str]) -> Sources:
    """Return the sources of a rule. `anything` are the words that mean every address. Raise Unreadable for a source
    that is neither such a word nor an address, block or service tag.
    """
    tokens = _values(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    if not tokens and not rule.items("sourceApplicationSecurityGroups", default=[]):
        raise rule.unreadable("sourceAddressPrefix", "absent")
    # Members of an application security group have private addresses, so a group in a rule adds no public source.
    return parse_addresses(tokens, anything, rule, "sourceAddressPrefix")


def _stated_destinations(rule: View) -> tuple[Sources, list[View]]:
    """Return the addresses and service tags of a rule's destination, and the application security groups in it."""
    tokens = _values(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    groups = rule.items("destinationApplicationSecurityGroups", default=[])
    if not tokens and not groups:
        raise rule.unreadable("destinationAddressPrefix", "absent")
    stated = parse_addresses(tokens, _ANY_DESTINATION, rule, "destinationAddressPrefix")
    return stated, groups


def _has_member(groups: list[View], host: Host) -> bool:
    return any(fold(group.text("id")) in host.groups for group in groups)


def is_about(rule: View, host: Host | None) -> bool:
    """Return whether a rule's destination may include the host. A destination with a service tag may include every
    host."""
    if host is None:
        return True
    stated, groups = _stated_destinations(rule)
    addresses = intersect(stated.v4, host.v4) or intersect(stated.v6, host.v6)
    return bool(addresses or stated.tags) or _has_member(groups, host)


def destinations(rule: View, host: Host | None) -> Sources:
    """Return for which IP versions the destination of a rule includes the whole host. If `host` is None, the
    destination must include every address of the IP version.

    If the destination includes all IPv4 addresses of the host, `v4` of the result is the set of all IPv4 addresses.
    Otherwise, `v4` is empty. The same holds for `v6`.
    """
    stated, groups = _stated_destinations(rule)
    if host is None:
        covers4, covers6 = stated.v4 == V4_ALL, stated.v6 == V6_ALL
    else:
        member = _has_member(groups, host)
        covers4 = member or not subtract(host.v4, stated.v4)
        covers6 = member or not subtract(host.v6, stated.v6)
    return Sources(V4_ALL if covers4 else EMPTY, V6_ALL if covers6 else EMPTY)


def shadows(rule: View, host: Host | None) -> bool:
    """Return whether a Deny rule overrides later rules about its sources for at least one IP version, because it covers
    all source ports and the whole host (`destinations`).
    """
    covered = destinations(rule, host)
    every = size(ports(rule, "sourcePortRange")) == size(EVERY_PORT)
    return every and bool(covered.v4 or covered.v6)


def parse_addresses(tokens: Iterable[str], anything: frozenset[str], rule: View, where: str) -> Sources:
    """Parse addresses, blocks and service tags. Raise Unreadable for anything else.

    `anything` are the words, in lower case, that mean every address of both versions.
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
                raise rule.unreadable(where, f"not an address, block or service tag ({token!r})") from None
            (v4 if version == 4 else v6).append(block)
    return Sources(ranges(v4), ranges(v6), tuple(sorted(set(tags))))
