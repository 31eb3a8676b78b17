"""Write the evidence bundle of a report, a ZIP file with the signed PDF and the content of all evidence that the PDF
cites.

The PDF contains the results and the manifest, which states the hash of each piece of evidence. So the signature of the
PDF also protects the evidence, and the bundle can be written at any time after the report was built.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import batched
from typing import Any, Final

import pikepdf

from portal.reports.facts.evidence import stored_evidence
from portal.reports.models import Report
from portal.reports.reperformance.inputs import JUDGING
from tenants import journal
from tenants.actors import Actor
from tenants.errors import Refusal

PDF: Final = "report.pdf"
EVIDENCE: Final = "evidence.jsonl"
README: Final = "README.txt"
MANIFEST: Final = "evidence-manifest.json"
# The maximum size, in bytes, of a manifest that a web server reads. This size is enough for some 50,000 pieces of
# evidence.
MAX_IN_BROWSER: Final = 16 * 2**20
_BATCH: Final = 500
# The earliest time that a ZIP file can state. With a fixed time, equal bundles give equal files.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_TEXT: Final = """\
Evidence bundle of a Surety report.

report.pdf      the signed report, with its results and its evidence manifest as attachments
evidence.jsonl  one line per piece of evidence: {"sha256": …, "content": …}

The manifest in the report lists the SHA-256 of each piece of evidence. The SHA-256 is computed from the content as
canonical JSON (sorted keys, no blanks, UTF-8). So the report's signature also covers the evidence.

The bundle contains the evidence of the verdicts of the report's assessment. A change report or a report over a period
also lists earlier verdicts, which this bundle cannot judge again. To judge an earlier verdict again, use the bundle of
a report that was built before the verdict changed.

To judge the evidence again and compare the verdicts with those of the report, without Surety and its database:

    python -m pip install pyhanko
    python surety-verify.pyz BUNDLE.zip --fingerprint SHA256

The page /verify/ of the sender's Surety offers surety-verify.pyz. It needs Python 3.12 or newer. Use the program of the
version of Surety that made the assessment. The report names this version. After an upgrade, the page offers only the
program of the new version.

Ask the sender for the fingerprint of the signing certificate, through another channel than the one through which you
got the bundle.
"""


class NoBundle(Refusal, code="no_evidence_bundle"):
    """The report has no evidence bundle. The message says why and what to do."""


def evidence_bundle(report: Report, content: bytes, by: Actor, most: int | None = None) -> Iterator[bytes]:
    """Return a report's evidence bundle (a ZIP file) piece by piece. Call this in the tenant's scope.

    `content` is the report's file, which the caller has checked. `most` is the maximum size of the manifest in bytes,
    or None for no maximum. The download is recorded in the journal. Raise NoBundle if an older version of Surety built
    the report, if evidence is not stored any more, or if the manifest is too large.
    """
    listed = _listed_evidence(content, most)
    stored = stored_evidence(report.tenant, {bytes.fromhex(sha) for sha in listed}).count()
    if stored < len(listed):
        raise NoBundle(
            f"{len(listed) - stored} of {len(listed)} pieces of evidence of report {report.number} are no longer"
            " stored, so the evidence cannot be judged again. Restore the database from a backup, or build a"
            " new report."
        )
    journal.record(
        tenant=report.tenant,
        actor=by,
        action="report.evidence_exported",
        target=f"report:{report.number}",
        details={"report": report.pk, "items": len(listed)},
    )
    return _zipped(report, content, listed)


def _listed_evidence(content: bytes, most: int | None) -> list[str]:
    """Return the hashes of the evidence that the report's manifest lists, in the order of the manifest."""
    with pikepdf.open(BytesIO(content)) as pdf:
        found = pdf.attachments.get(MANIFEST)
        if found and most is not None and found.get_file().size > most:
            raise NoBundle(
                "This report cites too much evidence for a download in the browser. Ask the operator to run “manage.py"
                " export_bundle”."
            )
        manifest: Mapping[str, Any] = json.loads(found.get_file().read_bytes()) if found else {}
    if JUDGING not in manifest:
        raise NoBundle(
            "This report was built by an earlier version of Surety, and lacks the data that are needed to judge its"
            " evidence again. Build a new report on the same assessment."
        )
    return [row["sha256"] for row in manifest["evidence"]]


def _zipped(report: Report, content: bytes, listed: list[str]) -> Iterator[bytes]:
    out = _Pieces()
    with zipfile.ZipFile(out, "w") as archive:  # type: ignore[call-overload]
        archive.writestr(_entry(README), _TEXT)
        yield out.taken()
        with archive.open(_entry(PDF, zipfile.ZIP_STORED), "w") as file:
            file.write(content)
        yield out.taken()
        with archive.open(_entry(EVIDENCE), "w", force_zip64=True) as file:
            for hashes in batched(listed, _BATCH):
                for line in _lines(report, hashes):
                    file.write(line)
                yield out.taken()
    yield out.taken()


def _lines(report: Report, hashes: tuple[str, ...]) -> Iterator[bytes]:
    rows = dict(
        stored_evidence(report.tenant, {bytes.fromhex(sha) for sha in hashes}).values_list(
            "sha256", "content"
        )
    )
    for sha256 in hashes:
        line = {"sha256": sha256, "content": rows[sha256]}
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _entry(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry


class _Pieces:
    """A file object that collects the written bytes until `taken` returns them, so that they can be sent in pieces."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing. The class has this method only because zipfile calls it."""

    def taken(self) -> bytes:
        """Return the bytes written since the last call."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found
