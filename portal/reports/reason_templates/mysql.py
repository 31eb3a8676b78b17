"""Templates of the sentences of the section `mysql`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No MySQL servers",)
