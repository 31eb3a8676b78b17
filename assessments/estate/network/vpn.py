"""Read how people sign in to point-to-site VPN. Pure functions.

Properties: azure-mgmt-network 33.1.0 (VpnClientConfiguration, VpnServerConfigurationProperties)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.estate.view import View

_TYPES: Final = frozenset({"aad", "certificate", "radius"})
# (type of sign-in, property that only a configuration with this type has). Some gateways do not list their types of
# sign-in. Surety then derives the types from these properties.
_SIGNS: Final = (
    ("certificate", "vpnClientRootCertificates"),
    ("radius", "radiusServerAddress"),
    ("radius", "radiusServers"),
)


def sign_in_types(configuration: View, directory: str) -> list[str]:
    """Return the types of sign-in, sorted: `aad`, `certificate`, `radius`. Raise Unreadable if a property is missing or
    invalid.

    `directory` is the name of the property that only a configuration with sign-in by Microsoft Entra ID has.
    """
    if types := configuration.choices("vpnAuthenticationTypes", _TYPES, default=[]):
        return sorted(set(types))
    found = {kind for kind, sign in (("aad", directory), *_SIGNS) if configuration.raw(sign)}
    if not found:
        raise configuration.unreadable("vpnAuthenticationTypes", "absent")
    return sorted(found)


def without_secrets(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a gateway or a server configuration without the secrets of RADIUS servers."""
    return {key: _without(value) for key, value in body.items() if not _is_secret(key)}


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    if isinstance(value, list):
        return [_without(inner) for inner in value]
    return value


def _is_secret(key: str) -> bool:
    return key.casefold() == "radiusserversecret"
