"""Documents of Azure Synapse workspaces, and test cases that all controls of these workspaces share."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc, gap

ID = f"{RG}/providers/Microsoft.Synapse/workspaces/syn1"
_LISTED = {"id": ID, "name": "syn1", "type": "Microsoft.Synapse/workspaces"}


def one(others: Any = None, **properties: Any) -> dict[str, Any]:
    """The documents of one workspace: its row of the inventory, its entry in the list, and its settings."""
    body = doc(
        ID, {"provisioningState": "Succeeded", **properties}, type=_LISTED["type"], location="westeurope"
    )
    return {
        "resources": {SUB: [_LISTED]},
        "synapse_workspaces": [body],
        "synapse_details": {ID: [body]},
        **(others or {}),
    }


SHARED: tuple[tuple[Any, ...], ...] = (
    (
        "the list is forbidden",
        {"resources": {SUB: [_LISTED]}},
        {SUB: "unknown"},
        {"gaps": [gap("synapse_workspaces"), gap("synapse_details")]},
    ),
    (
        "the settings are forbidden",
        {name: held for name, held in one().items() if name != "synapse_details"},
        {ID: "unknown"},
        {"gaps": [gap("synapse_details", ID)]},
    ),
    ("deleted meanwhile", {**one(), "synapse_details": {ID: []}}, {ID: "not_applicable"}),
    ("no workspace", {}, {SUB: "not_applicable"}),
)
