"""Make UUIDs of version 7 (RFC 9562, section 5.7), so that keys sort by creation time."""

import os
import time
import uuid
from datetime import datetime

try:
    from uuid import uuid7 as _python_uuid7  # type: ignore[attr-defined,unused-ignore]  # Python 3.14
except ImportError:
    _python_uuid7 = None


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, version and variant (6 bits), and 74 random bits."""
    if _python_uuid7 is not None:
        made: uuid.UUID = _python_uuid7()
        return made
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return uuid.UUID(int=value)


def first_uuid7(moment: datetime) -> uuid.UUID:
    """Return the smallest UUIDv7 of this moment. Objects that were made earlier have smaller ids."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)


def parse_uuid(value: object) -> uuid.UUID | None:
    """Return `value` as a UUID, or None if it is not a UUID. Use this function for ids from URLs and forms."""
    if isinstance(value, uuid.UUID):
        return value
    if not isinstance(value, str):
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def canonical_guid(value: object) -> str | None:
    """Return `value` in lower case, without blanks around it, if it is a GUID with hyphens. Otherwise return None."""
    parsed = parse_uuid(value.strip()) if isinstance(value, str) and len(value.strip()) == 36 else None
    return None if parsed is None else str(parsed)
