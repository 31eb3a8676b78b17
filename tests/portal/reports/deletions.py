"""Delete reports as the retention policy does, and keep their records."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from portal.reports.models import Report, SignedReport
from tests import factories
from tests.portal.retention.customers import Customer, sha

HASH = sha("a report")


def delete_report(customer: Customer) -> UUID:
    """Create two reports, and delete the first one with the function of the database, as a run of the retention policy
    does. Return the id of the deleted report.
    """
    assessment = customer.assessment(1, 3000, ["last"])
    report = customer.report(1, 2980, assessment, sha256=HASH)
    customer.report(2, 2979, assessment, sha256=sha("newer"))
    record(report.pk, HASH)
    assert customer.delete("reports", 2900) == 1
    with factories.in_tenant(customer.tenant):
        assert not Report.objects.filter(pk=report.pk).exists()
    return report.pk


def record(pk: UUID, sha256: str, kind: str = "report") -> None:
    SignedReport.objects.create(report=pk, sha256=sha256, kind=kind, level="B-B", signed_at=timezone.now())
