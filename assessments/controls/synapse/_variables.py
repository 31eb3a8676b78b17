"""Values and texts that the controls of Azure Synapse workspaces share."""

from __future__ import annotations

from typing import Final

from assessments.fixes.variables import Variable, segment

SYNAPSE: Final = Variable(
    "synapse",
    "Name of the Azure Synapse workspace",
    "syn-shop",
    "the Synapse workspace",
    segment("workspaces"),
)
NONE: Final = "No Azure Synapse workspaces"
PORTAL: Final = "Azure portal › Azure Synapse Analytics › {synapse} ›"
LEARN: Final = "https://learn.microsoft.com/azure/synapse-analytics"
