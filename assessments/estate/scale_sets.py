"""How the machines of a virtual machine scale set are managed. Pure functions.

Source: https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes
"""

from __future__ import annotations

from typing import Final

from assessments.estate.view import View

UNIFORM: Final = "uniform"
FLEXIBLE: Final = "flexible"


def mode(scale_set: View) -> str:
    """Return `uniform` or `flexible`. Raise Unreadable.

    Machines of a flexible scale set are virtual machines of their own, and listed as such. Scale sets that are older
    than the property are uniform.
    """
    return scale_set.object("properties").choice("orchestrationMode", {UNIFORM, FLEXIBLE}, default="Uniform")
