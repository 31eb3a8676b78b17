"""Templates of the sentences that controls of the section `synapse` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Azure Synapse workspaces",)
