"""Delete portfolio reports that are older than the retention period, and portfolio reports that name a customer who is
being erased.

The application's role cannot delete reports, so functions of the database delete them (`migrations/0002_final_files`
and later).
"""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from portal.reports.storage import report_storage
from tenants import journal
from tenants.actors import System
from tenants.models import Organization

WORKER: Final = System("retention")


def delete_old(organization: Organization) -> int:
    """Delete the reports that are older than the organization's retention period for reports. Return their number.

    Call inside the organization's scope. The newest report remains, and so do reports with a customer on legal hold.
    """
    files = _call("portfolio_reports_delete_old", organization.pk)
    if files:
        journal.record(
            organization=organization,
            actor=WORKER,
            action="portfolio_report.deleted",
            target=f"organization:{organization.pk}",
            details={"reports": len(files), "because": "retention"},
        )
    return len(files)


def delete_of_erased(organization: Organization, erasure_id: UUID) -> int:
    """Delete the reports that contain the customer of this erasure. Also delete the files of these reports. Return the
    number of reports.
    """
    files = _call("portfolio_reports_erase", organization.pk, erasure_id)
    if files:
        journal.record(
            organization=organization,
            actor=System("erasure worker"),
            action="portfolio_report.deleted",
            target=f"erasure:{erasure_id}",
            details={"reports": len(files), "because": "erasure"},
        )
    return len(files)


def _call(function: str, *arguments: UUID) -> list[str]:
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(arguments))
        cursor.execute(f"SELECT * FROM {function}({marks})", arguments)  # noqa: S608 - a constant
        files = [name for (name,) in cursor.fetchall()]
    for name in filter(None, files):
        transaction.on_commit(partial(report_storage().delete, name))
    return files
