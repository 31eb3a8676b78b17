"""Templates of the sentences of the section `postgresql`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No PostgreSQL servers",)
