"""Read the values of log events, which can have any type and any length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Final

from assessments.collect.errors import BadAnswer
from assessments.estate.ids import fold
from assessments.estate.logs.activity import MAX_TEXT

GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def address_of(value: Any) -> str:
    """Return the value if it is an IP address, otherwise an empty text."""
    text = text_of(value)
    try:
        return str(ip_address(text)) if text else ""
    except ValueError:
        return ""


def time_of(value: Any, what: str) -> datetime:
    """Return a time in UTC. Raise BadAnswer, which names `what`, if the value is not a time."""
    try:
        found = datetime.fromisoformat(text_of(value))  # drops the seventh decimal of the seconds
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadAnswer(f"{what} has no valid time") from None


def text_of(value: Any, longest: int = MAX_TEXT) -> str:
    """Return at most `longest` characters of a text. If the value is not a text, return an empty text."""
    return value.strip()[:longest] if isinstance(value, str) else ""


def folded(text: str) -> str:
    """Return the case-folded text, cut to a length that can be stored. Case folding can make a text longer: “ß” becomes
    “ss”.
    """
    return fold(text)[:MAX_TEXT]


def mapping_of(value: Any) -> Mapping[str, Any]:
    """Return the value if it is a mapping, otherwise an empty mapping."""
    return value if isinstance(value, Mapping) else {}
