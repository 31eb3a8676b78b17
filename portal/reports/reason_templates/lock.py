"""Templates of the sentences of the section `lock`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("The subscription has no resources",)
