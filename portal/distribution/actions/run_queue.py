"""The queue of scheduled report runs: create due runs, request their reports, and record the results.

The module `runs` implements the queue for reports of customers, and `portfolio_runs` the queue for portfolio reports.
The periodic task calls `run_due` for each owner with due work. Each step is a transaction, so a failing report does not
stop other reports.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.timing.schedules import zone_of
from portal.distribution.actions.notices import SCHEDULER
from portal.distribution.models import OrganizationReportSchedule, PortfolioRun, ReportRun, ReportSchedule
from portal.distribution.timetable import MISSED_AFTER, missed_starts, parse
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.models import Report
from portal.reports.signed_build import SignedBuild
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, Refusal
from tenants.models import Organization, Person, Tenant

MAX_RUNS_PER_HOUR: Final = 10
"""The maximum number of runs of a schedule that people can request in an hour. The limit protects recipients from
unwanted mail, because each run sends a mail to all recipients.
"""
# Runs that replace missed runs are spread over this many minutes.
CATCH_UP_MINUTES: Final = 60
# Delays before a failed build is retried. The time-stamp authority or the key vault can be unavailable for hours.
RETRY_AFTER: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4))
RETRY_LIMIT_NOTE: Final = (
    f"If the build fails {len(RETRY_AFTER)} more times, Surety stops trying and sends another message."
)
State = ReportRun.State

type Owner = Tenant | Organization


class RunQueue[R: (ReportRun, PortfolioRun), S: (ReportSchedule, OrganizationReportSchedule), O: Owner](ABC):
    """The run queue for one kind of owner: a customer, or an organization with its portfolio reports.

    - `owner`: the name of the field for the owner, in schedules, runs and reports
    - `task`: the task that calls `run_due`
    - `related`: the relations that are read with each run
    - `report_noun`: the word for a report in messages
    - `prefix`: the beginning of the keys of notices
    """

    runs: type[R]
    schedules: type[S]
    reports: type[Report | PortfolioReport]
    owner: Literal["tenant", "organization"]
    related: tuple[str, ...]
    task: str
    report_noun: str
    prefix: str
    removed_reason: str
    """The error of a run whose schedule was removed, or no longer belongs to this queue."""
    not_runnable_reason: str = ""
    """The error of `run_now` for a schedule that does not belong to this queue."""
    no_recipient_reason: str
    """The reason that a notice states if nobody got the report; `{name}` is the name of the schedule."""

    @abstractmethod
    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        """Open the scope of the owner in a transaction."""

    @abstractmethod
    def load(self, owner_id: UUID) -> O:
        """Return the owner. The scope of the owner must be open."""

    @abstractmethod
    def request(self, run: R, row: S) -> SignedBuild:
        """Request the report of a run. Raise a Refusal, such as Conflict, if the report cannot be requested."""

    @abstractmethod
    def create_deliveries(self, run: R, report: Any) -> int:
        """Create the mails of a finished report in the outbox. Return their number."""

    @abstractmethod
    def notify(
        self, owner: O, person: Person | None, *, key: str, title: str, lines: tuple[str, ...]
    ) -> None:
        """Send a notice about a run to the person who is responsible for its schedule."""

    def suffix(self, owner: O) -> str:
        """Return the end of a notice’s title that names the owner, such as “ of Contoso”, or an empty text if titles
        need no such end.
        """
        return ""

    def enabled(self, owner: O) -> QuerySet[S]:
        """Return the owner's schedules that are not paused. The scope of the owner must be open."""
        rows: QuerySet[Any] = self.schedules._default_manager.filter(**self.owner_filter(owner), enabled=True)
        return rows

    def computed_for(self, row: S, owner: O) -> str:
        """Return the timetable and the time zone from which the next run is computed."""
        return f"{row.timetable} {zone_of(owner).key}"

    def next_start(self, row: S, owner: O, now: datetime) -> datetime | None:
        """Return the time of the next run, or None if no run will follow."""
        return parse(row.timetable).next_start(now, zone_of(owner), owner.pk)

    def is_runnable(self, row: S) -> bool:
        """Return whether this queue runs the schedule.

        The queue of portfolio reports does not run an organization's other schedules: each customer has a copy of such
        a schedule, and the copies run instead.
        """
        return True

    def reset_trigger(self, row: S, owner: O) -> list[str]:
        """Mark earlier events, such as past assessments, as handled, so that only later events trigger runs of the
        schedule.

        Return the changed fields, which the caller saves.
        """
        return []

    def create_triggered_run(self, row: S, owner: O, now: datetime) -> bool:
        """Create a run if an event, such as a new assessment, has triggered the schedule. Return whether a run was
        created.
        """
        return False

    def is_triggered(self, row: S, owner: O) -> bool:
        """Return whether `create_triggered_run` would create a run."""
        return False

    def owner_filter(self, owner: O | UUID) -> dict[str, Any]:
        return {self.owner: owner}

    def is_due(self, owner: O) -> bool:
        """Return whether `run_due` has work to do."""
        now = timezone.now()
        if self._runs_of(owner).filter(startable(now) | self._build_ended()).exists():
            return True
        rows: list[Any] = list(self.enabled(owner))
        return any(
            row.computed_for != self.computed_for(row, owner)
            or (row.next_at is not None and row.next_at <= now)
            for row in rows
        ) or any(self.is_triggered(row, owner) for row in rows)

    def run_due(self, owner_id: UUID) -> None:
        """Create due runs, request their reports, and record the builds that have ended."""
        with self.scope(owner_id):
            owner = self.load(owner_id)
            rows: QuerySet[Any] = self.enabled(owner).select_for_update(of=("self",), skip_locked=True)
            for row in rows.order_by("pk"):
                self._plan_next_run(row, owner)
        with self.scope(owner_id):
            ended = _ids(self._runs_of(owner_id).filter(self._build_ended()).order_by("due_at", "pk"))
        for pk in ended:
            with self.scope(owner_id):
                self._finish(pk)
        with self.scope(owner_id):
            runs = self._runs_of(owner_id).filter(startable(timezone.now()))
            waiting = _ids(runs.order_by("start_at", "pk"))
        for pk in waiting:
            with self.scope(owner_id):
                if not self._start(pk):
                    break  # The owner has reached its limit of simultaneous builds.

    @transaction.atomic
    def run_now(self, schedule: S, by: Person | System) -> R:
        """Start a run of the schedule now, in addition to its scheduled runs. The recipients of the schedule get the
        report.

        If a failed build is waiting for its next attempt, start that attempt instead. Raise Conflict if the schedule is
        paused (`paused`), has an unfinished run (`running`), or was run `MAX_RUNS_PER_HOUR` times by people in the last
        hour (`run_often`).
        """
        now = timezone.now()
        # If two requests arrive at the same time, this lock lets the second request wait until it can see the run that
        # the first request has created.
        locked: QuerySet[Any] = self.schedules._default_manager.select_for_update(of=("self",))
        row = _runnable(locked.select_related(self.owner).filter(pk=schedule.pk).first())
        if not self.is_runnable(row):
            raise Conflict(self.not_runnable_reason, code="not_portfolio")
        runs = self._rows().filter(schedule=row).select_for_update(of=("self",))
        run: Any = runs.filter(state=State.WAITING, retries__gt=0, start_at__gt=now).first()
        if run is not None:
            run.start_at = now
            run.save(update_fields=["start_at"])
        elif runs.filter(state__in=[State.WAITING, State.BUILDING]).exists():
            raise Conflict(
                "A report of this schedule is already being built or waits to be built. Wait until the report is"
                " finished.",
                code="running",
            )
        else:
            recent = runs.filter(requested_by__isnull=False, due_at__gt=now - timedelta(hours=1))
            if isinstance(by, Person) and len(recent) >= MAX_RUNS_PER_HOUR:
                raise Conflict(
                    f"This schedule was run {MAX_RUNS_PER_HOUR} times in the last hour, which is the maximum. Wait,"
                    " or send the last report again.",
                    code="run_often",
                )
            run = self._rows().create(
                **self.owner_filter(self._owner_of(row)),
                schedule=row,
                schedule_name=row.name,
                due_at=now,
                start_at=now,
                requested_by=by if isinstance(by, Person) else None,
            )
        self._record(run, by, "run_requested", {})
        enqueue(self.task, self._owner_of(row).pk)
        found: R = run
        return found

    def create_run(
        self, row: S, due_at: datetime, start_at: datetime, missed: list[datetime] | None = None
    ) -> R:
        """Create the run of the schedule `row` for the time `due_at`. If the schedule already has a run for this time,
        return that run.
        """
        run, _ = self._rows().get_or_create(
            **{f"{self.owner}_id": getattr(row, f"{self.owner}_id")},
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
        found: R = run
        return found

    def _rows(self) -> QuerySet[Any]:
        return self.runs._default_manager.all()

    def _runs_of(self, owner: O | UUID) -> QuerySet[Any]:
        return self._rows().filter(**self.owner_filter(owner))

    def _owner_of(self, row: Any) -> Any:
        return getattr(row, self.owner)

    def _build_ended(self) -> Q:
        """Return the condition for runs whose build has ended."""
        building = self.reports._default_manager.filter(
            **{self.owner: OuterRef(self.owner)},
            number=OuterRef("report_number"),
            state=SignedBuild.State.BUILDING,
        )
        return Q(~Exists(building), state=State.BUILDING)

    def _plan_next_run(self, row: S, owner: O) -> None:
        """If the schedule has changed, compute the time of its next run again. Otherwise, if a run is due, create
        it.
        """
        now = timezone.now()
        if row.computed_for != self.computed_for(row, owner):
            self._compute_next_run(row, owner, now, *self.reset_trigger(row, owner))
            return
        if self.create_triggered_run(row, owner, now):
            return
        if row.next_at is None or row.next_at > now:
            return
        due_at, start_at = row.next_at, now
        missed: list[datetime] = []
        if now - due_at > MISSED_AFTER:
            table = parse(row.timetable)
            missed = missed_starts(table, due_at, now, zone_of(owner), owner.pk)
            delay = table.delay(owner.pk)
            start_at = now + min(delay, delay % timedelta(minutes=CATCH_UP_MINUTES))
        self._compute_next_run(row, owner, now)
        run = self.create_run(row, due_at, start_at, missed)
        if missed:
            self._notify_missed(run, row, owner)

    def _compute_next_run(self, row: S, owner: O, now: datetime, *changed: str) -> None:
        row.next_at = self.next_start(row, owner, now)
        row.computed_for = self.computed_for(row, owner)
        row.save(update_fields=["next_at", "computed_for", *changed])

    def _notify_missed(self, run: Any, row: S, owner: O) -> None:
        details = {"count": run.missed_count, "from": run.missed_from, "until": run.missed_until}
        self._record(run, SCHEDULER, "missed", details)
        many = run.missed_count > 1
        count = (
            f"{run.missed_count} scheduled {self.report_noun}s were"
            if many
            else f"A scheduled {self.report_noun} was"
        )
        self.notify(
            owner,
            row.made_by,
            key=f"{self.prefix}:{run.pk}:missed",
            title=f"{count} missed: “{row.name}”{self.suffix(owner)}",
            lines=("No worker was running at the scheduled time. Surety builds one report now.",),
        )

    def _start(self, pk: UUID) -> bool:
        """Request the report of a waiting run. Return False if too many reports of the owner are being built."""
        run = self._locked(pk, State.WAITING)
        if run is None:
            return True
        row = run.schedule
        if row is None or not self.is_runnable(row):
            self._fail(run, self.removed_reason)
            return True
        if not row.enabled:
            return True
        try:
            report = self.request(run, row)
        except Conflict as error:
            if error.code == "reports_building":
                return False
            self._fail(run, error.message)
        except Refusal as error:
            self._fail(run, error.message)
        else:
            run.state, run.report_number = State.BUILDING, report.number
            run.save(update_fields=["state", "report_number"])
        return True

    def _finish(self, pk: UUID) -> None:
        """Record that the report of a run was built, or why it was not built."""
        run = self._locked(pk, State.BUILDING)
        if run is None:
            return
        report, noun = run.report(), self.report_noun.capitalize()
        if report is None:
            self._fail(run, f"{noun} {run.report_number} was deleted.")
        elif report.state == SignedBuild.State.BUILDING:
            return
        elif report.state == SignedBuild.State.READY:
            run.state, run.ended_at, run.error = State.BUILT, timezone.now(), ""
            run.save(update_fields=["state", "ended_at", "error"])
            if not self.create_deliveries(run, report):
                self._notify_no_recipient(run)
        elif report.state == SignedBuild.State.CANCELLED:
            self._fail(run, f"{noun} {report.number} was cancelled.")
        elif run.schedule is None or run.retries >= len(RETRY_AFTER):
            self._fail(run, report.error)
        else:
            self._retry(run, report.error)

    def _retry(self, run: Any, reason: str) -> None:
        """Schedule the next attempt of a run whose report could not be built. The next attempt builds a new report."""
        run.state, run.error = State.WAITING, reason
        run.start_at = timezone.now() + RETRY_AFTER[run.retries]
        run.retries += 1
        run.save(update_fields=["state", "error", "start_at", "retries"])
        again = f"{run.start_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        details = {"report": run.report_number, "error": reason, "again": again}
        self._record(run, SCHEDULER, "retried", details)
        if run.retries > 1:
            return  # The responsible person is notified only of the first and last failure.
        lines = (reason, f"Surety tries again at {again}. {RETRY_LIMIT_NOTE}")
        self._notify(run, "retried", f"{self._scheduled(run)} could not be built yet", lines)

    def _fail(self, run: Any, reason: str) -> None:
        run.state, run.error, run.ended_at = State.FAILED, reason, timezone.now()
        run.save(update_fields=["state", "error", "ended_at"])
        self._record(run, SCHEDULER, "failed", {"error": reason})
        self._notify(run, "failed", f"{self._scheduled(run)} was not built", (reason,))

    def _notify_no_recipient(self, run: Any) -> None:
        noun = self.report_noun.capitalize()
        title = f"{noun} {run.report_number}{self.suffix(self._owner_of(run))} was sent to nobody"
        reason = self.no_recipient_reason.format(name=run.schedule_name)
        advice = "Choose recipients, or ask an administrator to confirm the addresses."
        self._notify(run, "nobody", title, (reason, advice))

    def _scheduled(self, run: Any) -> str:
        return f"Scheduled {self.report_noun} “{run.schedule_name}”{self.suffix(self._owner_of(run))}"

    def _notify(self, run: Any, what: str, title: str, lines: tuple[str, ...]) -> None:
        person = run.schedule.made_by if run.schedule else run.requested_by
        key = f"{self.prefix}:{run.pk}:{what}"
        self.notify(self._owner_of(run), person, key=key, title=title, lines=lines)

    def _record(self, run: Any, by: Actor, action: str, details: dict[str, Any]) -> None:
        """Record an entry about the schedule of a run. `action` is the name of the journal action without its
        prefix.
        """
        journal.record(
            actor=by,
            action=f"report_schedule.{action}",
            target=f"reportschedule:{run.schedule_id}",
            details={"name": run.schedule_name, **details},
            **self.owner_filter(self._owner_of(run)),
        )

    def _locked(self, pk: UUID, state: str) -> Any:
        rows = self._rows().filter(pk=pk, state=state).select_for_update(of=("self",), skip_locked=True)
        return rows.select_related(*self.related, "schedule__made_by", "requested_by").first()


def startable(now: datetime) -> Q:
    """Return the condition for runs that can start.

    Runs of a paused schedule wait until the schedule is resumed. Runs of a removed schedule can start, so that
    they fail and the reason is stored.
    """
    not_paused = Q(schedule__isnull=True) | Q(schedule__enabled=True)
    return not_paused & Q(state=State.WAITING, start_at__lte=now)


def _runnable(row: Any) -> Any:
    """Return a schedule that can be run now. Raise Conflict if the schedule was removed or is paused."""
    if row is None:
        raise Conflict(
            "Somebody else has removed this schedule. Open the list of schedules.", code="removed_meanwhile"
        )
    if not row.enabled:
        raise Conflict("The schedule is paused. Resume the schedule first.", code="paused")
    return row


def _ids(rows: QuerySet[Any]) -> Iterable[UUID]:
    return list(rows.values_list("pk", flat=True))
