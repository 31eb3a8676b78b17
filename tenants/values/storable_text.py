"""Text from outside that PostgreSQL can store."""

from __future__ import annotations


def storable_text(value: str) -> str:
    """Return `value` as PostgreSQL can store it: NUL and lone surrogates become U+FFFD."""
    return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
