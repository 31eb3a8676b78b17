"""Entries of a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """``icon`` and ``role`` are names of icons and CSS roles; ``before`` and ``after`` are words."""

    at: datetime
    icon: str
    role: str
    title: str
    before: str = ""
    after: str = ""
    note: str = ""
    who: str = ""
