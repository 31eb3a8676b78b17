"""Export the findings that match the filters as a file. The file has the findings of all pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from portal.queries.findings.export import Exported, export_rows, exported, with_exported_columns
from portal.queries.findings.json_lines import findings_json, json_array
from portal.queries.findings.ocsf import ocsf_events, places_of_units
from portal.web.findings.request import FindingsRequest
from portal.web.shared.spreadsheet_responses import csv_response, xlsx_response
from portal.web.shared.visible import unit_names


def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching findings as CSV, streamed."""
    asked, rows = _rows(request, slug)
    return csv_response(rows, _file_name(asked))


def as_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching findings as a workbook."""
    asked, rows = _rows(request, slug)
    return xlsx_response(rows, _file_name(asked), "Findings")


def as_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching findings as a JSON array, streamed."""
    asked, rows = _exported(request, slug)
    return _streamed(findings_json(rows), f"{_file_name(asked)}.json")


def as_ocsf(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching findings as a JSON array of OCSF events, streamed."""
    asked, rows = _exported(request, slug)
    events = ocsf_events(rows, asked.tenant, places_of_units(asked.tenant))
    return _streamed(json_array(events), f"{_file_name(asked)}.ocsf.json")


def as_oscal(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching findings as OSCAL assessment results, streamed."""
    # Import the classes of OSCAL only here, because the import takes half a second and 30 MB.
    from portal.queries.findings.oscal import oscal_results

    asked, rows = _exported(request, slug)
    pieces = oscal_results(rows, asked.tenant, asked.now, filters=asked.address.text)
    return _streamed(pieces, f"{_file_name(asked)}.oscal.json")


def _streamed(pieces: Iterable[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _exported(request: HttpRequest, slug: str) -> tuple[FindingsRequest, Iterator[Exported]]:
    asked = FindingsRequest.parse(request, slug)
    found = with_exported_columns(asked.matching(), asked.now)
    return asked, exported(found, asked.tenant, unit_names(asked.tenant))


def _rows(request: HttpRequest, slug: str) -> tuple[FindingsRequest, Any]:
    asked = FindingsRequest.parse(request, slug)
    found = with_exported_columns(asked.matching(), asked.now)
    return asked, export_rows(found, asked.tenant, unit_names(asked.tenant))


def _file_name(asked: FindingsRequest) -> str:
    return f"findings-{asked.tenant.slug}-{asked.now:%Y-%m-%d}"
