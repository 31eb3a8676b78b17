"""Read the orchestration mode and the model of a virtual machine scale set, and remove the properties that Surety does
not store. Pure functions.

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
_KEPT_OF_EXTENSIONS: Final = ("publisher", "type")
# https://learn.microsoft.com/azure/virtual-machine-scale-sets/disk-encryption-overview
_DISK_ENCRYPTION: Final = frozenset({"azurediskencryption", "azurediskencryptionforlinux"})


def mode(scale_set: View) -> str:
    """Return the orchestration mode, `uniform` or `flexible`. Raise Unreadable for an unknown mode.

    A scale set that does not state its mode is uniform. The mode matters, because Azure's list of virtual machines
    contains the machines of flexible scale sets, but not those of uniform scale sets.
    """
    return scale_set.object("properties").choice("orchestrationMode", {UNIFORM, FLEXIBLE}, default="Uniform")


def has_unmanaged_disks(scale_set: View) -> bool:
    """Return whether the system disk in the model of a scale set is unmanaged. The data disks of a scale set are
    always managed. Raise Unreadable if the model does not show whether the system disk is managed.
    """
    disk = scale_set.object("properties.virtualMachineProfile.storageProfile.osDisk")
    # If a model has `managedDisk`, its disks are managed, whatever other properties it has.
    if disk.has("managedDisk"):
        disk.object("managedDisk")
        return False
    if disk.texts("vhdContainers", default=[]) or disk.object("image", default={}).text("uri", default=""):
        return True
    raise disk.unreadable("managedDisk", "absent")


def ip_configurations(scale_set: View) -> list[View]:
    """Return the properties of the IP configurations in the model of a scale set. Raise Unreadable if a property is
    missing or invalid.
    """
    network = scale_set.object("properties.virtualMachineProfile.networkProfile")
    return [
        configuration.object("properties")
        for interface in network.items("networkInterfaceConfigurations")
        for configuration in interface.object("properties").items("ipConfigurations")
    ]


def has_disk_encryption(scale_set: View) -> bool:
    """Return whether the model of a scale set has the extension Azure Disk Encryption. Raise Unreadable if a property
    is missing or invalid.
    """
    model = scale_set.object("properties.virtualMachineProfile")
    extensions = model.object("extensionProfile", default={}).items("extensions", default=[])
    return any(
        extension.object("properties").text("type").casefold() in _DISK_ENCRYPTION for extension in extensions
    )


def without_secrets(scale_set: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a scale set without user data and unattended setup, and with only the publisher and type of each
    extension. No control reads the other properties, which can contain secrets.
    """
    properties = scale_set.get("properties")
    profile = properties.get("virtualMachineProfile") if isinstance(properties, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(profile, Mapping):
        return scale_set
    kept = {key: value for key, value in profile.items() if key not in _NOT_KEPT}
    if "extensionProfile" in profile:
        kept["extensionProfile"] = _kinds_of_extensions(profile["extensionProfile"])
    if "osProfile" in kept:
        kept["osProfile"] = without_unattended_setup(kept["osProfile"])
    return {**scale_set, "properties": {**properties, "virtualMachineProfile": kept}}


def _kinds_of_extensions(profile: Any) -> Any:
    """Return an extension profile with only the publisher and type of each extension. Return None if the profile does
    not contain a list of extensions.
    """
    extensions = profile.get("extensions", []) if isinstance(profile, Mapping) else None
    if not isinstance(extensions, list):
        return None
    found = [one.get("properties") if isinstance(one, Mapping) else None for one in extensions]
    return {
        "extensions": [
            {"properties": {name: one.get(name) for name in _KEPT_OF_EXTENSIONS}}
            if isinstance(one, Mapping)
            else {}
            for one in found
        ]
    }
