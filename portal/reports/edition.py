"""Read a signed report in order to show it on a page: the results inside the file, and its headings with their page
numbers.

Use this module only for files that this installation has signed and whose SHA-256 equals the recorded hash. Other
files are parsed in a separate process (`portal.reports.pdf_inspection`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import pikepdf

RESULTS: Final = "results.json"


@dataclass(frozen=True, slots=True)
class Heading:
    """A part of the report. `page` is its number in the file, counted from 1."""

    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Edition:
    """The content of a report: `results` as in `results.json`, the headings, and the names of the attachments."""

    results: dict[str, Any]
    headings: list[Heading]
    attachments: list[str]


def read_edition(content: bytes) -> Edition:
    """Read the file of a report that this installation has signed."""
    with pikepdf.open(BytesIO(content)) as pdf:
        results: dict[str, Any] = json.loads(pdf.attachments[RESULTS].get_file().read_bytes())
        with pdf.open_outline() as outline:
            # The whole report is the only entry at the top.
            parts = [part for whole in outline.root for part in whole.children]
            headings = [heading for part in parts if (heading := _heading(part)) is not None]
        return Edition(results, headings, sorted(pdf.attachments))


def _heading(part: pikepdf.OutlineItem) -> Heading | None:
    destination: Any = part.destination
    if not isinstance(destination, Iterable):
        return None
    page = pikepdf.Page(next(iter(destination)))
    # The number of a part is a separate box in the PDF, so that the number and the title are not separated.
    return Heading(part.title.strip().lstrip("0123456789").strip(), page.index + 1)
