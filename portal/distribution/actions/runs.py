"""Runs that build reports of customers, at the times of their schedules or after assessments."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from assessments.models import Assessment
from assessments.presentation.extent import Extent
from portal.distribution.actions.deliveries import create_deliveries
from portal.distribution.actions.notices import SCHEDULER, notify_responsible
from portal.distribution.actions.run_queue import RETRY_AFTER, RunQueue
from portal.distribution.models import ReportRun, ReportSchedule
from portal.distribution.task_names import RUN
from portal.distribution.timetable import parse
from portal.reports.actions import request_report
from portal.reports.models import Report
from tenants.actors import System
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

__all__ = ["RETRY_AFTER", "is_due", "run_due", "run_now"]

_NEVER: Final = "off"


class _Customers(RunQueue[ReportRun, ReportSchedule, Tenant]):
    """The queue of runs that build reports of customers."""

    runs = ReportRun
    schedules = ReportSchedule
    reports = Report
    owner = "tenant"
    related = ("tenant__organization",)
    task = RUN
    report_noun = "report"
    prefix = "report-run"
    removed_reason = "The schedule was removed before the report was built."
    no_recipient_reason = (
        "The schedule “{name}” has no recipient who may read the report, and no confirmed address."
    )

    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        return tenant_scope(owner_id)

    def load(self, owner_id: UUID) -> Tenant:
        return Tenant.objects.select_related("organization").get(pk=owner_id)

    def request(self, run: ReportRun, row: ReportSchedule) -> Report:
        return request_report(
            tenant=run.tenant,
            by=run.requested_by or SCHEDULER,
            assessment=_unrestricted_assessments(run.tenant).first(),
            kind=row.kind,
            framework=row.framework,
            paper=row.paper,
            language=row.language,
            classification=row.classification,
            without_names=row.without_names,
        )

    def create_deliveries(self, run: ReportRun, report: Report) -> int:
        return create_deliveries(run)

    def notify(
        self, owner: Tenant, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]
    ) -> None:
        notify_responsible(owner, person, key=key, title=title, lines=lines)

    def suffix(self, owner: Tenant) -> str:
        return f" of {owner.name}"

    def computed_for(self, row: ReportSchedule, owner: Tenant) -> str:
        return _NEVER if owner.is_archived else super().computed_for(row, owner)

    def next_start(self, row: ReportSchedule, owner: Tenant, now: datetime) -> datetime | None:
        return None if owner.is_archived else super().next_start(row, owner, now)

    def reset_trigger(self, row: ReportSchedule, owner: Tenant) -> list[str]:
        """Ignore earlier assessments: a schedule “after each assessment” starts with the next assessment."""
        newest = _unrestricted_assessments(owner).first()
        row.after_number = newest.number if newest else 0
        return ["after_number"]

    def create_triggered_run(self, row: ReportSchedule, owner: Tenant, now: datetime) -> bool:
        assessment = self._new_assessment(row, owner)
        if assessment is None:
            return False
        row.after_number = assessment.number
        row.save(update_fields=["after_number"])
        self.create_run(row, assessment.ended_at or now, now)
        return True

    def is_triggered(self, row: ReportSchedule, owner: Tenant) -> bool:
        return self._new_assessment(row, owner) is not None

    def _new_assessment(self, row: ReportSchedule, tenant: Tenant) -> Assessment | None:
        """Return the newest complete assessment for which the schedule has to build a report. Return None if there is
        no such assessment, or if the schedule does not build reports after assessments.
        """
        if row.computed_for != self.computed_for(row, tenant):
            return None
        if not parse(row.timetable).follows_assessments:
            return None
        newer = _unrestricted_assessments(tenant).filter(number__gt=row.after_number)
        return next((found for found in newer if not Extent.of(found).is_partial), None)


_QUEUE: Final = _Customers()


def is_due(tenant: Tenant) -> bool:
    """Return whether `run_due` has work to do for the customer."""
    return _QUEUE.is_due(tenant)


def run_due(*, tenant_id: UUID) -> None:
    """Create due runs, request their reports, and record the builds that have ended."""
    _QUEUE.run_due(tenant_id)


def run_now(*, schedule: ReportSchedule, by: Person | System) -> ReportRun:
    """Start a run of the schedule now. `RunQueue.run_now` describes this in detail."""
    return _QUEUE.run_now(schedule, by)


def _unrestricted_assessments(tenant: Tenant) -> QuerySet[Assessment]:
    """Return the finished assessments that were not limited to some subscriptions or directories, and whose details are
    still stored. The newest is first.
    """
    rows = Assessment.objects.filter(tenant=tenant, state=Assessment.State.FINISHED, only=[])
    return rows.filter(details_deleted_at__isnull=True).order_by("-number")
