"""The accent colour of reports, and its contrast to the white of the pages.

Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from __future__ import annotations

import re
from typing import Final

from tenants.errors import invalid

DEFAULT_ACCENT: Final = "#3350c8"
# WCAG 2.2 (1.4.3) requires this contrast for small texts, and reports have small texts in the accent colour.
MIN_CONTRAST: Final = 4.5
_HEX: Final = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")


def clean_accent(text: str) -> str:
    """Return a colour as `#rrggbb`. For an empty text, return the default. Raise InvalidInput if the text is not a
    colour, or if the colour is too light.
    """
    colour = text.strip().lower()
    if not colour:
        return DEFAULT_ACCENT
    if not _HEX.fullmatch(colour):
        raise invalid("accent", "Enter a colour as six hexadecimal digits, such as #3350c8.")
    if len(colour) == 4:
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    if (found := contrast_to_white(colour)) < MIN_CONTRAST:
        raise invalid(
            "accent",
            f"Text in {colour} would be hard to read on white, because the contrast is only {found:.1f} to 1. At"
            f" least {MIN_CONTRAST} to 1 is needed. Use a darker colour, such as {_darker(colour)}.",
        )
    return colour


def contrast_to_white(colour: str) -> float:
    """Return the contrast ratio of `#rrggbb` to white, from 1 to 21."""
    red, green, blue = (_linear(value / 255) for value in _channels(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def _darker(colour: str) -> str:
    """Return the lightest shade of the colour with sufficient contrast."""
    for percent in range(99, 0, -1):
        shade = "#" + "".join(f"{value * percent // 100:02x}" for value in _channels(colour))
        if contrast_to_white(shade) >= MIN_CONTRAST:
            return shade
    return "#000000"
