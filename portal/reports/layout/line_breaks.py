"""Compute where words that are wider than their column may break, and how many lines a text takes at most.

Typst breaks lines only between words, but an id, hash or URL can be too wide. Widths are read from the product's fonts:
if Typst measured the widths, it would lay out each cell twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

FONTS: Final = Path(__file__).parent.parent / "fonts"
_MILLIMETRES_PER_POINT: Final = 25.4 / 72
# The width in em that is assumed for a character that the font lacks, and the width of each monospaced character.
_WIDEST: Final = 1.0
_FIXED: Final = 0.6002
_LONGEST_WORD: Final = 18
# After these characters, a break looks natural.
_PIECE: Final = re.compile(r"[^/\\.:_\-@?&=,;]*[/\\.:_\-@?&=,;]?")
# Classes that change the size of a text: to a size in points, or to a multiple of the size around the text.
_SIZES: Final[Mapping[str, float]] = {"small": 7.5, "sub": 7.0, "more": 7.5}
_MONO: Final[Mapping[str, float]] = {"mono": 0.88, "id": 0.82}


@dataclass(frozen=True, slots=True)
class Place:
    """The space for a text: its `width` in millimetres, and the `size` of the font in points.

    If `is_mono` is set, all characters of the font have the same width.
    """

    width: float
    size: float
    is_mono: bool = False

    def narrower(self, millimetres: float) -> Place:
        """Return a narrower space. `millimetres` is the padding on both sides together."""
        return replace(self, width=self.width - millimetres)

    def styled(self, classes: list[str]) -> Place:
        """Return the space with the size and kind of font that a text with these classes has."""
        place = self
        for name in classes:
            if name in _SIZES:
                place = replace(place, size=_SIZES[name])
        for name in classes:
            if name in _MONO:
                place = replace(place, size=place.size * _MONO[name], is_mono=True)
        return place

    def measured(self, text: str) -> float:
        """Return the width of the text in millimetres. The text is measured in bold, except in the monospaced font."""
        return _ems(text, self.is_mono) * self.size * _MILLIMETRES_PER_POINT

    def pieces(self, word: str) -> list[str]:
        """Split the word into pieces. A line may break after each piece. A word that fits on a line is one piece.

        A short word of letters is one piece too, even if its computed width is too large: the width is computed for
        bold text, which is wider than most text.
        """
        if self.measured(word) <= self.width or (
            len(word) <= _LONGEST_WORD and word.strip(",.;:()").isalpha()
        ):
            return [word]
        found = []
        for piece in filter(None, _PIECE.findall(word)):
            found.extend([piece] if self.measured(piece) <= self.width else list(piece))
        return found

    def lines(self, characters: int) -> int:
        """Return how many lines a text of this many characters takes at most."""
        per_line = max(1, int(self.width / (0.62 * self.size * _MILLIMETRES_PER_POINT)))
        return math.ceil(characters / per_line)


def _ems(text: str, is_mono: bool) -> float:
    if is_mono:
        return len(text) * _FIXED
    advances = _advances()
    return sum(advances.get(ord(character), _WIDEST) for character in text)


@cache
def _advances() -> dict[int, float]:
    """Return {character: its width in em} of the bold font, which is wider than the regular font."""
    font = TTFont(FONTS / "LiberationSans-Bold.ttf")
    em, widths = font["head"].unitsPerEm, font["hmtx"]
    return {character: widths[glyph][0] / em for character, glyph in font.getBestCmap().items()}
