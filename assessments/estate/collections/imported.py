"""Collections of documents that people import, such as scan results, and that Surety never requests. A unit has such a
collection only if something was imported for the customer.
"""

from __future__ import annotations

from assessments.estate.collection import Collection, Source

IMPORTED_SCANS = Collection(
    name="imported_scans",
    path="{scope}/imported/vulnerabilityScans",
    permission="",
    title="Imported vulnerability scans",
    api_version="1",
    source=Source.IMPORTED,
)
"""The last imported scan of each machine by each scanner: `{machine id}/imported/vulnerabilityScans/{scanner}`.

`properties`: `scannedAt`; `authenticated` if the file states it; `file` and `sha256` of the import;
`vulnerabilities`: [{id, title, severity, knownSince}].
"""
