"""Templates of the sentences of the section `cosmos`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Cosmos DB account",)
