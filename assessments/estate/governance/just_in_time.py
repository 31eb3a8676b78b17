"""Policies of just-in-time access of Defender for Cloud. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def without_requests(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a just-in-time policy without its past requests for access. These requests name people, and no control
    reads them.
    """
    properties = policy.get("properties")
    if not isinstance(properties, Mapping) or "requests" not in properties:
        return policy
    kept = {key: value for key, value in properties.items() if key != "requests"}
    return {**policy, "properties": kept}
