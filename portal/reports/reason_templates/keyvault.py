"""Templates of the sentences of the section `keyvault`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No key vaults",)
