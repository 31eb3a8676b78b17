"""The inbound access rules of the network security perimeter with which a resource is associated. Pure functions.

The property `publicNetworkAccess` of the resource and the property `accessMode` of the association decide which rules
apply to public networks:

| | not associated | Learning | Enforced |
| --- | --- | --- | --- |
| Enabled | rules of the resource | rules of the resource and of the perimeter | rules of the perimeter |
| Disabled, SecuredByPerimeter | none | rules of the perimeter | rules of the perimeter |

Source: https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition (last table)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assessments.estate.ids import name_of
from assessments.estate.ranges import Range, Ranges, few_networks, network, ranges, size
from assessments.estate.view import View

_DIRECTIONS = frozenset({"inbound", "outbound"})
# Only storage accounts have the mode `Audit`, which Microsoft does not explain. Surety makes the stricter assumption:
# in this mode, the rules of the resource apply in addition to the rules of the perimeter.
_MODES = frozenset({"enforced", "learning", "audit"})
# The properties of an inbound rule that name Azure resources. A rule with such a property need not name networks.
_NO_NETWORKS = ("properties.subscriptions", "properties.networkSecurityPerimeters")


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One address range from which an access rule allows traffic."""

    name: str
    version: int
    range: Range


@dataclass(slots=True)
class Perimeter:
    """The public networks and service tags from which the network security perimeters of a resource allow traffic.

    `modes` has the access mode of each association, in lower case. `tags` is {name of an inbound rule: the service tags
    in the rule}; the addresses of service tags are unknown. `names` and `profiles` are the names of the perimeters and
    of their profiles; Azure may omit them.
    """

    modes: list[str] = field(default_factory=list)
    rules: list[AccessRule] = field(default_factory=list)
    tags: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)

    @property
    def is_associated(self) -> bool:
        """Whether the resource belongs to a perimeter."""
        return bool(self.modes)

    @property
    def is_enforced(self) -> bool:
        """Whether the rules of the perimeter apply in place of the rules of the resource."""
        return self.is_associated and set(self.modes) == {"enforced"}

    def addresses(self, version: int) -> Ranges:
        """Return all addresses of one IP version (4 or 6) from which the rules allow traffic."""
        return ranges(rule.range for rule in self.rules if rule.version == version)

    def observed(self) -> dict[str, Any]:
        """Return the known names of the perimeters and profiles, as observed values of a finding."""
        named = {"perimeter": ", ".join(self.names), "perimeterProfile": ", ".join(self.profiles)}
        return {key: names for key, names in named.items() if names}

    def rules_for_the_internet(self, limits: Mapping[int, int]) -> list[str]:
        """Return the sorted names of the rules that together let the Internet in. If the rules of an IP version (4 or
        6) together allow at least `limits[version]` addresses, the result has all rules of this version.
        """
        found: set[str] = set()
        for version, limit in limits.items():
            if size(self.addresses(version)) >= limit:
                found |= {rule.name for rule in self.rules if rule.version == version}
        return sorted(found)

    def rules_wider_than(self, limits: Mapping[int, int]) -> list[str]:
        """Return the sorted names of the rules that have a wide range. A range of an IP version (4 or 6) is wide if it
        has more than `limits[version]` addresses.
        """
        wide = {rule.name for rule in self.rules if size((rule.range,)) > limits[rule.version]}
        return sorted(wide)

    def remarks(self) -> list[str]:
        """Return remarks about the networks and service tags that the perimeter lets in. Networks are listed only if
        they are few.
        """
        names = few_networks(self.addresses(4), self.addresses(6))
        remarks = [f"Networks that the perimeter lets in: {', '.join(names)}"] if names else []
        if tags := sorted({tag for found in self.tags.values() for tag in found}):
            remarks.append(f"Service tags that the perimeter lets in: {', '.join(tags)}")
        return remarks


def read_perimeter(configurations: Iterable[View]) -> Perimeter:
    """Return the perimeter that the `networkSecurityPerimeterConfigurations` of a resource describe. Raise Unreadable
    if a property is missing or invalid.
    """
    perimeter = Perimeter()
    for configuration in configurations:
        perimeter.modes.append(configuration.choice("properties.resourceAssociation.accessMode", _MODES))
        identifier = configuration.raw("properties.networkSecurityPerimeter.id")
        profile = configuration.raw("properties.profile.name")
        perimeter.names += [name_of(identifier)] if isinstance(identifier, str) else []
        perimeter.profiles += [profile] if isinstance(profile, str) else []
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
        perimeter.tags.setdefault(name, []).extend(tags)
