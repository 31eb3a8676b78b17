"""Templates of the sentences that controls of the section `containerapp` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No container apps",
    "No environments of container apps",
)
