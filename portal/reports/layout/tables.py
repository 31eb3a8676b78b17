"""Widths of the columns of tables, in millimetres."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from portal.reports.layout.line_breaks import Place

_WIDTH: Final = re.compile(r"width:\s*([\d.]+)mm")
# The space in millimetres to the right of a cell's text. To the right of numbers, the style files leave a little more.
_GAP: Final = 2.0


def millimetres(style: str) -> float | None:
    """Return the width in millimetres that a style attribute of the HTML sets, or None."""
    found = _WIDTH.search(style)
    return float(found[1]) if found else None


def column_widths(given: Sequence[float | None], total: float) -> list[float]:
    """Return the widths of all columns. Columns without a given width share the remaining width equally."""
    open_columns = sum(width is None for width in given)
    rest = total - sum(width for width in given if width is not None)
    if open_columns and rest <= 0:
        raise ValueError("The fixed column widths of a table leave no space for its other columns.")
    return [rest / open_columns if width is None else width for width in given]


def cell_place(place: Place) -> Place:
    """Return the space for the text in a cell. `place` is the space of the whole cell."""
    return place.narrower(_GAP)
