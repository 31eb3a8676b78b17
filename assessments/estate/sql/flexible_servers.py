"""Select the flexible servers of PostgreSQL and MySQL whose settings Surety reads. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from assessments.estate.estate import Estate
from assessments.estate.view import View

# In these states, a server does not return parameters (400 ServerStoppedError of PostgreSQL, 409
# ServerUnavailableForOperation of MySQL). Source of the states: ServerState in the specifications of both providers.
NOT_RUNNING = frozenset({"disabled", "dropping", "starting", "stopped", "stopping", "updating"})


def is_running(server: View) -> bool:
    """Return whether the server answers the request for its parameters. Return True for an unknown state."""
    return _folded(server, "properties.state") not in NOT_RUNNING


def in_own_network(server: View) -> bool:
    """Return whether the server is in a virtual network of the customer, so that it has no public address."""
    return bool(server.raw("properties.network.delegatedSubnetResourceId"))


def running(collection: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the ids of the servers that answer the request for their parameters."""

    def targets(estate: Estate) -> Iterable[str]:
        return [server.id for server in estate.documents(collection) if server.id and is_running(server)]

    return targets


def with_public_access(collection: str) -> Callable[[Estate], Iterable[str]]:
    """Return a function that yields the ids of the servers with public network access. Firewall rules have an
    effect only on these servers.
    """

    def targets(estate: Estate) -> Iterable[str]:
        for server in estate.documents(collection):
            is_off = _folded(server, "properties.network.publicNetworkAccess") == "disabled"
            if server.id and not is_off and not in_own_network(server):
                yield server.id

    return targets


def with_entra_sign_in(estate: Estate) -> Iterable[str]:
    """Yield the ids of the PostgreSQL servers at which accounts of Microsoft Entra ID can sign in. Only these servers
    have Entra administrators.
    """
    for server in estate.documents("postgres_servers"):
        if server.id and _folded(server, "properties.authConfig.activeDirectoryAuth") == "enabled":
            yield server.id


def named(*names: str) -> Callable[[Estate, Mapping[str, Any]], bool]:
    """Return a function that tells whether a document has one of the names, for `Collection.keep`."""
    wanted = frozenset(names)

    def keep(_: Estate, body: Mapping[str, Any]) -> bool:
        return str(body.get("name")).casefold() in wanted

    return keep


def _folded(server: View, path: str) -> str:
    value = server.raw(path)
    return value.casefold() if isinstance(value, str) else ""
