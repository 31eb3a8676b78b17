"""Write changes of resources in the form of the table `resourcechanges` of Azure Resource Graph.

Azure records each change as a resource of the type Microsoft.Resources/changes, with the changed properties, the actor
and the operation. Azure keeps this record for 14 days. A change of a child resource is recorded only if the parent's
document contains the child. For example, the document of a network security group contains its rules. Source:
https://learn.microsoft.com/azure/governance/resource-graph/changes/get-resource-changes

Unlike Azure, the sandbox counts a changed list as one changed property.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

KEPT = timedelta(days=14)
KIND = "microsoft.resources/changes"
Document = dict[str, Any]


def change_of(
    before: Document | None,
    after: Document | None,
    *,
    actor: str,
    is_application: bool,
    operation: str,
    at: datetime,
    correlation_id: str,
    guid: str,
) -> Document | None:
    """Return the change record of a resource, from the resource's documents before and after the change. Return None if
    the two documents are equal.

    `before` is None if the resource was created, and `after` is None if it was deleted.
    """
    if before == after:
        return None
    target = str((after or before or {})["id"])
    changes = dict(_changes(_flat(before or {}), _flat(after or {}))) if before and after else {}
    kind = "Update" if before and after else "Create" if after else "Delete"
    return {
        "id": f"{target}/providers/Microsoft.Resources/changes/{guid}",
        "name": guid,
        "type": KIND,
        "properties": {
            "targetResourceId": target,
            "targetResourceType": str((after or before or {}).get("type", "")).lower(),
            "changeType": kind,
            "changeAttributes": {
                "correlationId": correlation_id,
                "changedByType": ("Application" if is_application else "User") if actor else "System",
                "changesCount": len(changes),
                "clientType": "Unspecified",
                "changedBy": actor or "System",
                "operation": operation.lower(),
                "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            },
            "changes": changes,
        },
    }


def is_kept(change: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the change is recent enough for Azure to list it."""
    text = change["properties"]["changeAttributes"]["timestamp"]
    return datetime.fromisoformat(text) > now - KEPT


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, Document]]:
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        kind = "Insert" if old is None else "Remove" if new is None else "Update"
        yield (
            path,
            {
                "newValue": new,
                "previousValue": old,
                "changeCategory": "User",
                "propertyChangeType": kind,
                "isTruncated": "false",
            },
        )


def _flat(document: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Return {path of a property: its value as a text}."""
    found: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value if isinstance(value, str) else json.dumps(value)
    return found
