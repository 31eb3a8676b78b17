"""Secrets and certificates of applications. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_LISTS: Final = ("passwordCredentials", "keyCredentials")
_KEPT: Final = ("keyId", "startDateTime", "endDateTime")


def only_lifetimes(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an application in which each credential has only its id, start and end. The first letters of secrets and
    the keys of certificates are left out.
    """
    kept = {name: [_kept(one) for one in body[name]] for name in _LISTS if isinstance(body.get(name), list)}
    return {**body, **kept}


def _kept(credential: Any) -> Any:
    if not isinstance(credential, Mapping):
        return credential
    return {key: credential[key] for key in _KEPT if key in credential}
