"""Templates of the sentences that controls of the section `lock` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("The subscription has no resources",)
