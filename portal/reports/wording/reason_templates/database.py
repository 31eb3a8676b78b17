"""Templates of the sentences that controls of the section `database` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No single server",)
