"""Templates of the sentences that controls of the section `automation` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Automation account",
    "Azure did not return the settings of the account",
)
