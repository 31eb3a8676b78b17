"""The templates as source."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MAX_LINE = 120


def test_no_line_is_longer_than_120_characters() -> None:
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 100
    long = [
        f"{template.relative_to(ROOT)}:{number}: {len(line)} characters"
        for template in templates
        for number, line in enumerate(template.read_text().splitlines(), start=1)
        if len(line) > MAX_LINE
    ]
    assert long == []
