"""Remove the values of variables of Automation accounts. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def without_value(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a variable without its value and description. Azure returns the values of unencrypted variables as clear
    text.
    """
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    return {**body, "properties": {key: value for key, value in properties.items() if key == "isEncrypted"}}
