"""Namespaces of Service Bus and Event Hubs: which of them need further requests. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from assessments.estate.estate import Estate

_CLOSED = frozenset({"disabled", "securedbyperimeter"})


def open_namespaces(collection: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the namespaces whose firewall may apply, because public access may be on."""

    def targets(estate: Estate) -> Iterable[str]:
        for namespace in estate.documents(collection):
            access = namespace.raw("properties.publicNetworkAccess")
            if namespace.id and not (isinstance(access, str) and access.casefold() in _CLOSED):
                yield namespace.id

    return targets


def namespaces_with_endpoints(collection: str, without: frozenset[str]) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the namespaces that may have private endpoints. `without` are the tiers
    that cannot have any.
    """

    def targets(estate: Estate) -> Iterable[str]:
        for namespace in estate.documents(collection):
            tier = namespace.raw("sku.name")
            if namespace.id and not (isinstance(tier, str) and tier.casefold() in without):
                yield namespace.id

    return targets
