"""The schema of retention periods."""

from __future__ import annotations

from collections.abc import Iterable

from portal.configuration.schema.parts import Schema, mapping
from portal.retention.kinds import MAX_DAYS, Kind


def retention(kinds: Iterable[Kind], description: str) -> Schema:
    """Return the schema of the retention periods of these kinds of data."""
    found = {
        kind.key: {
            "description": f"{kind.label}: a number of days, “keep” (no limit) or “default”",
            "anyOf": [
                {"type": "integer", "minimum": kind.minimum, "maximum": MAX_DAYS},
                {"enum": ["keep", "default"]},
            ],
        }
        for kind in kinds
    }
    return {
        **mapping(found),
        "description": f"{description}. The periods of kinds of data that are not listed do not change",
    }
