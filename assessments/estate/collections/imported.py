"""Collections of documents that Surety does not request from Azure, but that people import, such as scan results. A
unit has such a collection only if something was imported for the customer.
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
"""The last imported scan of each machine by each scanner. A document's id is
`{machine id}/imported/vulnerabilityScans/{scanner}`.

The `properties` of a document are `scannedAt`, `file` and `sha256` of the import, `vulnerabilities` as
[{id, title, severity, knownSince}], and `authenticated` if the file states whether the scanner signed in.
"""
