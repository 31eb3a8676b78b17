"""Estates in which a service principal may read only some data of Microsoft Graph, and the missing permissions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assessments.collect.session import READING_POSTS
from assessments.controls.registry import catalogue
from assessments.estate.collection import Shape, Source
from assessments.estate.collections import ALL
from assessments.estate.estate import UnitKind
from assessments.permissions.registration import graph_permissions
from sandbox.graph.rules import has_own_rule
from sandbox.stores.registry import own_id
from tests.assessments.collect.azure import (
    CLIENT,
    DIRECTORY,
    guid,
)
from tests.assessments.official.estates import official

SOME_GRAPH: list[dict[str, Any]] = [
    {"graph": path, "value": []}
    for path in ("users", "domains", "groups", "groupSettings", "servicePrincipals", "applications")
]


def _lines() -> Iterator[dict[str, Any]]:
    """Yield an estate line for each Microsoft Graph path that is always read, except the paths of SOME_GRAPH. The line
    has an empty list, or Microsoft's example of a single document. If the sandbox has no rule for the path, the line
    names the permissions for reading the path.
    """
    done = {line["graph"] for line in SOME_GRAPH}
    examples = official(UnitKind.DIRECTORY)
    for name, collection in ALL.items():
        path = collection.path
        is_always_read = collection.source is Source.GRAPH and not (
            collection.is_scoped or collection.absent_is_none or f"/{path}" in READING_POSTS
        )
        if not is_always_read or path in done:
            continue
        done.add(path)
        value = [] if collection.shape is Shape.LIST else examples[name][""][0]
        more = {} if has_own_rule(path.lower()) else {"permissions": list(collection.permissions)}
        yield {"graph": path, "value": value, **more}


ONES = list(_lines())


def directory_role(name: str) -> tuple[dict[str, Any], ...]:
    """Return lines of an estate in which the service principal has this built-in directory role."""
    held = {
        "id": "one",
        "roleDefinitionId": guid(60),
        "principalId": own_id(DIRECTORY, CLIENT),
        "directoryScopeId": "/",
    }
    role = {"id": guid(60), "displayName": name, "isBuiltIn": True}
    return (
        {"graph": "roleManagement/directory/roleDefinitions", "value": [role]},
        {"graph": "roleManagement/directory/roleAssignments", "value": [held]},
    )


# In the sandbox, `Directory.Read.All` permits reading applications too.
WITHOUT_APPLICATIONS = [
    permission
    for permission in graph_permissions()
    if permission not in ("Application.Read.All", "Directory.Read.All")
]
"""All permissions that controls need, except those to read applications."""


def without_applications(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove from the catalogue the only control that needs `Application.Read.All`."""
    left = {slug: each for slug, each in catalogue().items() if slug != "identity-app-cred-expiry"}
    monkeypatch.setattr("assessments.actions.credentials.preflight.catalogue", lambda: left)
