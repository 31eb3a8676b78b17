"""The verdicts on Microsoft's example bodies, as `expected/` lists them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield (control, subject, outcome, comment) of each line of the files of `expected/`."""
    for file in sorted((Path(__file__).parent / "expected").glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row, _, comment = line.partition("  # ")
            head, _, subjects = row.partition(": ")
            slug, outcome = head.split()
            for subject in subjects.split():
                yield slug, subject, outcome, comment


def expected() -> dict[tuple[str, str], str]:
    return {(slug, subject): outcome for slug, subject, outcome, _ in rows()}


def undecidable() -> set[tuple[str, str]]:
    """Return (control, subject) of the verdicts that even a person cannot decide."""
    return {(slug, subject) for slug, subject, outcome, _ in rows() if outcome == "unknown"}


def as_lines(verdicts: Iterable[tuple[tuple[str, str], str]]) -> str:
    """Return verdicts as lines of the files of `expected/`."""
    ordered = sorted((slug, outcome, subject) for (slug, subject), outcome in verdicts)
    grouped = groupby(ordered, key=lambda row: row[:2])
    return "\n".join(
        f"{slug} {outcome}: {' '.join(row[2] for row in rows)}" for (slug, outcome), rows in grouped
    )
