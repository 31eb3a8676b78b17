"""Templates of the sentences of the section `databricks`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Azure Databricks workspaces",
    "The network of the clusters is in another subscription, whose subnets Surety does not read here",
)
