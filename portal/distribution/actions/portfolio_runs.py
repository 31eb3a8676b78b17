"""Runs that build portfolio reports, at the times of their schedules in the organization's time zone."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from portal.distribution.actions.notices import SCHEDULER, notify_responsible_of_portfolio
from portal.distribution.actions.portfolio_deliveries import create_deliveries
from portal.distribution.actions.run_queue import RunQueue
from portal.distribution.models import PORTFOLIO, OrganizationReportSchedule, PortfolioRun
from portal.distribution.task_names import RUN_PORTFOLIO
from portal.portfolio_reports.actions import request_portfolio
from portal.portfolio_reports.models import PortfolioReport
from tenants.actors import System
from tenants.models import Organization, Person
from tenants.scope import organization_scope


class _Organizations(RunQueue[PortfolioRun, OrganizationReportSchedule, Organization]):
    """The queue of runs that build portfolio reports."""

    runs = PortfolioRun
    schedules = OrganizationReportSchedule
    reports = PortfolioReport
    owner = "organization"
    related = ("organization",)
    task = RUN_PORTFOLIO
    report_noun = "portfolio report"
    prefix = "portfolio-run"
    removed_reason = "The schedule was removed or changed before the report was built."
    not_runnable_reason = (
        "This schedule builds a report for each customer separately. Run the schedule on the page “Report schedules”"
        " of a customer."
    )
    no_recipient_reason = (
        "The schedule “{name}” has no recipient who may read the report, and no address that is confirmed for all"
        " customers of the report."
    )

    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        return organization_scope(owner_id)

    def load(self, owner_id: UUID) -> Organization:
        return Organization.objects.get(pk=owner_id)

    def enabled(self, owner: Organization) -> QuerySet[OrganizationReportSchedule]:
        return super().enabled(owner).filter(kind=PORTFOLIO)

    def is_runnable(self, row: OrganizationReportSchedule) -> bool:
        return row.is_portfolio

    def request(self, run: PortfolioRun, row: OrganizationReportSchedule) -> PortfolioReport:
        return request_portfolio(
            organization=run.organization,
            by=run.requested_by or SCHEDULER,
            label=row.label,
            paper=row.paper,
            language=row.language,
            classification=row.classification,
        )

    def create_deliveries(self, run: PortfolioRun, report: PortfolioReport) -> int:
        return create_deliveries(run, report)

    def notify(
        self, owner: Organization, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]
    ) -> None:
        notify_responsible_of_portfolio(owner, person, key=key, title=title, lines=lines)


_QUEUE: Final = _Organizations()


def is_due(organization: Organization) -> bool:
    """Return whether `run_due` has work to do for the organization."""
    return _QUEUE.is_due(organization)


def run_due(*, organization_id: UUID) -> None:
    """Create due runs, request their reports, and record the builds that have ended."""
    _QUEUE.run_due(organization_id)


def run_now(*, schedule: OrganizationReportSchedule, by: Person | System) -> PortfolioRun:
    """Start a run of a schedule of portfolio reports now. `RunQueue.run_now` describes this in detail.

    Also raise Conflict if the schedule builds reports of customers (`not_portfolio`).
    """
    return _QUEUE.run_now(schedule, by)
