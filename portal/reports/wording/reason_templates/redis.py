"""Templates of the sentences that controls of the section `redis` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Redis caches or databases",
    "No Redis caches or clusters",
    "Azure Cache for Redis retires on 30 September 2028: move to Azure Managed Redis",
    "The Enterprise tiers retire on 31 March 2027: move to Azure Managed Redis",
)
