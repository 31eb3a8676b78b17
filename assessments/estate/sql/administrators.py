"""The Microsoft Entra administrator of a SQL server or managed instance. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def without_login(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a server or instance without the name of its administrator. The name is often a person's email address."""
    properties = body.get("properties")
    administrator = properties.get("administrators") if isinstance(properties, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(administrator, Mapping):
        return body
    unnamed = {key: value for key, value in administrator.items() if key != "login"}
    return {**body, "properties": {**properties, "administrators": unnamed}}
