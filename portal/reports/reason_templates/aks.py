"""Templates of the sentences of the section `aks`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No AKS clusters",)
