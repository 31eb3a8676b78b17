"""The content of a report as rows of its page. All rows are those of the signed file, not today's data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.reports.edition import EditionTooLarge, read_edition
from portal.reports.models import Report
from portal.reports.page_content import content_of_edition


def contents(report: Report, content: bytes) -> dict[str, Any] | None:
    """Return the context of the page of a report with this file. None: the results inside the file are too large.

    The content was stored when the report was built. The file itself is read only if an older version of Surety built
    the report.
    """
    stored: dict[str, Any] | None = report.page_content
    if stored is None:
        try:
            stored = content_of_edition(read_edition(content))
        except EditionTooLarge:
            return None
    exceptions = [{**row, "ends_at": datetime.fromisoformat(row["ends_at"])} for row in stored["exceptions"]]
    return {**stored, "as_of": datetime.fromisoformat(stored["as_of"]), "exceptions": exceptions}
