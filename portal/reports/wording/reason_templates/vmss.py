"""Templates of the sentences that controls of the section `vmss` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No virtual machine scale sets",)
