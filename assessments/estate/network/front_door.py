"""Find the profiles of Azure Front Door. Pure functions.

Properties: cdn/resource-manager/Microsoft.Cdn/Cdn/stable/2025-06-01/openapi.json (Profile, SecurityPolicy) and
frontdoor/resource-manager/Microsoft.Network/FrontDoor/stable/2025-10-01/openapi.json
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from assessments.estate.estate import Estate
from assessments.estate.view import View

_FRONT_DOOR: Final = frozenset({"premium_azurefrontdoor", "standard_azurefrontdoor"})
# The SKUs of content delivery networks without Front Door: all SKUs in the specification that are not in _FRONT_DOOR.
_NETWORKS: Final = frozenset(
    {"custom_verizon", "premium_verizon", "standard_955bandwidth_chinacdn", "standard_akamai",
     "standard_avgbandwidth_chinacdn", "standard_chinacdn", "standard_microsoft", "standard_verizon",
     "standardplus_955bandwidth_chinacdn", "standardplus_avgbandwidth_chinacdn", "standardplus_chinacdn"}
)  # fmt: skip


def is_front_door(profile: View) -> bool:
    """Return whether a profile has the SKU Standard or Premium of Front Door. Raise Unreadable for a SKU that Surety
    does not know.
    """
    return profile.choice("sku.name", _FRONT_DOOR | _NETWORKS) in _FRONT_DOOR


def front_door_profiles(estate: Estate) -> Iterable[str]:
    """Yield the ids of the profiles of Front Door, and of the profiles whose SKU is missing or unknown."""
    for view in estate.documents("cdn_profiles"):
        sku = view.raw("sku.name")
        if view.id and (not isinstance(sku, str) or sku.casefold() not in _NETWORKS):
            yield view.id
