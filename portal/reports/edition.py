"""Read a signed report to show it on a page: results from the embedded `results.json`, headings from the PDF's outline.

The content of the page is stored with new reports (`Report.page_content`). For older reports, this module reads it from
the file. Use this module only for files that this installation has signed, and whose SHA-256 is still the one that is
recorded in the database. Other files are parsed in a separate process (`portal.reports.verification.pdf_inspection`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import pikepdf

RESULTS: Final = "results.json"
MAX_RESULTS: Final = 16 * 2**20
"""The maximum number of bytes of results that the web server reads. Reading them takes several times as much memory."""


class EditionTooLarge(Exception):
    """The file `results.json` in the report has more than MAX_RESULTS bytes."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part of the report. `page` is the number of its page in the file, counted from 1."""

    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Edition:
    """The content of a report: `results` as in `results.json`, and the headings."""

    results: dict[str, Any]
    headings: list[Heading]


def read_edition(content: bytes) -> Edition:
    """Return the results and headings of a report that this installation has signed. The argument `content` is the PDF
    file.

    Raises EditionTooLarge if the results have more than MAX_RESULTS bytes.
    """
    with pikepdf.open(BytesIO(content)) as pdf:
        file = pdf.attachments[RESULTS].get_file()
        if file.size > MAX_RESULTS:
            raise EditionTooLarge
        return Edition(json.loads(file.read_bytes()), headings_of(pdf))


def headings_of(pdf: pikepdf.Pdf) -> list[Heading]:
    """Return the headings of the parts in the outline of a report."""
    # Do not use the outline as a context manager: on exit, pikepdf would write the outline again, without the
    # references to the structure tags.
    outline = pdf.open_outline()
    # The outline has a single entry at the top, for the whole report. The entries of the parts are its
    # children.
    parts = [part for whole in outline.root for part in whole.children]
    return [heading for part in parts if (heading := _heading(part)) is not None]


def _heading(part: pikepdf.OutlineItem) -> Heading | None:
    destination: Any = part.destination
    if not isinstance(destination, Iterable):
        return None
    page = pikepdf.Page(next(iter(destination)))
    # The entry's title begins with the number of the part, with no space after it. Remove the number.
    return Heading(part.title.strip().lstrip("0123456789").strip(), page.index + 1)
