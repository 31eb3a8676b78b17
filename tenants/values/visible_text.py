"""Recognise texts that look empty or look like another text. For example, an entered reason needs a visible character.
Letters, numbers, punctuation and symbols are visible, unless Unicode says that they have no glyph. Spaces, control
characters and marks are not visible. A mark only changes the character before it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# The characters with the property Default_Ignorable_Code_Point, which `unicodedata` does not offer. They are the same
# in Unicode 15 to 17. https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
_DEFAULT_IGNORABLE: Final = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# Letters and symbols that count as blank, but lack the property Default_Ignorable_Code_Point: the empty Braille
# pattern, blanks of hieroglyphs, the null notehead, spaces of SignWriting, and two signs for missing content.
_BLANK: Final = frozenset("\u2800\U00013441\U00013442\U0001d159\U0001da7f\U0001da80\ufffc\ufffd")

# Characters that change the order in which the text after them is shown. No language needs them.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_REORDERING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def without_reordering(text: str) -> str:
    """Return the text with U+FFFD (�) instead of characters that reorder the text after them."""
    return _REORDERING.sub("\ufffd", text)


def is_blank(text: str) -> bool:
    """Return whether a text contains no character that somebody can see."""
    return not any(_is_visible(one, "LNPS") for one in text)


def has_letter_or_digit(text: str) -> bool:
    """Return whether a text contains a visible letter or digit of any script. A name must contain such a character."""
    return any(_is_visible(one, "LN") for one in text)


def _is_visible(character: str, categories: str) -> bool:
    return (
        unicodedata.category(character)[0] in categories
        and character not in _BLANK
        and not any(first <= ord(character) <= last for first, last in _DEFAULT_IGNORABLE)
    )
