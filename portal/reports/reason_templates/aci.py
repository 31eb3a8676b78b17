"""Templates of the sentences of the section `aci`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No container groups",)
