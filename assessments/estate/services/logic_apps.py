"""Remove definitions and parameters from consumption logic apps (workflows), because Surety does not store them. Pure
functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

TRIGGER_TYPES: Final = "triggerTypes"
"""The property that replaces `definition`: the type of each trigger."""
_KEPT: Final = frozenset({"state", "accessControl", TRIGGER_TYPES})


def without_definition(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a workflow in which the types of its triggers replace its definition and parameters. Definition and
    parameters can contain secrets.

    The verdict is unknown if the definition is not an object or if a trigger has no type.
    """
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    kept = {key: value for key, value in properties.items() if key in _KEPT}
    definition = properties.get("definition")
    if isinstance(definition, Mapping):
        triggers = definition.get("triggers", {})
        kept[TRIGGER_TYPES] = (
            [one.get("type") if isinstance(one, Mapping) else None for one in triggers.values()]
            if isinstance(triggers, Mapping)
            else None
        )
    return {**body, "properties": kept}
