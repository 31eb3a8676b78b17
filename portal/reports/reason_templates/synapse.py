"""Templates of the sentences of the section `synapse`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Azure Synapse workspaces",)
