"""Choose which properties of API Management's named values and subscriptions are stored, and find the services that can
have the direct management API. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from assessments.estate.estate import Estate

# https://learn.microsoft.com/azure/api-management/breaking-changes/direct-management-api-retirement-march-2025
WITHOUT_DIRECT_MANAGEMENT: Final = frozenset({"consumption", "basicv2", "standardv2", "premiumv2"})
"""The tiers that never had the direct management API, in lower case."""


def services_with_direct_management(estate: Estate) -> Iterable[str]:
    """Yield the ids of the services that can have the direct management API, according to their tier."""
    for service in estate.documents("apim_services"):
        tier = service.raw("sku.name")
        if service.id and not (isinstance(tier, str) and tier.casefold() in WITHOUT_DIRECT_MANAGEMENT):
            yield service.id


def without_value(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a named value of API Management without its value. Azure returns the value as clear text, unless the named
    value is marked as secret.
    """
    return _only(body, "secret", "keyVault")


def without_keys(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an API Management subscription without its keys and its owner."""
    return _only(body, "scope", "state")


def _only(body: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    return {**body, "properties": {key: value for key, value in properties.items() if key in names}}
