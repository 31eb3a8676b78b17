"""Lay out a report as a tagged PDF: a short report in one run of Typst, a long report in chunks."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

import pikepdf

from portal.reports.layout.chunks import characters_in, chunk_report, chunks_of, front_report
from portal.reports.layout.joining import anchors_by_page, join
from portal.reports.layout.row_headers import tag_row_headers
from portal.reports.layout.typesetting import typeset


@contextmanager
def laid_out(report: Mapping[str, Any], *, created: datetime) -> Iterator[pikepdf.Pdf]:
    """Typeset a report and open its PDF. `report` is the data of `read_document`. Raises TypesettingFailed.

    The processes of Typst run one after the other, so that only one at a time needs memory.
    """
    front, chunks = chunks_of(report)
    characters = characters_in(report) if chunks else ""
    contents = [typeset(chunk_report(report, chunk, characters), created=created) for chunk in chunks]
    pages = [anchors for content in contents for anchors in _anchors(content)]
    first = typeset(front_report(report, front, pages, characters) if chunks else report, created=created)
    with ExitStack() as stack:
        pdf = stack.enter_context(pikepdf.open(io.BytesIO(first)))
        tag_row_headers(pdf, front)
        parts = [stack.enter_context(pikepdf.open(io.BytesIO(content))) for content in contents]
        for number, (part, chunk) in enumerate(zip(parts, chunks, strict=True)):
            tag_row_headers(part, chunk.blocks, prefix=f"C{number}")
        if parts:
            join(pdf, parts)
        yield pdf


def _anchors(content: bytes) -> list[list[str]]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return anchors_by_page(pdf)
