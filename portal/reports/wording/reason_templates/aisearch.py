"""Templates of the sentences that controls of the section `aisearch` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Azure AI Search services",
    "The tier Free has no firewall and no private endpoints: a larger tier is needed",
)
