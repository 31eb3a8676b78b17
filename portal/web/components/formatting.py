"""Format values for people: scores, durations and the catalogue's prose."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from assessments.scoring import whole_percent

# Durations between these limits are given in days. Whole weeks or months would be too inexact: 13 days would be "1
# week".
_MIN_IN_DAYS: Final = timedelta(days=2)
_MAX_IN_DAYS: Final = timedelta(days=120)
_DAY: Final = timedelta(days=1)
_UNITS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"))
# This pattern finds a dot or slash between letters or digits, as in a URL or a resource type. A line may end after such
# a character.
_BEFORE_BREAK: Final = re.compile(r"(?<=\w)([./])(?=\w)")


def format_score(score: float | None) -> str:
    """Return a score in whole percent. Halves are rounded up, but a score below 100 is at most 99."""
    if score is None:
        return "unknown"
    return str(whole_percent(score))


def format_thousands(value: object) -> object:
    """Return a whole number with commas, as in ``12,345``. Return any other value unchanged."""
    return f"{value:,}" if type(value) is int else value


def format_breakable(text: str) -> SafeString:
    """Return the text as HTML. In a narrow column, browsers break its lines before @ or after a dot or slash."""
    escaped = str(escape(text))
    return mark_safe(_BEFORE_BREAK.sub(r"\1<wbr>", escaped).replace("@", "<wbr>@"))  # noqa: S308 - escaped above


def format_duration(one: datetime, other: datetime) -> str:
    """Return the time between two moments, in either order: ``3 hours``, ``10 days``, ``5 months``.

    Days are rounded to the nearest number, so 7 days and a few hours are “7 days”, and 6 days and 20 hours too. Other
    units are rounded down. For less than a minute, the text is empty.
    """
    length = abs(other - one)
    if length < _MIN_IN_DAYS:
        # Lists show many durations, and Django's `timesince` takes ten times as long.
        seconds = int(length.total_seconds())
        for size, unit in _UNITS:
            if number := seconds // size:
                return f"{number} {unit}{'' if number == 1 else 's'}"
        return ""
    if length < _MAX_IN_DAYS:
        return f"{round(length / _DAY)} days"
    start, end = sorted((one, other))
    return timesince(start, end, depth=1).replace("\xa0", " ")


def format_prose(text: str) -> SafeString:
    """Return a control's text as HTML paragraphs. Text in backticks becomes code. Each paragraph begins with a
    capital letter.
    """
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    shown = (re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(part)) for part in paragraphs)
    return mark_safe("".join(f"<p>{part[:1].upper()}{part[1:]}</p>" for part in shown))  # noqa: S308 - escaped


# Names that keep their capital letter inside a heading.
_NAMES: Final = frozenset({"Azure", "Entra", "GitHub", "Google", "Microsoft", "Surety"})


def sentence_case(text: str) -> str:
    """Return a heading from another package, such as allauth, in sentence case: ``Change Password`` becomes
    ``Change password``.
    """
    first, *rest = str(text).split() or [""]
    if not first.isupper():
        first = first[:1] + first[1:].lower()
    return " ".join([first, *(word if word in _NAMES or word.isupper() else word.lower() for word in rest)])
