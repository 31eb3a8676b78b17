"""Prepare a table to be shown as a list of cards on phones: add labels and ARIA roles to its rows and cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils.html import escape

# This pattern matches the start tag of a row or cell with its attributes. Templates escape data, so a match is always
# markup.
_TAG: Final = re.compile(r"<(?P<tag>tr|td|th)(?P<attributes>(?:\s[^>]*)?)>(?P<blank>\s*</td>)?")
_COLSPAN: Final = re.compile(r'\bcolspan="(\d+)"')


def as_cards(rows: str, columns: Sequence[str]) -> str:
    """Return the rows with labels: each cell gets the name of its column, if the column has a name.

    On phones, cells are below each other, and browsers no longer treat the rows as a table. So rows and cells get ARIA
    roles, unless they have roles of their own. Blank cells are marked, so that their label is hidden.
    """
    at = 0

    def marked(match: re.Match[str]) -> str:
        nonlocal at
        tag, attributes, blank = match["tag"], match["attributes"], match["blank"] or ""
        if tag == "tr":
            at = 0
            return f"<tr{_role(attributes, 'row')}{attributes}>{blank}"
        added = _role(attributes, "rowheader" if tag == "th" else "cell")
        span = _COLSPAN.search(attributes)
        label = columns[at] if span is None and tag == "td" and at < len(columns) else ""
        if label and "data-label=" not in attributes:
            added += f' data-label="{escape(label)}"'
        if blank:
            added += " data-blank"
        at += int(span[1]) if span else 1
        return f"<{tag}{added}{attributes}>{blank}"

    return _TAG.sub(marked, rows)


def _role(attributes: str, role: str) -> str:
    return "" if "role=" in attributes else f' role="{role}"'
