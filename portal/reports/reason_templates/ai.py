"""Templates of the sentences of the section `ai`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Azure AI services accounts",)
