"""Templates of the sentences of the section `logicapp`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No logic app",)
