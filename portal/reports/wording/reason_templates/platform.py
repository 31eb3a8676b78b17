"""Templates of the sentences that controls of the section `platform` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("Resources left out because of a tag: {number}",)
