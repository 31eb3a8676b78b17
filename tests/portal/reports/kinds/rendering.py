"""Render a report of a kind. To save seconds, the report is not signed."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import pikepdf

from portal.reports.actions import request_report
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.create import Choices
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from portal.reports.parts.part import ReportFacts
from portal.reports.render import render
from tenants.models import Tenant
from tests import factories


@dataclass(frozen=True)
class Rendered:
    """An unsigned report with its facts. `results` is the content of `results.json`."""

    report: Report
    facts: ReportFacts
    content: bytes
    pages: int
    files: dict[str, bytes]

    @property
    def results(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.files["results.json"])
        return found

    def size(self) -> tuple[float, float]:
        """Return width and height of the first page, in points."""
        with pikepdf.open(io.BytesIO(self.content)) as pdf:
            _, _, width, height = map(float, pdf.pages[0].mediabox)
            return width, height

    def text(self, folder: Path) -> str:
        """Return the text of all pages with single blanks, in the order in which people read tables."""
        path = folder / f"{self.report.kind}.pdf"
        path.write_bytes(self.content)
        done = subprocess.run(
            ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
        )
        return " ".join(done.stdout.split())


def rendered(tenant: Tenant, **choices: Unpack[Choices]) -> Rendered:
    """Render a report of the customer, in whose scope the test runs."""
    report = request_report(tenant=tenant, by=factories.BY, **choices)
    facts, files = attach(
        gather_facts(report, ensure_signing_identity()), tenant, unit_manifests(report.assessment)
    )
    done = render(facts, files)
    # Cancel the report. No worker will build it, and a customer may have only a limited number of waiting reports.
    Report.objects.filter(pk=report.pk).update(state=Report.State.CANCELLED)
    return Rendered(report, facts, done.content, done.pages, {file.name: file.content for file in files})
