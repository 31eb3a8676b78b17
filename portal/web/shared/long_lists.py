"""Shorten long lists: show the worst rows, and hide all other rows until the reader opens them."""

from __future__ import annotations

from collections.abc import Sequence


def split_worst[Row](rows: Sequence[Row], shown: int) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the first `shown` rows, and the rows to hide.

    A single row is not hidden, because the button that opens the hidden rows would be as high as this row.
    """
    if len(rows) <= shown + 1:
        return rows, ()
    return rows[:shown], rows[shown:]
