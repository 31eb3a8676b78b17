"""Read the addresses that the firewall of a logical SQL server allows. Pure functions.

Azure Resource Manager returns only server-level rules, not the database-level rules in `sys.database_firewall_rules`.

Source: https://learn.microsoft.com/azure/azure-sql/database/firewall-configure
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from assessments.estate.ranges import Range, Ranges, ranges, widest_above
from assessments.estate.view import Undecided, Unreadable, View

_CLOSED = frozenset({"disabled", "securedbyperimeter"})
AZURE_SERVICES: Range = (0, 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A firewall rule that could be read."""

    name: str
    version: int
    range: Range

    def count(self) -> int:
        """Return the number of addresses that the rule allows."""
        return self.range[1] - self.range[0] + 1

    @property
    def lets_azure_in(self) -> bool:
        """Whether the rule is from 0.0.0.0 to 0.0.0.0. Such a rule allows all services of all customers of Azure."""
        return self.version == 4 and self.range == AZURE_SERVICES


@dataclass(slots=True)
class Firewall:
    """The firewall rules of one server.

    `reversed` has the rules whose last address is below their first address. Microsoft does not permit such rules, and
    does not document which addresses they allow. `problem` is the error of the first unreadable rule, or None.

    Source: https://learn.microsoft.com/rest/api/sql/firewall-rules/create-or-update
    """

    rules: list[Rule] = field(default_factory=list)
    reversed: list[View] = field(default_factory=list)
    problem: Unreadable | None = None

    def addresses(self, version: int) -> Ranges:
        """Return all addresses that the rules of one IP version allow."""
        return ranges(rule.range for rule in self.rules if rule.version == version)

    def opening_rules(self, version: int, limit: int) -> list[Rule]:
        """Return the rules of one IP version that must be removed so that the remaining rules together allow fewer than
        `limit` addresses. The widest rules come first.
        """
        rules = [rule for rule in self.rules if rule.version == version]
        return widest_above(rules, lambda rule: rule.range, limit)

    def names(self) -> list[str]:
        """Return the sorted names of the rules that could be read and are not in `reversed`."""
        return sorted(rule.name for rule in self.rules)

    def require_known_addresses(self) -> None:
        """Raise Unreadable if a rule could not be read, and Undecided if a rule is in `reversed`."""
        if self.problem:
            raise self.problem
        if self.reversed:
            raise Undecided(self.reversed[0].id, "properties", self.reversed_reason)

    @property
    def reversed_reason(self) -> str:
        """A sentence that names the rules in `reversed`. It is empty if there are none."""
        names = ", ".join(sorted(rule.name for rule in self.reversed))
        return names and (
            "It is not known which addresses these firewall rules allow, because their last address is before their"
            f" first address: {names}"
        )


def is_closed(server: View) -> bool:
    """Return whether public network access is off, so that no firewall rule applies. If the property is absent, access
    is on.
    """
    known = _CLOSED | {"enabled"}
    return server.object("properties").choice("publicNetworkAccess", known, default="Enabled") in _CLOSED


def read_firewall(ipv4_rules: Iterable[View], ipv6_rules: Iterable[View]) -> Firewall:
    """Read the rules of a server from `firewallRules` and `ipv6FirewallRules` documents."""
    firewall = Firewall()
    for version, rules in ((4, ipv4_rules), (6, ipv6_rules)):
        for rule in rules:
            try:
                found = _range(rule, version)
            except Unreadable as error:
                firewall.problem = firewall.problem or error
                continue
            if found[0] > found[1]:
                firewall.reversed.append(rule)
            else:
                firewall.rules.append(Rule(rule.name, version, found))
    return firewall


def _range(rule: View, version: int) -> Range:
    properties = rule.object("properties")
    names = ("startIpAddress", "endIpAddress") if version == 4 else ("startIPv6Address", "endIPv6Address")
    return _address(properties, names[0], version), _address(properties, names[1], version)


def _address(properties: View, name: str, version: int) -> int:
    text = properties.text(name).strip()
    try:
        return int(IPv4Address(text) if version == 4 else IPv6Address(text))
    except ValueError:
        raise properties.unreadable(name, f"not an IPv{version} address ({text!r})") from None
