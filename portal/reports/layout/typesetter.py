"""The child process that typesets a report: it reads JSON from standard input, and writes the PDF.

Typst caches everything that it has laid out. If Typst ran in a worker process, the cache would grow with each report.
So `portal.reports.layout.typesetting` starts this script, with limits of memory and time, without Django, and without
the environment variables of the parent process. Typst reads the style files and fonts of the product, but nothing from
the network.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "typst"
FONTS: Final = Path(__file__).parent.parent / "fonts"
STANDARDS: Final = ("a-3a", "ua-1")
PICTURE_PPI: Final = 110
# Unicode categories of characters that are never shown: characters without a shape, such as control characters, and
# characters for private use. PDF/A forbids some of them.
_NEVER: Final = ("Cc", "Co", "Cn", "Cs")
_FORBIDDEN: Final = frozenset("\ufeff\ufffe\uffff")
# Characters that all of the product's fonts have, as (first, last) code point: Latin letters, usual punctuation, arrows
# and signs. The fonts are read only if a report has other characters, because reading them takes half of the time for a
# small report.
_USUAL_RANGES: Final = (
    *((0x20, 0x7E), (0xA0, 0x236), (0x2012, 0x2015), (0x2017, 0x2022), (0x2026, 0x2026), (0x2039, 0x203A)),
    *((0x20AC, 0x20AC), (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2264, 0x2265)),
)
USUAL: Final = frozenset(chr(number) for first, last in _USUAL_RANGES for number in range(first, last + 1))
# An escape sequence in JSON. For a control character, the first group has its number, such as 001b in \u001b. For a
# backspace (\b), the second group has the b. For all other escape sequences, both groups are empty.
_ESCAPE: Final = re.compile(r"\\(?:u(00[01][0-9a-f])|(b)|.)")


def set_report(report: str, created: datetime, accent: str, output: str = "pdf") -> bytes:
    """Return the PDF of a report. `report` is JSON, as `portal.reports.layout.markup` describes it.

    `accent` is a colour as `#rrggbb`. `output` is pdf, or png for a picture of the first page. PDF/A requires a shape
    for each character, so a character that no font has is replaced by its number, such as U+E000.
    """
    import typst

    report = _without_escaped_controls(report)
    rare = set(report).difference("\n\r\t", USUAL)
    if rare:
        rare -= _covered(FONTS.glob("*.ttf"))
    without_shape = {character for character in rare if _is_never_shown(character)}
    fonts = typst.Fonts(include_system_fonts=bool(rare), include_embedded_fonts=False, font_paths=[FONTS])
    if rare - without_shape:
        found = _covered_by_any(Path(font.path) for font in fonts.fonts() if font.path)
        without_shape |= rare - found
    compiled = partial(_compile, fonts=fonts, created=created, accent=accent, output=output)
    try:
        return compiled(report, without_shape)
    except typst.TypstError:
        if not rare - without_shape:
            raise
        # Typst could not set some rare characters, although a font has them. So write all rare characters as numbers.
        return compiled(report, rare)


def _compile(
    report: str, without_shape: set[str], *, fonts: Any, created: datetime, accent: str, output: str
) -> bytes:
    import typst

    shown = report.translate({ord(character): f"U+{ord(character):04X}" for character in without_shape})
    kept: dict[str, Any] = {
        "root": FOLDER,
        "font_paths": fonts,
        "ignore_system_fonts": True,
        "sys_inputs": {"report": shown, "accent": accent},
        "timestamp": created.replace(microsecond=0),
    }
    if output == "png":
        pages = typst.compile(FOLDER / "report.typ", format="png", ppi=PICTURE_PPI, **kept)
        picture: bytes = pages if isinstance(pages, bytes) else pages[0]
        return picture
    content: bytes = typst.compile(FOLDER / "report.typ", pdf_standards=list(STANDARDS), **kept)
    return content


def _without_escaped_controls(report: str) -> str:
    """Return the JSON with its control characters replaced by their numbers, for example U+001B. Tabs, form feeds and
    ends of lines are not replaced.
    """
    if "\\u00" not in report and "\\b" not in report:
        return report  # Return early, because almost no report has control characters.
    return _ESCAPE.sub(_number_of_control, report)


def _number_of_control(escape: re.Match[str]) -> str:
    number, backspace = escape.groups()
    return "U+0008" if backspace else f"U+{number.upper()}" if number else escape[0]


def _is_never_shown(character: str) -> bool:
    return unicodedata.category(character) in _NEVER or character in _FORBIDDEN


def _covered(paths: Iterable[Path]) -> set[str]:
    """Return the characters that all of the product's fonts have."""
    from fontTools.ttLib import TTFont

    found = [{chr(number) for number in TTFont(path, lazy=True).getBestCmap()} for path in paths]
    return {character for character in set.intersection(*found) if not _is_never_shown(character)}


def _covered_by_any(paths: Iterable[Path]) -> set[str]:
    from fontTools.ttLib import TTCollection, TTFont

    found: set[str] = set()
    for path in sorted(set(paths)):
        fonts = (
            TTCollection(path).fonts if path.suffix.lower() in (".ttc", ".otc") else [TTFont(path, lazy=True)]
        )
        for font in fonts:
            found.update(map(chr, font.getBestCmap() or {}))
    return found


if __name__ == "__main__":
    import typst

    try:
        pdf = set_report(
            sys.stdin.buffer.read().decode(), datetime.fromisoformat(sys.argv[1]), *sys.argv[2:4]
        )
    except typst.TypstError as error:
        sys.exit(error.diagnostic)
    sys.stdout.buffer.write(pdf)
