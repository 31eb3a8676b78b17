"""Templates of the sentences that controls of the section `apim` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No API Management service",
    "Azure did not list the management access of the service",
)
