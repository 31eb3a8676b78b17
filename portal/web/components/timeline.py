"""Entries of a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a timeline.

    ``icon`` is the name of an icon, ``role`` a colour role in CSS; ``before`` and ``after`` are the old and the new
    value in words.
    """

    at: datetime
    icon: str
    role: str
    title: str
    before: str = ""
    after: str = ""
    note: str = ""
    who: str = ""
