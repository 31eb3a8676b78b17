"""The findings that match the filters, from all pages, as a file."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse

from portal.queries.findings.export import export_rows, with_exported_columns
from portal.spreadsheets import csv_chunks, write_xlsx
from portal.web.findings.request import FindingsRequest
from portal.web.shared.visible import unit_names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching findings as CSV, streamed."""
    asked, rows = _rows(request, slug)
    response = StreamingHttpResponse(csv_chunks(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(asked)}.csv"'
    return response


def as_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching findings as a workbook."""
    asked, rows = _rows(request, slug)
    # A workbook cannot be streamed, so it is completed on disk first.
    file = tempfile.TemporaryFile(prefix="surety-export-")  # noqa: SIM115 - the response closes it
    try:
        write_xlsx(rows, file, "Findings")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{_file_name(asked)}.xlsx", content_type=XLSX)


def _rows(request: HttpRequest, slug: str) -> tuple[FindingsRequest, Any]:
    asked = FindingsRequest.parse(request, slug)
    found = with_exported_columns(asked.matching(), asked.now)
    return asked, export_rows(found, asked.tenant, unit_names(asked.tenant))


def _file_name(asked: FindingsRequest) -> str:
    return f"findings-{asked.tenant.slug}-{asked.now:%Y-%m-%d}"
