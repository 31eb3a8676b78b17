"""Templates of the sentences that controls of the section `databricks` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Azure Databricks workspaces",
    "The network of the clusters is in another subscription, whose subnets Surety does not read here",
)
