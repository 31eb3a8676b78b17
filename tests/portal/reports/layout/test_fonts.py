"""Reports use the product's own fonts. Only characters that these fonts lack are shown in fonts of the host."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.reports.layout.typesetter import FONTS, USUAL, _covered
from portal.reports.render import render_document
from tests.portal.reports.layout.embedded_fonts import fonts

OWN = {"LiberationSans", "LiberationSans-Bold", "LiberationMono", "LiberationMono-Bold"}


def document(text: str) -> bytes:
    html = (
        f'<html lang="en"><head><title>Fonts</title></head><body><h1>Fonts</h1><p>Text {text}'
        '<span class="mono">code <strong>bold</strong></span></p></body></html>'
    )
    return render_document(html, created=datetime.now(UTC)).content


def text_of(content: bytes, path: Path) -> str:
    path.write_bytes(content)
    return subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout


def test_all_fonts_of_the_product_have_the_usual_characters() -> None:
    """If a report has only characters in `USUAL`, Surety does not check that the fonts have them."""
    assert "ß" in USUAL
    assert set() == USUAL - _covered(FONTS.glob("*.ttf"))


def test_the_product_s_fonts_are_embedded() -> None:
    assert fonts(document("")) == OWN


@pytest.mark.parametrize(
    "character",
    ["\ue000", "\U000f0000", "\ufeff", "\U0001faff", "\u0378", "\x01", "\b", "\x0e", "\x1b", "\x1f", "\x7f"],
)
def test_a_character_without_a_shape_is_written_as_its_number(character: str, tmp_path: Path) -> None:
    """PDF/A forbids characters without a shape, so Typst refuses them."""
    text = text_of(document(f"before{character}after"), tmp_path / "fonts.pdf")
    assert "before" in text
    assert "after" in text
    assert f"U+{ord(character):04X}" in text


def test_a_form_feed_is_a_blank_in_texts_and_ends_a_line_in_code(tmp_path: Path) -> None:
    text = text_of(document("before\fafter</p><pre>first\fsecond</pre><p>"), tmp_path / "fonts.pdf")
    assert "before after" in text
    assert "first\nsecond" in text
    assert "U+000C" not in text


@pytest.mark.parametrize(
    "text",
    [
        '#import "/etc/hostname"',
        "*bold* _it_ $x$ @ref <label> // comment",
        '#read("/etc/hostname")',
        "\\u{41}",
        "\\u001b \\b",
    ],
)
def test_text_is_never_markup(text: str, tmp_path: Path) -> None:
    from html import escape

    assert text in text_of(document(escape(text)), tmp_path / "fonts.pdf")
