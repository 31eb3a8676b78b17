"""Rules for the source text of templates."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAX_LINE = 120
# Comments, tags and variables of templates.
MARKUP = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
STRAIGHT = re.compile(r"\w+(?:'(?:s|t|re|ve|ll)\b|s' )")


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


@pytest.mark.slow(seconds=1)
def test_sentences_of_pages_have_typographic_apostrophes() -> None:
    """The texts of reports are not checked, because they must be equal to the keys of their translations."""
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    texts = {
        str(path.relative_to(ROOT)): MARKUP.sub("", path.read_text())
        for path in pages
        if "reports/pdf" not in path.as_posix()
    }
    for path in (ROOT / "portal" / "web").rglob("*.py"):
        tree = ast.parse(path.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts[str(path.relative_to(ROOT))] = "\n".join(
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        )
    assert {path: found for path, text in texts.items() if (found := STRAIGHT.findall(text))} == {}
