"""Prepare the content of a report for its page. The page shows the data of the signed file, not today's data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from portal.reports.edition import EditionTooLarge, read_edition
from portal.reports.models import Report
from portal.reports.page_content import content_of_edition
from portal.treatment.scores import is_known

# (anchor, title, key) of each section of the page. A section with a key is left out if the content has nothing under
# this key.
PARTS: Final = (
    ("by-section", "Verdicts by section", ""),
    ("by-severity", "Failing by severity", ""),
    ("failing-controls", "Failing controls", "controls"),
    ("report-exceptions", "Exceptions", "exceptions"),
    ("manual-checks", "Manual checks", "answers"),
    ("not-read", "Data that could not be read", "gaps"),
)


def contents(report: Report, content: bytes) -> dict[str, Any] | None:
    """Return the template context of the page that shows the content of a report. `content` is the report's file.

    The data of the page were stored when the report was built. For older reports, which have no stored data, the
    function reads the data from the file. If the data in the file are too large, return None.
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
        "is_known": is_known({"score": stored["score"], "counts": stored["total"]}),
        "parts": parts,
        "as_of": datetime.fromisoformat(stored["as_of"]),
        "exceptions": exceptions,
    }
