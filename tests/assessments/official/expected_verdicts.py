"""The verdicts on Microsoft's example bodies, as `expected/` lists them."""

from __future__ import annotations

from collections.abc import Iterator
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
