"""Templates of the sentences that controls of the section `logicapp` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No logic app",)
