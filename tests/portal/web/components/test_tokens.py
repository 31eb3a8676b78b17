"""The contrast of the design tokens' colours: each text on each background, in both themes, with and without hover.

WCAG 2.2 defines contrast (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). Level AA requires 4.5 to 1 for text, and
3 to 1 for icons, borders of fields and other parts that people need to see.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = Path(settings.BASE_DIR, "portal", "static", "surety", "tokens.css").read_text(encoding="utf-8")
SURFACES = ("canvas", "surface", "raised", "sunken", "rail", "hover", "selected")
MEANINGS = ("pass", "fail", "warn", "high", "low", "manual", "unknown")
TEXT = [
    *((text, on) for text in ("text", "muted") for on in SURFACES),
    *((text, on) for text in ("faint", "accent") for on in ("canvas", "surface", "raised", "sunken", "rail")),
    *((meaning, on) for meaning in MEANINGS for on in ("canvas", "surface", f"{meaning}-soft", "hover")),
    ("on-accent", "accent-fill"),
    ("on-accent", "accent-fill-hover"),
    ("accent", "accent-soft"),
]
SEEN = [(line, on) for line in ("control-line", "focus") for on in ("canvas", "surface")]


def colour(name: str, theme: int) -> str:
    found = re.search(
        rf"--{name}: (?:light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)|(#[0-9a-f]{{6}}));", TOKENS
    )
    assert found, name
    return found[3] or found[theme + 1]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_has_enough_contrast(theme: int) -> None:
    found = {pair: contrast(*(colour(name, theme) for name in pair)) for pair in TEXT}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_other_elements_have_enough_contrast(theme: int) -> None:
    found = {pair: contrast(*(colour(name, theme) for name in pair)) for pair in SEEN}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < 3} == {}


def test_the_contrast_formula_is_right_for_known_colours() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
