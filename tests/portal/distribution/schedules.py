"""Helpers for tests of report schedules: add a schedule, read its runs and reports, and end the build of a report
without a worker.
"""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.core.files.base import ContentFile

from portal.distribution.actions.schedules import Choices, add_schedule
from portal.distribution.models import ReportRun, ReportSchedule
from portal.reports.models import Report
from tenants.actors import Actor
from tenants.models import Tenant
from tests import factories
from tests.portal.web.report_file import report_file


def choices(**given: Any) -> Choices:
    values: dict[str, Any] = {
        "name": "Monthly report",
        "timetable": "monthly 1 06:00 within 0",
        "kind": "executive",
        "framework": "cis-6.0.0",
        "paper": "",
        "language": "",
        "classification": "Confidential",
        "without_names": False,
        "people": [],
        "addresses": ["it@contoso.example"],
        "label": "",
        **given,
    }
    return cast("Choices", values)


def add(tenant: Tenant, by: Actor = factories.BY, **given: Any) -> ReportSchedule:
    """Add a schedule of a customer, in its scope."""
    with factories.in_tenant(tenant):
        row = add_schedule(place=tenant, by=by, choices=choices(**given))
    assert isinstance(row, ReportSchedule)
    return row


def runs(tenant: Tenant) -> list[ReportRun]:
    """Return the runs of a customer, the oldest first."""
    with factories.in_tenant(tenant):
        return list(ReportRun.objects.filter(tenant=tenant).select_related("tenant").order_by("due_at", "pk"))


def report_of(run: ReportRun) -> Report:
    with factories.in_tenant(run.tenant):
        report = run.report()
    assert report is not None
    return report


def end_build(report: Report, state: str = "ready", error: str = "") -> None:
    """End the build of a report as a worker would, but without rendering, which takes seconds and has its own tests."""
    with factories.in_tenant(report.tenant):
        row = Report.objects.select_related("tenant").get(pk=report.pk)
        if state == "ready":
            content = report_file(row.tenant, row.title)
            row.sha256, row.size, row.level = hashlib.sha256(content).hexdigest(), len(content), "B-B"
            row.file.save(row.file_name, ContentFile(content), save=False)
        row.state, row.error = state, error
        row.save()
