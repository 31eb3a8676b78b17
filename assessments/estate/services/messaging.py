"""Select the namespaces of Service Bus and Event Hubs for which further requests are needed. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from assessments.estate.estate import Estate

_CLOSED = frozenset({"disabled", "securedbyperimeter"})


def open_namespaces(collection: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the ids of the namespaces whose firewall Surety reads. These are all namespaces
    whose public network access is not switched off.
    """

    def targets(estate: Estate) -> Iterable[str]:
        for namespace in estate.documents(collection):
            access = namespace.raw("properties.publicNetworkAccess")
            if namespace.id and not (isinstance(access, str) and access.casefold() in _CLOSED):
                yield namespace.id

    return targets


def namespaces_with_endpoints(collection: str, without: frozenset[str]) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the ids of the namespaces that may have private endpoints: all namespaces whose
    tier is not in `without` (in lower case).
    """

    def targets(estate: Estate) -> Iterable[str]:
        for namespace in estate.documents(collection):
            tier = namespace.raw("sku.name")
            if namespace.id and not (isinstance(tier, str) and tier.casefold() in without):
                yield namespace.id

    return targets
