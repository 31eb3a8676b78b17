"""Remove the properties of a virtual machine that Surety does not store. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_SETTINGS: Final = frozenset({"settings", "protectedSettings"})
_UNATTENDED: Final = "additionalUnattendContent"
# The settings of Microsoft Antimalware that controls read. Settings that are not listed here can contain scripts and
# passwords.
_READ_SETTINGS: Final = frozenset({"RealtimeProtectionEnabled", "Exclusions"})


def without_scripts(machine: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a machine without the settings of its extensions and without `additionalUnattendContent`, which is part of
    the unattended setup. Both can contain passwords.

    Controls that judge extensions read the separate documents of the extensions instead.
    https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all
    """
    kept = dict(machine)
    if isinstance(extensions := machine.get("resources"), list):
        kept["resources"] = [_without_settings(one) for one in extensions]
    if isinstance(properties := machine.get("properties"), Mapping) and "osProfile" in properties:
        kept["properties"] = {**properties, "osProfile": without_unattended_setup(properties["osProfile"])}
    return kept


def without_other_settings(extension: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an extension with only those settings that controls read.

    The other settings can contain a script, and everybody who can read the machine in Azure sees them:
    https://learn.microsoft.com/azure/virtual-machines/extensions/custom-script-linux
    """
    properties = extension.get("properties")
    if not isinstance(properties, Mapping):
        return extension
    slim = {key: properties[key] for key in properties if key not in _SETTINGS}
    settings = properties.get("settings")
    if isinstance(settings, Mapping):
        slim["settings"] = {key: settings[key] for key in settings if key in _READ_SETTINGS}
    elif settings is not None:
        # Settings that are not an object may contain secrets. So replace them by an empty list: for controls, a list is
        # as invalid as the original settings.
        slim["settings"] = []
    return {**extension, "properties": slim}


def without_unattended_setup(profile: Any) -> Any:
    """Return an `osProfile` without `additionalUnattendContent`, a part of the unattended setup of Windows."""
    windows = profile.get("windowsConfiguration") if isinstance(profile, Mapping) else None
    if not isinstance(windows, Mapping):
        return profile
    kept = {key: value for key, value in windows.items() if key != _UNATTENDED}
    return {**profile, "windowsConfiguration": kept}


def _without_settings(extension: Any) -> Any:
    properties = extension.get("properties") if isinstance(extension, Mapping) else None
    if not isinstance(properties, Mapping):
        return extension
    return {**extension, "properties": {key: properties[key] for key in properties if key not in _SETTINGS}}
