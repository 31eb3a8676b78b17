"""Identify a verified report by customer, kind and period, for people who may see the report."""

from __future__ import annotations

from datetime import UTC

from assessments.frameworks.framework import NAMES
from portal.reports.kinds import KINDS
from portal.reports.models import Report
from portal.reports.records.signed_files import record_of
from tenants.scope import organization_scope
from tenants.selectors import organization_ids


def report_in_scope(sha256: str) -> Report | None:
    """Return the report whose signed file has this SHA-256 now, or had it before a renewal of the archive time stamp.

    Return None if there is no such report in the scope that the caller has opened.
    """
    record = record_of(sha256)
    if record is None:
        return None
    rows = Report.objects.filter(pk=record.report, state=Report.State.READY)
    return rows.select_related("tenant", "assessment").first()


def report_anywhere(sha256: str) -> Report | None:
    """Find a report in the same way as `report_in_scope`, but among the reports of all customers.

    Only commands of the operator may use this function.
    """
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            found = report_in_scope(sha256)
        if found is not None:
            return found
    return None


def identity_facts(report: Report) -> list[tuple[str, str]]:
    """Return the facts that identify a report to the reader, as (label, value).

    The framework and the period are included only for kinds of reports that have them.
    """
    as_of = f"{report.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    facts = [
        ("Customer", report.tenant.name),
        ("Report", f"{report.number}: {report.title}"),
        ("Kind", report.kind_name),
        ("Assessment", f"{report.assessment.number}, as of {as_of}"),
    ]
    if "framework" in KINDS[report.kind].asks:
        facts.append(("Framework", NAMES.get(report.framework, report.framework)))
    if report.period_first and report.period_last:
        facts.append(("Period", f"{report.period_first} to {report.period_last}"))
    return facts
