"""Templates of the sentences of the section `datafactory`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No data factory",)
