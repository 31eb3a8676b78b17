"""Find the IP addresses and countries of the named locations that Conditional Access policies exclude. Pure functions.

Source: https://learn.microsoft.com/graph/api/resources/ipnamedlocation and countrynamedlocation
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from assessments.estate.ids import fold
from assessments.estate.quantities import addresses
from assessments.estate.ranges import (
    EMPTY,
    PUBLIC_IPV4,
    PUBLIC_IPV6,
    Range,
    Ranges,
    intersect,
    network,
    ranges,
    size,
    union,
)
from assessments.estate.view import Unreadable, View

ALL_TRUSTED: Final = "alltrusted"
"""The value with which a policy refers to the locations marked as trusted, and to the trusted IP addresses of the
former MFA settings."""

# The id of the location with which policies exclude the trusted IP addresses of the former MFA settings. Graph does not
# list these addresses. Microsoft documents the name of this location, but not its id:
# https://learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network
MFA_TRUSTED_IPS: Final = "00000000-0000-0000-0000-000000000000"

# The id of the location of Global Secure Access, the same in every directory. The location has no addresses, and Graph
# v1.0 does not return it. https://learn.microsoft.com/graph/api/compliantnetworknamedlocation-get
COMPLIANT_NETWORK: Final = "3d46dbda-8382-466a-856d-eb00cbc6b910"

# The numbers of addresses in the largest networks that one organization usually holds. A registry assigns a /29 of IPv6
# without proof of need: https://www.ripe.net/publications/docs/ripe-738/
_LARGEST_IPV4: Final = 2**24
_LARGEST_IPV6: Final = 2**99
_MAX_NAMED_COUNTRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Excluded:
    """The public addresses and countries of the locations that a policy excludes.

    `former_settings` is true if the policy also excludes the trusted IP addresses of the former MFA settings.
    `compliant_network` is true if the policy also excludes the compliant network of Global Secure Access.
    """

    v4: Ranges = EMPTY
    v6: Ranges = EMPTY
    countries: frozenset[str] = frozenset()
    unknown_countries: bool = False
    former_settings: bool = False
    compliant_network: bool = False

    @property
    def problem(self) -> str:
        """The reason why a policy that excludes these locations does not enforce MFA, such as `it excludes all
        addresses in DE`. The text is empty if the policy enforces MFA in spite of the exclusions.
        """
        names = sorted(self.countries)
        if len(names) > _MAX_NAMED_COUNTRIES:
            return f"it excludes the addresses of {len(names)} countries"
        if names:
            return f"it excludes all addresses in {', '.join(names)}"
        if self.unknown_countries:
            return "it excludes the addresses of unknown countries"
        wide = [
            addresses(size(found), version)
            for found, version, limit in ((self.v4, 4, _LARGEST_IPV4), (self.v6, 6, _LARGEST_IPV6))
            if size(found) > limit
        ]
        return f"its excluded locations contain {' and '.join(wide)}" if wide else ""

    @property
    def remarks(self) -> list[str]:
        """Remarks on the excluded locations, for a policy that enforces MFA in spite of the exclusions."""
        found = []
        counts = [addresses(size(found), version) for found, version in ((self.v4, 4), (self.v6, 6)) if found]
        if counts:
            found.append(f"The excluded locations contain {' and '.join(counts)}")
        if self.former_settings:
            found.append(
                "Trusted IP addresses in the former MFA settings are excluded too and cannot be read"
            )
        if self.compliant_network:
            found.append("The compliant network of Global Secure Access is excluded")
        return found


def excluded_addresses(locations: Iterable[View], excluded: Iterable[str], policy: str) -> Excluded:
    """Return the public addresses and countries of the locations that a policy excludes. `excluded` are ids of
    locations or `AllTrusted`, in lower case.

    Raise Unreadable if a location that may be excluded cannot be read, or is not in `locations`.
    """
    wanted = set(excluded)
    trusted = ALL_TRUSTED in wanted
    missing = wanted - {ALL_TRUSTED, MFA_TRUSTED_IPS, COMPLIANT_NETWORK}
    former_settings = not wanted.isdisjoint({ALL_TRUSTED, MFA_TRUSTED_IPS})
    found = Excluded(former_settings=former_settings, compliant_network=COMPLIANT_NETWORK in wanted)
    for location in locations:
        is_named = fold(location.id) in missing
        missing.discard(fold(location.id))
        found = _with_location(found, location, is_named=is_named, trusted=trusted)
    if missing:
        name = min(missing)
        reason = f"The excluded location {name} is not among the named locations that Azure returned"
        raise Unreadable(policy, "conditions.locations.excludeLocations", "not in the list", reason)
    return found


def _with_location(found: Excluded, location: View, *, is_named: bool, trusted: bool) -> Excluded:
    """Return `found` plus the location if it is excluded. `is_named`: the policy names its id. `trusted`: all trusted
    locations are excluded.
    """
    if not is_named and not trusted:
        return found
    kind = location.text("@odata.type").rpartition(".")[2].casefold()
    # Locations with countries cannot be marked as trusted, so they are excluded only by their ids.
    # https://learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network
    if kind == "countrynamedlocation":
        if not is_named:
            return found
        unknown = location.flag("includeUnknownCountriesAndRegions")
        countries = {code.strip().upper() for code in location.texts("countriesAndRegions")}
        return replace(
            found,
            countries=found.countries | countries,
            unknown_countries=found.unknown_countries or unknown,
        )
    if kind != "ipnamedlocation":
        raise location.unreadable("@odata.type", "not a known kind of location")
    if not is_named and not location.flag("isTrusted"):
        return found
    parts: dict[int, list[Range]] = {4: [], 6: []}
    for entry in location.items("ipRanges"):
        try:
            version, part = network(entry.text("cidrAddress"))
        except ValueError:
            raise entry.unreadable("cidrAddress", "not a network") from None
        parts[version].append(part)
    return replace(
        found,
        v4=union(found.v4, intersect(ranges(parts[4]), PUBLIC_IPV4)),
        v6=union(found.v6, intersect(ranges(parts[6]), PUBLIC_IPV6)),
    )
