"""The SDK operation that reads a collection, as data. Pure: `assessments.collect.sdk` makes the calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Library(StrEnum):
    """An Azure management library."""

    AUTHORIZATION = "authorization"
    COMPUTE = "compute"
    MONITOR = "monitor"
    NETWORK = "network"
    POLICY = "policy"
    RESOURCES = "resources"
    SECURITY = "security"
    SQL = "sql"
    STORAGE = "storage"


class CallArguments(StrEnum):
    """Which parts of the scope are arguments of the operation.

    SCOPE: the whole id. NAMES: the resource group and the names of the resource and its parents.
    """

    NONE = "none"
    SCOPE = "scope"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Operation:
    """The call `client.<group>.<method>(*from_scope, *last)`: `arguments` says which parts of the scope are passed
    first, and `last` are the arguments after them."""

    library: Library
    group: str
    method: str
    arguments: CallArguments = CallArguments.NONE
    last: tuple[str, ...] = ()


def of_subscription(library: Library, group: str, method: str = "list") -> Operation:
    """Return an operation without arguments, which lists a whole subscription."""
    return Operation(library, group, method)


def of_scope(library: Library, group: str, method: str = "list") -> Operation:
    """Return an operation that takes the scope's id."""
    return Operation(library, group, method, CallArguments.SCOPE)


def of_resource(library: Library, group: str, method: str, *last: str) -> Operation:
    """Return an operation that takes a resource group, the names of a resource and its parents, and then
    `last`.
    """
    return Operation(library, group, method, CallArguments.NAMES, last)
