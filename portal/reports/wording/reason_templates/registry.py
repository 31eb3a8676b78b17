"""Templates of the sentences that controls of the section `registry` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No container registries",
    "Only the SKU Premium can limit or switch off public network access",
    "Tasks of the registry bypass the firewall",
)
