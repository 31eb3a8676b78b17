"""Read the orchestration mode of a virtual machine scale set, and remove properties that are not stored. Pure
functions.

Source: https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.estate.machines.virtual_machines import without_unattended_setup
from assessments.estate.view import View

UNIFORM: Final = "uniform"
FLEXIBLE: Final = "flexible"
_NOT_KEPT: Final = frozenset({"extensionProfile", "userData"})


def mode(scale_set: View) -> str:
    """Return the orchestration mode, `uniform` or `flexible`. Raise Unreadable for an unknown mode.

    Azure lists the machines of a flexible scale set as virtual machines. It does not list the machines of a uniform
    scale set in this way. A scale set that does not state its mode is uniform.
    """
    return scale_set.object("properties").choice("orchestrationMode", {UNIFORM, FLEXIBLE}, default="Uniform")


def without_extensions(scale_set: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a scale set without extensions, user data and unattended setup, which no control reads and which can
    contain secrets.
    """
    properties = scale_set.get("properties")
    profile = properties.get("virtualMachineProfile") if isinstance(properties, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(profile, Mapping):
        return scale_set
    kept = {key: value for key, value in profile.items() if key not in _NOT_KEPT}
    if "osProfile" in kept:
        kept["osProfile"] = without_unattended_setup(kept["osProfile"])
    return {**scale_set, "properties": {**properties, "virtualMachineProfile": kept}}
