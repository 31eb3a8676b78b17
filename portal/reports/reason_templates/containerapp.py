"""Templates of the sentences of the section `containerapp`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No container apps",
    "No environments of container apps",
)
