"""Runs of schedules: create them when they are due, request their reports, and note how the builds ended.

The periodic task calls `run_due` for each customer with something to do. Each step is a transaction of its own, so that
a report that cannot be built does not stop the others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.extent import Extent
from assessments.models import Assessment
from assessments.schedules import zone_of
from portal.distribution.actions.deliveries import create_deliveries
from portal.distribution.actions.notices import SCHEDULER, tell
from portal.distribution.actions.schedules import Schedule
from portal.distribution.models import ReportRun, ReportSchedule
from portal.distribution.task_names import RUN
from portal.distribution.timetable import ReportTimetable, parse
from portal.reports.actions import request_report
from portal.reports.models import Report
from tenants import journal
from tenants.actors import System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, Refusal
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

# The periodic task runs once a minute. If it notices a run later than this, the run counts as missed.
LATE_AFTER: Final = timedelta(minutes=10)
MAX_MISSED: Final = 1000
# The starts of runs that replace missed runs are spread over this many minutes.
CATCH_UP_MINUTES: Final = 60
# The waiting times before a failed build is tried again. The time-stamp authority or the vault with the signing key can
# be unavailable for some hours.
RETRY_AFTER: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4))
PROMISE: Final = f"After {len(RETRY_AFTER)} more failures, Surety gives up and sends another message."
_OFF: Final = "off"
State = ReportRun.State


def is_due(tenant: Tenant) -> bool:
    """Return whether `run_due` has something to do for the customer."""
    now = timezone.now()
    runs = ReportRun.objects.filter(tenant=tenant)
    if runs.filter(startable(now) | _ended()).exists():
        return True
    rows = list(ReportSchedule.objects.filter(tenant=tenant, enabled=True))
    return any(
        row.computed_for != _computed_for(row, tenant) or (row.next_at is not None and row.next_at <= now)
        for row in rows
    ) or any(_new_assessment(row, tenant) for row in rows)


def run_due(*, tenant_id: UUID) -> None:
    """Create the runs that are due, request their reports, and note the builds that have ended."""
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.select_related("organization").get(pk=tenant_id)
        rows = ReportSchedule.objects.filter(tenant=tenant, enabled=True).select_for_update(
            of=("self",), skip_locked=True
        )
        for row in rows.order_by("pk"):
            _plan(row, tenant)
    with tenant_scope(tenant_id):
        runs = ReportRun.objects.filter(tenant=tenant_id)
        ended = list(runs.filter(_ended()).order_by("due_at", "pk").values_list("pk", flat=True))
    for pk in ended:
        with tenant_scope(tenant_id):
            _finish(pk)
    with tenant_scope(tenant_id):
        runs = ReportRun.objects.filter(tenant=tenant_id)
        waiting = list(runs.filter(startable(timezone.now())).order_by("start_at", "pk").values_list("pk"))
    for (pk,) in waiting:
        with tenant_scope(tenant_id):
            if not _start(pk):
                break  # Too many reports of the customer are being built, so the other runs wait too.


@transaction.atomic
def run_now(*, schedule: ReportSchedule, by: Person | System) -> ReportRun:
    """Start a run of the schedule now, in addition to the scheduled runs. The schedule's recipients get the report.

    If the last report could not be built and waits for the next attempt, this attempt starts now.

    Raise Conflict if the schedule is paused (`paused`), or if a run of the schedule waits or is being built
    (`running`).
    """
    now = timezone.now()
    # With this lock, the second of two simultaneous requests sees the run that the first one has created.
    row = check_runnable(
        ReportSchedule.objects.select_for_update(of=("self",)).filter(pk=schedule.pk).first()
    )
    runs = ReportRun.objects.filter(schedule=row).select_for_update(of=("self",))
    failed = runs.filter(state=State.WAITING, retries__gt=0, start_at__gt=now).first()
    if failed is not None:
        failed.start_at = now
        failed.save(update_fields=["start_at"])
        _record_request(failed, by)
        return failed
    if runs.filter(state__in=[State.WAITING, State.BUILDING]).exists():
        raise Conflict(
            "A report of this schedule is already waiting or being built. Wait until it is finished.",
            code="running",
        )
    run = ReportRun.objects.create(
        tenant=schedule.tenant,
        schedule=schedule,
        schedule_name=schedule.name,
        due_at=now,
        start_at=now,
        requested_by=by if isinstance(by, Person) else None,
    )
    _record_request(run, by)
    return run


def check_runnable[S: Schedule](row: S | None) -> S:
    """Return a schedule that can be run now. Raise Conflict if it was removed or is paused."""
    if row is None:
        raise Conflict(
            "Somebody else has removed this schedule. Open the list of schedules.", code="removed_meanwhile"
        )
    if not row.enabled:
        raise Conflict("The schedule is paused. Resume it first.", code="paused")
    return row


def _record_request(run: ReportRun, by: Person | System) -> None:
    journal.record(
        tenant=run.tenant,
        actor=by,
        action="report_schedule.run_requested",
        target=f"reportschedule:{run.schedule_id}",
        details={"name": run.schedule_name},
    )
    enqueue(RUN, run.tenant_id)


def startable(now: datetime) -> Q:
    """Return the condition for runs that can start.

    Runs of a paused schedule wait until it is resumed. Runs of a removed schedule fail.
    """
    going_on = Q(schedule__isnull=True) | Q(schedule__enabled=True)
    return going_on & Q(state=State.WAITING, start_at__lte=now)


def _ended() -> Q:
    building = Report.objects.filter(
        tenant=OuterRef("tenant"), number=OuterRef("report_number"), state=Report.State.BUILDING
    )
    return Q(~Exists(building), state=State.BUILDING)


def _plan(row: ReportSchedule, tenant: Tenant) -> None:
    """Compute the next run again if the schedule has changed, or create the run that is due."""
    now = timezone.now()
    if row.computed_for != _computed_for(row, tenant):
        newest = _whole_assessments(tenant).first()
        row.after_number = newest.number if newest else 0
        _compute(row, tenant, now)
        return
    if (assessment := _new_assessment(row, tenant)) is not None:
        row.after_number = assessment.number
        row.save(update_fields=["after_number"])
        _create(row, assessment.ended_at or now, now)
        return
    if row.next_at is None or row.next_at > now:
        return
    due_at, start_at = row.next_at, now
    missed: list[datetime] = []
    if now - due_at > LATE_AFTER:
        table = parse(row.timetable)
        missed = missed_starts(table, due_at, now, zone_of(tenant), tenant.pk)
        start_at = now + min(
            table.delay(tenant.pk), table.delay(tenant.pk) % timedelta(minutes=CATCH_UP_MINUTES)
        )
    _compute(row, tenant, now)
    run = _create(row, due_at, start_at, missed)
    if missed:
        _tell_missed(run, row, tenant)


def _create(
    row: ReportSchedule, due_at: datetime, start_at: datetime, missed: list[datetime] | None = None
) -> ReportRun:
    run, _ = ReportRun.objects.get_or_create(
        tenant_id=row.tenant_id,
        schedule=row,
        due_at=due_at,
        defaults={
            "schedule_name": row.name,
            "start_at": start_at,
            "missed_count": len(missed or []),
            "missed_from": missed[0] if missed else None,
            "missed_until": missed[-1] if missed else None,
        },
    )
    return run


def missed_starts(
    table: ReportTimetable, due_at: datetime, now: datetime, zone: ZoneInfo, key: UUID
) -> list[datetime]:
    """Return the runs since `due_at` that were due while no worker was running, the oldest first.

    `key` is the id of the customer or organization.
    """
    at: datetime | None = due_at
    found: list[datetime] = []
    while at is not None and at <= now - LATE_AFTER and len(found) < MAX_MISSED:
        found.append(at)
        at = table.next_start(at, zone, key)
    return found


def _tell_missed(run: ReportRun, row: ReportSchedule, tenant: Tenant) -> None:
    journal.record(
        tenant=tenant,
        actor=SCHEDULER,
        action="report_schedule.missed",
        target=f"reportschedule:{row.pk}",
        details={
            "name": row.name,
            "count": run.missed_count,
            "from": run.missed_from,
            "until": run.missed_until,
        },
    )
    count = f"{run.missed_count} scheduled reports were" if run.missed_count > 1 else "A scheduled report was"
    tell(
        tenant,
        row.made_by,
        key=f"report-run:{run.pk}:missed",
        title=f"{count} missed: “{row.name}” of {tenant.name}",
        lines=("No worker was running at the scheduled time. One report is built now instead.",),
    )


def _start(pk: UUID) -> bool:
    """Request the report of a waiting run. Return False if too many reports of the customer are being built."""
    run = _locked(pk, State.WAITING)
    if run is None:
        return True
    row = run.schedule
    if row is None:
        _fail(run, "The schedule was removed before the report was built.")
        return True
    if not row.enabled:
        return True
    assessment = _whole_assessments(run.tenant).first()
    try:
        report = request_report(
            tenant=run.tenant,
            by=run.requested_by or SCHEDULER,
            assessment=assessment,
            kind=row.kind,
            framework=row.framework,
            paper=row.paper,
            language=row.language,
            classification=row.classification,
            without_names=row.without_names,
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
        _fail(run, f"Report {run.report_number} was deleted.")
    elif report.state == Report.State.BUILDING:
        return
    elif report.state == Report.State.READY:
        run.state, run.ended_at, run.error = State.BUILT, timezone.now(), ""
        run.save(update_fields=["state", "ended_at", "error"])
        if not create_deliveries(run):
            _tell_nobody(run)
    elif report.state == Report.State.CANCELLED:
        _fail(run, f"Report {report.number} was cancelled.")
    elif run.schedule is None or run.retries >= len(RETRY_AFTER):
        _fail(run, report.error)
    else:
        _retry(run, report.error)


def _retry(run: ReportRun, reason: str) -> None:
    """Let a run whose report could not be built wait for the next attempt, which builds another report."""
    run.state, run.error = State.WAITING, reason
    run.start_at = timezone.now() + RETRY_AFTER[run.retries]
    run.retries += 1
    run.save(update_fields=["state", "error", "start_at", "retries"])
    again = f"{run.start_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    journal.record(
        tenant=run.tenant,
        actor=SCHEDULER,
        action="report_schedule.retried",
        target=f"reportschedule:{run.schedule_id}",
        details={"name": run.schedule_name, "report": run.report_number, "error": reason, "again": again},
    )
    if run.retries > 1:
        return  # The person was notified of the first failure, and is notified again after the last one.
    tell(
        run.tenant,
        run.schedule.made_by if run.schedule else run.requested_by,
        key=f"report-run:{run.pk}:retried",
        title=f"Scheduled report “{run.schedule_name}” of {run.tenant.name} could not be built yet",
        lines=(reason, f"Surety tries again at {again}. {PROMISE}"),
    )


def _tell_nobody(run: ReportRun) -> None:
    tell(
        run.tenant,
        run.schedule.made_by if run.schedule else run.requested_by,
        key=f"report-run:{run.pk}:nobody",
        title=f"Report {run.report_number} of {run.tenant.name} was sent to nobody",
        lines=(
            f"No recipient of the schedule “{run.schedule_name}” may read the report, and no address is confirmed.",
            "Choose recipients, or ask an administrator to confirm the addresses.",
        ),
    )


def _fail(run: ReportRun, reason: str) -> None:
    run.state, run.error, run.ended_at = State.FAILED, reason, timezone.now()
    run.save(update_fields=["state", "error", "ended_at"])
    journal.record(
        tenant=run.tenant,
        actor=SCHEDULER,
        action="report_schedule.failed",
        target=f"reportschedule:{run.schedule_id}",
        details={"name": run.schedule_name, "error": reason},
    )
    tell(
        run.tenant,
        run.schedule.made_by if run.schedule else run.requested_by,
        key=f"report-run:{run.pk}:failed",
        title=f"Scheduled report “{run.schedule_name}” of {run.tenant.name} was not built",
        lines=(reason,),
    )


def _locked(pk: UUID, state: str) -> ReportRun | None:
    rows = ReportRun.objects.filter(pk=pk, state=state).select_for_update(of=("self",), skip_locked=True)
    related = ("tenant__organization", "schedule__made_by", "requested_by")
    return rows.select_related(*related).first()


def _compute(row: ReportSchedule, tenant: Tenant, now: datetime) -> None:
    off = tenant.is_archived
    row.next_at = None if off else parse(row.timetable).next_start(now, zone_of(tenant), tenant.pk)
    row.computed_for = _computed_for(row, tenant)
    row.save(update_fields=["next_at", "computed_for", "after_number"])


def _computed_for(row: ReportSchedule, tenant: Tenant) -> str:
    return _OFF if tenant.is_archived else f"{row.timetable} {zone_of(tenant).key}"


def _whole_assessments(tenant: Tenant) -> QuerySet[Assessment]:
    """Return the finished assessments that were not limited to some units, the newest first."""
    rows = Assessment.objects.filter(tenant=tenant, state=Assessment.State.FINISHED, only=[])
    return rows.filter(details_deleted_at__isnull=True).order_by("-number")


def _new_assessment(row: ReportSchedule, tenant: Tenant) -> Assessment | None:
    """Return the newest complete assessment that needs a report of a schedule after assessments."""
    if row.computed_for != _computed_for(row, tenant) or not parse(row.timetable).follows_assessments:
        return None
    newer = _whole_assessments(tenant).filter(number__gt=row.after_number)
    return next((found for found in newer if not Extent.of(found).is_partial), None)
