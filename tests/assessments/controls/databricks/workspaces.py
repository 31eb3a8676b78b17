"""Documents of Azure Databricks workspaces, and test cases that most controls of these workspaces share."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc, gap

ID = f"{RG}/providers/Microsoft.Databricks/workspaces/dbw1"
VNET = f"{RG}/providers/Microsoft.Network/virtualNetworks/vnet1"
NSG = f"{RG}/providers/Microsoft.Network/networkSecurityGroups/nsg1"
INJECTED = {
    "customVirtualNetworkId": {"type": "String", "value": VNET},
    "customPublicSubnetName": {"type": "String", "value": "public"},
    "customPrivateSubnetName": {"type": "String", "value": "private"},
}
# A value for `ComparedPath.not_in_text`: why no file of Microsoft's documentation spells out the steps of a path in
# Azure Databricks.
NOT_PUBLISHED = "Microsoft does not publish the sources of the current pages about Azure Databricks."
_LISTED = {"id": ID, "name": "dbw1", "type": "Microsoft.Databricks/workspaces"}


def workspace(tier: Any = "premium", **properties: Any) -> dict[str, Any]:
    held = {"computeMode": "Hybrid", "provisioningState": "Succeeded", **properties}
    return doc(ID, held, type=_LISTED["type"], location="westeurope", sku={"name": tier})


def one(tier: Any = "premium", others: Any = None, **properties: Any) -> dict[str, Any]:
    """The documents of one workspace: its row of the inventory, its entry in the list, and its settings."""
    body = workspace(tier, **properties)
    return {
        "resources": {SUB: [_LISTED]},
        "databricks_workspaces": [body],
        "databricks_details": {ID: [body]},
        **(others or {}),
    }


def with_parameters(others: Any = None, **parameters: Any) -> dict[str, Any]:
    return one(others=others, parameters=parameters)


NO_LIST: tuple[Any, ...] = (
    "the list is forbidden",
    {"resources": {SUB: [_LISTED]}},
    {SUB: "unknown"},
    {"gaps": [gap("databricks_workspaces"), gap("databricks_details")]},
)
NO_DETAILS: tuple[Any, ...] = (
    "the settings are forbidden",
    {name: held for name, held in one().items() if name != "databricks_details"},
    {ID: "unknown"},
    {"gaps": [gap("databricks_details", ID)]},
)
DELETED: tuple[Any, ...] = (
    "deleted meanwhile",
    {**one(), "databricks_details": {ID: []}},
    {ID: "not_applicable"},
)
NONE: tuple[Any, ...] = ("no workspace", {}, {SUB: "not_applicable"})
SHARED = (NO_LIST, NO_DETAILS, DELETED, NONE)
SERVERLESS: tuple[Any, ...] = ("serverless", one(computeMode="Serverless"), {ID: "not_applicable"})
NEW_MODE: tuple[Any, ...] = ("a new compute mode", one(computeMode="Moon", parameters={}), {ID: "unknown"})
