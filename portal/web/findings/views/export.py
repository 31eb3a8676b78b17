"""The findings that the filters show, all pages of them, as a file."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from portal.spreadsheets import csv_chunks, write_xlsx
from portal.web.findings.export import exported, table
from portal.web.findings.rows import ordered
from portal.web.findings.views.findings import Asked
from portal.web.shared.visible import unit_names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked, rows = _rows(request, slug)
    response = StreamingHttpResponse(csv_chunks(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_name(asked)}.csv"'
    return response


def as_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked, rows = _rows(request, slug)
    # The workbook is complete before its first byte is sent; on disk, not in memory.
    file = tempfile.TemporaryFile(prefix="surety-export-")  # noqa: SIM115 - the response closes it
    try:
        write_xlsx(rows, file, "Findings")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{_name(asked)}.xlsx", content_type=XLSX)


def _rows(request: HttpRequest, slug: str) -> tuple[Asked, Any]:
    asked = Asked.of(request, slug)
    found = ordered(asked.chosen.apply(asked.visible), asked.address.sort, asked.tenant, asked.now)
    return asked, table(exported(found, asked.now), asked.tenant, unit_names(asked.tenant))


def _name(asked: Asked) -> str:
    return f"findings-{asked.tenant.slug}-{timezone.now():%Y-%m-%d}"
