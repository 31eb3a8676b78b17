"""The inbound access rules of the network security perimeter with which a resource is associated. Pure functions.

Which rules let public networks in depends on `publicNetworkAccess` of the resource and on `accessMode` of the
association:

| | not associated | Learning | Enforced |
| --- | --- | --- | --- |
| Enabled | rules of the resource | rules of the resource and of the perimeter | rules of the perimeter |
| Disabled, SecuredByPerimeter | none | rules of the perimeter | rules of the perimeter |

Source: https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition (last table)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assessments.estate.ranges import Range, few_networks, network, ranges, size
from assessments.estate.view import View

_DIRECTIONS = frozenset({"inbound", "outbound"})
# `Audit` is only in the definition of storage accounts, without an explanation. As in learning mode, the rules of the
# resource are taken to apply too, which is the stricter reading.
_MODES = frozenset({"enforced", "learning", "audit"})
# What else an inbound rule may name: resources of Azure that are not public networks.
_NO_NETWORKS = ("properties.subscriptions", "properties.networkSecurityPerimeters")


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One address range that an access rule lets in."""

    name: str
    version: int
    range: Range


@dataclass(slots=True)
class Perimeter:
    """`modes`: the access mode of each association, in lower case; empty if the resource has none. `with_tags`: names
    of inbound rules for service tags, whose addresses are not known."""

    modes: list[str] = field(default_factory=list)
    rules: list[AccessRule] = field(default_factory=list)
    with_tags: list[str] = field(default_factory=list)

    @property
    def is_associated(self) -> bool:
        """Whether the resource belongs to a perimeter."""
        return bool(self.modes)

    @property
    def is_enforced(self) -> bool:
        """Whether the rules of the perimeter replace those of a resource with public network access."""
        return self.is_associated and set(self.modes) == {"enforced"}

    def rules_for_the_internet(self, limits: Mapping[int, int]) -> list[str]:
        """Return the rules of the IP versions (4, 6) of which at least `limits` addresses are let in."""
        found: set[str] = set()
        for version, limit in limits.items():
            rules = [rule for rule in self.rules if rule.version == version]
            if size(ranges(rule.range for rule in rules)) >= limit:
                found |= {rule.name for rule in rules}
        return sorted(found)

    def rules_wider_than(self, limits: Mapping[int, int]) -> list[str]:
        """Return the rules that let in more than `limits` addresses of an IP version at once."""
        wide = {rule.name for rule in self.rules if size((rule.range,)) > limits[rule.version]}
        return sorted(wide)

    def remarks(self) -> list[str]:
        """Name the networks in a remark, if they are few."""
        names = few_networks(
            *(ranges(r.range for r in self.rules if r.version == version) for version in (4, 6))
        )
        return [f"Networks that the perimeter lets in: {', '.join(names)}"] if names else []


def read_perimeter(configurations: Iterable[View]) -> Perimeter:
    """Read `networkSecurityPerimeterConfigurations` of a resource. Raise Unreadable."""
    perimeter = Perimeter()
    for configuration in configurations:
        perimeter.modes.append(configuration.choice("properties.resourceAssociation.accessMode", _MODES))
        for rule in configuration.items("properties.profile.accessRules"):
            if rule.choice("properties.direction", _DIRECTIONS) == "inbound":
                _add(perimeter, rule)
    return perimeter


def _add(perimeter: Perimeter, rule: View) -> None:
    name = rule.text("name")
    prefixes = rule.texts("properties.addressPrefixes", default=[])
    tags = rule.texts("properties.serviceTags", default=[])
    if not prefixes and not tags and not any(rule.raw(path) for path in _NO_NETWORKS):
        raise rule.unreadable("properties.addressPrefixes", "absent, and the rule names nothing else")
    for prefix in prefixes:
        try:
            version, block = network(prefix)
        except ValueError:
            raise rule.unreadable("properties.addressPrefixes", f"not a network ({prefix!r})") from None
        perimeter.rules.append(AccessRule(name, version, block))
    if tags:
        perimeter.with_tags.append(name)
