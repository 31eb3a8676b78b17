"""Templates of the sentences of the section `operations`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Only {number} of {number2} machines have a vulnerability assessment",
    "Only {number} of {number2} SQL servers and instances have a vulnerability assessment",
)
