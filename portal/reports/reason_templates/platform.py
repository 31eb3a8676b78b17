"""Templates of the sentences of the section `platform`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("Resources left out because of a tag: {number}",)
