"""Templates of the sentences that controls of the section `cosmos` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Cosmos DB account",)
