"""Templates of the sentences that controls of the section `containerapp` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("The container app {resource} is not in the list that Azure returned",)
