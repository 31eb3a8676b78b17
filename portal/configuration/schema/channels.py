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
                "description": "The address is a secret, so files never contain it. Enter the address on the page"
                " Channels of the customer",
            },
        },
        required=("name", "kind", "events"),
    )
