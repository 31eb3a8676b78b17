"""Build, sign and verify the report of the demonstration, with the same functions as every other report."""

from __future__ import annotations

import shutil
from pathlib import Path

from portal.demo.seed_database import DEMO
from portal.reports.actions import build_report
from portal.reports.models import Report
from portal.reports.records.installation_trust import installation_trust
from portal.reports.verification.verify import VerificationResult, verify_pdf
from tenants.models import Tenant
from tenants.scope import tenant_scope


class InvalidReport(Exception):
    """The report failed verification. The message has the reasons."""


def write_report(tenant: Tenant, path: Path) -> tuple[Report, VerificationResult]:
    """Build the full report on the customer's newest assessment, copy its file to `path` and verify the copy.

    Raises InvalidReport if the copy is not valid.
    """
    with tenant_scope(tenant.pk):
        report = build_report(tenant=tenant, by=DEMO)
        with report.file.open("rb") as source, path.open("wb") as out:
            shutil.copyfileobj(source, out)
    result = verify_pdf(path.read_bytes(), installation_trust())
    if not result.valid:
        raise InvalidReport(f"The report failed verification: {'; '.join(result.problems)}")
    return report, result
