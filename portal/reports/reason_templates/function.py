"""Templates of the sentences of the section `function`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No function apps",)
