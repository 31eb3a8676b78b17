"""Templates of the sentences that controls of the section `aci` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No container groups",)
