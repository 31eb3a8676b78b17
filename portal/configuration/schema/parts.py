"""Parts of the schema that several areas use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.controls.registry import OWN_PREFIX, catalogue
from tenants.actions.organizations import MAX_DAYS

SECRET: Final = "set on the page"  # noqa: S105 - what a file contains instead of a secret

type Schema = dict[str, Any]


def mapping(properties: Mapping[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


def text(description: str, longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": description}


def days(description: str) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "description": description}


def control() -> Schema:
    """Return the schema of the slug of a control. Own controls are not listed: they differ between organizations."""
    own = {"type": "string", "pattern": f"^{OWN_PREFIX}", "maxLength": 80, "description": "An own control"}
    return {"anyOf": [{"enum": sorted(catalogue())}, own]}
