"""Long lists that show the worst rows and fold the others."""

from __future__ import annotations

from collections.abc import Sequence


def split_worst[Row](rows: Sequence[Row], shown: int) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the first `shown` rows and the rest to fold. If only one row would be folded, it is shown, because the
    fold would be as high as the row.
    """
    if len(rows) <= shown + 1:
        return rows, ()
    return rows[:shown], rows[shown:]
