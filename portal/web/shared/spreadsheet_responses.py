"""Send tables as CSV files and workbooks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import Final

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from portal.files.spreadsheets import csv_chunks, write_xlsx

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_response(rows: Iterable[Sequence[object]], name: str) -> HttpResponseBase:
    """Stream the rows as a CSV file. The first row is the header."""
    response = StreamingHttpResponse(csv_chunks(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_response(rows: Iterable[Sequence[object]], name: str, sheet: str) -> HttpResponseBase:
    """Return the rows as a workbook with one sheet. The first row is the header."""
    # A workbook cannot be streamed, so it is completed on disk first.
    file = tempfile.TemporaryFile(prefix="surety-export-")  # noqa: SIM115 - the response closes it
    try:
        write_xlsx(rows, file, sheet)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=_XLSX)
