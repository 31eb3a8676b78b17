"""Templates of the sentences of the section `database`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No single server",)
