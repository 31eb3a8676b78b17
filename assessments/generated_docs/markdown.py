"""Write text, table cells and tables of generated pages as Markdown. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable


def prose(text: str) -> str:
    """Escape text for Markdown, except code in backticks."""
    pieces = text.split("`")
    pieces[::2] = [re.sub(r"([*<>\[\]])", r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces)


def cell(text: str) -> str:
    """Escape text for a cell of a table."""
    return prose(text).replace("|", "\\|").replace("\n", " ")


def markdown_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
