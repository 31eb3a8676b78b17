"""Helpers for cases of resource types whose list is requested only if the inventory has a resource of the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.assessments.controls.cases import Case, rows
from tests.assessments.controls.judging import SUB, gap


def in_inventory(body: dict[str, Any]) -> dict[str, Any]:
    """The inventory with this resource."""
    return {"resources": {SUB: [{key: body[key] for key in ("id", "name", "type")}]}}


def connection(identifier: str, state: Any, number: int = 0) -> dict[str, Any]:
    """A connection of a private endpoint."""
    return {
        "id": f"{identifier}/privateEndpointConnections/pe{number}",
        "name": f"pe{number}",
        "properties": {"privateLinkServiceConnectionState": {"status": state}},
    }


def rows_of(collection: str, body: dict[str, Any]) -> Callable[..., list[Case]]:
    """Return a function like `cases.rows` that adds two cases: Azure refuses to list resources, and there is no
    resource.

    `body` is a resource of the collection.
    """

    both: tuple[tuple[Any, ...], ...] = (
        ("the list is forbidden", in_inventory(body), {SUB: "unknown"}, {"gaps": [gap(collection)]}),
        ("no resource", {}, {SUB: "not_applicable"}),
    )
    return lambda slug, *table: rows(slug, *table, *both)
