"""The schema of channels."""

from __future__ import annotations

from portal.configuration.schema.parts import SECRET, Schema, mapping, text
from portal.notify.kinds import KINDS
from portal.notify.models import Channel


def channel() -> Schema:
    return mapping(
        {
            "name": text("Name of the channel", 120),
            "kind": {"enum": list(Channel.Kind.values)},
            "events": {"type": "array", "items": {"enum": list(KINDS)}, "minItems": 1},
            "enabled": {"type": "boolean", "default": True},
            "address": {
                "const": SECRET,
                "description": "A file never contains the address, because it is a secret. Enter it on the page",
            },
        },
        required=("name", "kind", "events"),
    )
