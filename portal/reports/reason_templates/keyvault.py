"""Templates of the sentences of the section `keyvault`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No enabled keys in key vaults",
    "No key vaults",
    "The subscription has more keys than Surety reads rotation policies of",
)
