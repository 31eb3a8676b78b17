"""Texts that look empty, although they contain characters. A reason that nobody can see is no reason."""

from __future__ import annotations

import unicodedata
from typing import Final

# Characters that have no glyph, although they are letters, marks or symbols: fillers of Hangul, the empty Braille
# pattern, invisible vowels of Khmer, and marks that only join or vary the letter before them.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc\ufffd"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)


def is_blank(text: str) -> bool:
    """Return whether a text contains only spaces, control characters and other characters that nobody can see."""
    return all(unicodedata.category(one)[0] in "CZ" or one in _INVISIBLE for one in text)
