"""Templates of the sentences of the section `vmss`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No virtual machine scale sets",)
