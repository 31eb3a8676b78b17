"""The values that fixes of Azure Databricks workspaces need."""

from __future__ import annotations

from typing import Final

from assessments.fixes.variables import Variable, segment

DATABRICKS: Final = Variable(
    "databricks",
    "Name of the Azure Databricks workspace",
    "dbw-shop",
    "the Databricks workspace",
    segment("workspaces"),
)
NONE: Final = "No Azure Databricks workspaces"
LEARN: Final = "https://learn.microsoft.com/azure/databricks"
