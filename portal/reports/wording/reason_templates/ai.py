"""Templates of the sentences that controls of the section `ai` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Azure AI services accounts",)
