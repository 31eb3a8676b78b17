"""Templates of the sentences of the section `automation`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Automation account",
    "Azure did not return the settings of the account",
)
