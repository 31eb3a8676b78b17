"""Compare texts with patterns in which `*` stands for any text. Pure functions.

Customers write these patterns. This module does not convert them to regular expressions, because an expression with
many `.*` could occupy a worker for hours.
"""

from __future__ import annotations

from collections.abc import Sequence


def pieces_of(pattern: str) -> tuple[str, ...]:
    """Return the pieces of a pattern between its stars, in lower case. Spaces before and after the pattern are
    removed.
    """
    return tuple(pattern.strip().casefold().split("*"))


def fits(pieces: Sequence[str], text: str) -> bool:
    """Return whether the pattern with these pieces matches the whole text. Case does not matter.

    The search for each piece begins after the previous piece, so the text is read only once.
    """
    first, *others = pieces
    text = text.strip().casefold()
    if not others:
        return text == first
    *middle, last = others
    begin, end = len(first), len(text) - len(last)
    if begin > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in middle:
        found = text.find(piece, begin, end)
        if found < 0:
            return False
        begin = found + len(piece)
    return True
