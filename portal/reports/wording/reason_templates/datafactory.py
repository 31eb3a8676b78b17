"""Templates of the sentences that controls of the section `datafactory` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No data factory",)
