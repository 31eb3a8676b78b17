"""Descriptions of the methods of the Azure SDK that read collections. `assessments.collect.sdk` calls the methods."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Library(StrEnum):
    """A management library of the Azure SDK."""

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
    """The parts of a scope (an ARM id) that an SDK method gets.

    - NONE: no part
    - SCOPE: the whole id
    - NAMES: the resource group, and the names of the resource and its parents
    """

    NONE = "none"
    SCOPE = "scope"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Operation:
    """The description of one call, `client.<group>.<method>(*from_scope, *last)`. `arguments` says which parts of the
    scope are the first arguments of the method. `last` are the arguments after these parts.
    """

    library: Library
    group: str
    method: str
    arguments: CallArguments = CallArguments.NONE
    last: tuple[str, ...] = ()


def of_subscription(library: Library, group: str, method: str = "list") -> Operation:
    """Return an operation without arguments. The operation lists resources of the whole subscription."""
    return Operation(library, group, method)


def of_scope(library: Library, group: str, method: str = "list") -> Operation:
    """Return an operation whose only argument is the id of the scope."""
    return Operation(library, group, method, CallArguments.SCOPE)


def of_resource(library: Library, group: str, method: str, *last: str) -> Operation:
    """Return an operation whose arguments are a resource group, the names of a resource and its parents, and then
    `last`.
    """
    return Operation(library, group, method, CallArguments.NAMES, last)
