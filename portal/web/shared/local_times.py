"""Show points in time in a customer's time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a text such as ``Fri 2026-11-27 02:37 (Europe/Berlin)``. Return an empty text if `moment` is None."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M} ({zone.key})" if moment else ""
