"""Commands for fixes that change the security profile of virtual machines and scale sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def set_security_profile(resource: str, options: str, path: str, settings: Mapping[str, Any]) -> str:
    """Return the commands that set properties of a security profile and keep its other properties.

    `resource` is `vm` or `vmss`, `options` name the resource, and `path` leads to the security profile. The profile is
    set as a whole, because the Azure CLI refuses to set a property of an absent object, and machines of the security
    type Standard may have no profile: https://github.com/Azure/azure-cli/issues/32671. The option `--security-type` of
    `az vmss update` would remove other properties of the profile, such as `encryptionAtHost`.
    """
    query = f"merge({path} || `{{}}`, `{json.dumps(settings)}`)"
    return (
        f"PROFILE=\"$(az {resource} show {options} --query '{query}' --output json)\"\n"
        f'az {resource} update {options} --set {path}="${{PROFILE:?}}"'
    )
