"""The content of a report as rows of its page. All rows show the data of the signed file, not today's data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from portal.reports.edition import EditionTooLarge, read_edition
from portal.reports.models import Report
from portal.reports.page_content import content_of_edition

# (anchor, title, key of the content without which the section is left out) of each section of the page
PARTS: Final = (
    ("by-section", "Verdicts by section", ""),
    ("by-severity", "Failing by severity", ""),
    ("failing-controls", "Failing controls", "controls"),
    ("report-exceptions", "Exceptions", "exceptions"),
    ("manual-checks", "Manual checks", "answers"),
    ("not-read", "Data that could not be read", "gaps"),
)


def contents(report: Report, content: bytes) -> dict[str, Any] | None:
    """Return the template context for the content of a report. `content` is the report's file.

    It was stored at the build; older reports are read from the file. None if the results inside are too large.
    """
    stored: dict[str, Any] | None = report.page_content
    if stored is None:
        try:
            stored = content_of_edition(read_edition(content))
        except EditionTooLarge:
            return None
    exceptions = [{**row, "ends_at": datetime.fromisoformat(row["ends_at"])} for row in stored["exceptions"]]
    parts = [(anchor, title) for anchor, title, key in PARTS if not key or stored[key]]
    return {
        **stored,
        "parts": parts,
        "as_of": datetime.fromisoformat(stored["as_of"]),
        "exceptions": exceptions,
    }
