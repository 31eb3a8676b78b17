"""Runs of schedules of portfolio reports, as `portal.distribution.actions.runs` does for reports of customers.

The periodic task calls `run_due` for each organization with something to do. Each step is a transaction of its own.
Times are those of the organization's time zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from assessments.schedules import zone_of
from portal.distribution.actions.notices import SCHEDULER, tell_organization
from portal.distribution.actions.portfolio_deliveries import create_deliveries
from portal.distribution.actions.runs import (
    CATCH_UP_MINUTES,
    LATE_AFTER,
    PROMISE,
    RETRY_AFTER,
    check_runnable,
    missed_starts,
    startable,
)
from portal.distribution.models import PORTFOLIO, OrganizationReportSchedule, PortfolioRun
from portal.distribution.task_names import RUN_PORTFOLIO
from portal.distribution.timetable import parse
from portal.portfolio_reports.actions import request_portfolio
from portal.portfolio_reports.models import PortfolioReport
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, Refusal
from tenants.models import Organization, Person
from tenants.scope import organization_scope

State = PortfolioRun.State


def is_due(organization: Organization) -> bool:
    """Return whether `run_due` has something to do for the organization."""
    now = timezone.now()
    runs = PortfolioRun.objects.filter(organization=organization)
    if runs.filter(startable(now) | _ended()).exists():
        return True
    rows = OrganizationReportSchedule.objects.filter(organization=organization, kind=PORTFOLIO, enabled=True)
    return any(
        row.computed_for != _computed_for(row, organization)
        or (row.next_at is not None and row.next_at <= now)
        for row in rows
    )


def run_due(*, organization_id: UUID) -> None:
    """Create the runs that are due, request their reports, and note the builds that have ended."""
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        rows = OrganizationReportSchedule.objects.filter(
            organization=organization, kind=PORTFOLIO, enabled=True
        ).select_for_update(of=("self",), skip_locked=True)
        for row in rows.order_by("pk"):
            _plan(row, organization)
    with organization_scope(organization_id):
        runs = PortfolioRun.objects.filter(organization=organization_id)
        ended = list(runs.filter(_ended()).order_by("due_at", "pk").values_list("pk", flat=True))
    for pk in ended:
        with organization_scope(organization_id):
            _finish(pk)
    with organization_scope(organization_id):
        runs = PortfolioRun.objects.filter(organization=organization_id)
        rows_to_start = runs.filter(startable(timezone.now())).order_by("start_at", "pk")
        waiting = list(rows_to_start.values_list("pk", flat=True))
    for pk in waiting:
        with organization_scope(organization_id):
            if not _start(pk):
                break  # Too many portfolio reports are being built, so the other runs wait too.


@transaction.atomic
def run_now(*, schedule: OrganizationReportSchedule, by: Person | System) -> PortfolioRun:
    """Start a run of a schedule of portfolio reports now, in addition to the scheduled runs.

    If the last report could not be built and waits for the next attempt, this attempt starts now.

    Raise Conflict if the schedule is paused (`paused`), builds reports of customers (`not_portfolio`), or if a run of
    the schedule waits or is being built (`running`).
    """
    now = timezone.now()
    # With this lock, the second of two simultaneous requests sees the run that the first one has created.
    rows = OrganizationReportSchedule.objects.select_for_update(of=("self",)).select_related("organization")
    row = check_runnable(rows.filter(pk=schedule.pk).first())
    if not row.is_portfolio:
        raise Conflict(
            "This schedule builds a report of each customer. Run it on the page “Report schedules” of a customer.",
            code="not_portfolio",
        )
    runs = PortfolioRun.objects.filter(schedule=row).select_for_update(of=("self",))
    run = runs.filter(state=State.WAITING, retries__gt=0, start_at__gt=now).first()
    if run is not None:
        run.start_at = now
        run.save(update_fields=["start_at"])
    elif runs.filter(state__in=[State.WAITING, State.BUILDING]).exists():
        raise Conflict(
            "A report of this schedule is already waiting or being built. Wait until it is finished.",
            code="running",
        )
    else:
        run = PortfolioRun.objects.create(
            organization=row.organization,
            schedule=row,
            schedule_name=row.name,
            due_at=now,
            start_at=now,
            requested_by=by if isinstance(by, Person) else None,
        )
    _record(run, by, "report_schedule.run_requested", {})
    enqueue(RUN_PORTFOLIO, row.organization_id)
    return run


def _ended() -> Q:
    building = PortfolioReport.objects.filter(
        organization=OuterRef("organization"),
        number=OuterRef("report_number"),
        state=PortfolioReport.State.BUILDING,
    )
    return Q(~Exists(building), state=State.BUILDING)


def _plan(row: OrganizationReportSchedule, organization: Organization) -> None:
    """Compute the next run again if the schedule has changed, or create the run that is due."""
    now = timezone.now()
    if row.computed_for != _computed_for(row, organization):
        _compute(row, organization, now)
        return
    if row.next_at is None or row.next_at > now:
        return
    due_at, start_at = row.next_at, now
    missed: list[datetime] = []
    table = parse(row.timetable)
    if now - due_at > LATE_AFTER:
        missed = missed_starts(table, due_at, now, zone_of(organization), organization.pk)
        delay = table.delay(organization.pk)
        start_at = now + min(delay, delay % timedelta(minutes=CATCH_UP_MINUTES))
    _compute(row, organization, now)
    run, _ = PortfolioRun.objects.get_or_create(
        organization=organization,
        schedule=row,
        due_at=due_at,
        defaults={
            "schedule_name": row.name,
            "start_at": start_at,
            "missed_count": len(missed),
            "missed_from": missed[0] if missed else None,
            "missed_until": missed[-1] if missed else None,
        },
    )
    if missed:
        _tell_missed(run, row)


def _tell_missed(run: PortfolioRun, row: OrganizationReportSchedule) -> None:
    _record(
        run,
        SCHEDULER,
        "report_schedule.missed",
        {"count": run.missed_count, "from": run.missed_from, "until": run.missed_until},
    )
    count = f"{run.missed_count} scheduled portfolio reports were" if run.missed_count > 1 else None
    tell_organization(
        run.organization,
        row.made_by,
        key=f"portfolio-run:{run.pk}:missed",
        title=f"{count or 'A scheduled portfolio report was'} missed: “{row.name}”",
        lines=("No worker was running at the scheduled time. One report is built now instead.",),
    )


def _start(pk: UUID) -> bool:
    """Request the report of a waiting run. Return False if too many portfolio reports are being built."""
    run = _locked(pk, State.WAITING)
    if run is None:
        return True
    row = run.schedule
    if row is None or not row.is_portfolio:
        _fail(run, "The schedule was removed or changed before the report was built.")
        return True
    if not row.enabled:
        return True
    try:
        report = request_portfolio(
            organization=run.organization,
            by=run.requested_by or SCHEDULER,
            label=row.label,
            paper=row.paper,
            language=row.language,
            classification=row.classification,
        )
    except Conflict as error:
        if error.code == "reports_building":
            return False
        _fail(run, error.message)
    except Refusal as error:
        _fail(run, error.message)
    else:
        run.state, run.report_number = State.BUILDING, report.number
        run.save(update_fields=["state", "report_number"])
    return True


def _finish(pk: UUID) -> None:
    """Record that the report of a run was built, or why it was not built."""
    run = _locked(pk, State.BUILDING)
    if run is None:
        return
    report = run.report()
    if report is None:
        _fail(run, f"Portfolio report {run.report_number} was deleted.")
    elif report.state == PortfolioReport.State.BUILDING:
        return
    elif report.state == PortfolioReport.State.READY:
        run.state, run.ended_at, run.error = State.BUILT, timezone.now(), ""
        run.save(update_fields=["state", "ended_at", "error"])
        if not create_deliveries(run, report):
            _tell_nobody(run)
    elif report.state == PortfolioReport.State.CANCELLED:
        _fail(run, f"Portfolio report {report.number} was cancelled.")
    elif run.schedule is None or run.retries >= len(RETRY_AFTER):
        _fail(run, report.error)
    else:
        _retry(run, report.error)


def _retry(run: PortfolioRun, reason: str) -> None:
    """Let a run whose report could not be built wait for the next attempt, which builds another report."""
    run.state, run.error = State.WAITING, reason
    run.start_at = timezone.now() + RETRY_AFTER[run.retries]
    run.retries += 1
    run.save(update_fields=["state", "error", "start_at", "retries"])
    again = f"{run.start_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    _record(
        run,
        SCHEDULER,
        "report_schedule.retried",
        {"report": run.report_number, "error": reason, "again": again},
    )
    if run.retries > 1:
        return  # The person was notified of the first failure, and is notified again after the last one.
    _tell(
        run,
        "retried",
        f"Scheduled portfolio report “{run.schedule_name}” could not be built yet",
        (reason, f"Surety tries again at {again}. {PROMISE}"),
    )


def _tell_nobody(run: PortfolioRun) -> None:
    reason = (
        f"No recipient of the schedule “{run.schedule_name}” may read the report, and no address is confirmed for all"
        " of its customers."
    )
    advice = "Choose recipients, or ask an administrator to confirm the addresses."
    _tell(run, "nobody", f"Portfolio report {run.report_number} was sent to nobody", (reason, advice))


def _fail(run: PortfolioRun, reason: str) -> None:
    run.state, run.error, run.ended_at = State.FAILED, reason, timezone.now()
    run.save(update_fields=["state", "error", "ended_at"])
    _record(run, SCHEDULER, "report_schedule.failed", {"error": reason})
    _tell(run, "failed", f"Scheduled portfolio report “{run.schedule_name}” was not built", (reason,))


def _tell(run: PortfolioRun, what: str, title: str, lines: tuple[str, ...]) -> None:
    person = run.schedule.made_by if run.schedule else run.requested_by
    key = f"portfolio-run:{run.pk}:{what}"
    tell_organization(run.organization, person, key=key, title=title, lines=lines)


def _record(run: PortfolioRun, by: Actor, action: str, details: dict[str, Any]) -> None:
    journal.record(
        organization=run.organization,
        actor=by,
        action=action,
        target=f"reportschedule:{run.schedule_id}",
        details={"name": run.schedule_name, **details},
    )


def _locked(pk: UUID, state: str) -> PortfolioRun | None:
    rows = PortfolioRun.objects.filter(pk=pk, state=state).select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("organization", "schedule__made_by", "requested_by").first()


def _compute(row: OrganizationReportSchedule, organization: Organization, now: datetime) -> None:
    row.next_at = parse(row.timetable).next_start(now, zone_of(organization), organization.pk)
    row.computed_for = _computed_for(row, organization)
    row.save(update_fields=["next_at", "computed_for"])


def _computed_for(row: OrganizationReportSchedule, organization: Organization) -> str:
    return f"{row.timetable} {zone_of(organization).key}"
