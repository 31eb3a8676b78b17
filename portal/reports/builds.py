"""Build requested reports. A worker claims each report with a lease before building it.

A build shows its progress and stops if the report is cancelled. Lost builds are recovered.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.reports.models import Report
from portal.reports.signed_build import SignedBuild
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, SuretyError
from tenants.heartbeats import HeartbeatThread
from tenants.models import Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

State, Step = SignedBuild.State, SignedBuild.Step

BUILD: Final = "portal.reports.tasks.build"
WORKER: Final = System("report worker")
BEAT_SECONDS: Final = 2.0
# The length of a lease. If a worker is killed, the broker delivers its message again after 20 seconds. The lease is
# shorter, so it has expired by then, and another worker can take it.
LEASE: Final = timedelta(seconds=15)
MAX_ATTEMPTS: Final = 3
MESSAGE_LOST_AFTER: Final = timedelta(minutes=5)
"""The message of a waiting report counts as lost after this time, and is then sent again. If the first message
arrives after all, it does no harm, because only one worker can claim the report.
"""
MAX_WAITING: Final = timedelta(hours=24)
"""If no worker finishes a report within this time, the report fails. During this time, the retention policy deletes no
data of the report.
"""


class BuildStopped(Exception):
    """The report was cancelled, or another worker has taken over its build."""


@dataclass(frozen=True, slots=True)
class BuildLease:
    """The right to build a report. `attempt` is the fencing token: only the worker whose attempt is stored in the
    report's row may write.
    """

    builds: Builds
    owner_id: UUID
    report_id: UUID
    attempt: int

    def scope(self) -> AbstractContextManager[Any]:
        """Open the scope of the report's owner."""
        return self.builds.open_scope(self.owner_id)

    def rows(self) -> QuerySet[Any]:
        """Return a queryset with the report. The queryset is empty if the build of the report has ended, or if another
        worker has claimed the report.

        Call this method inside the scope of the report's owner.
        """
        return self.builds.rows().filter(pk=self.report_id, state=State.BUILDING, attempt=self.attempt)

    def _of_worker(self) -> QuerySet[Any]:
        """Return a queryset with the report if the worker with this lease is still building it, or if the report was
        cancelled and this worker has not stopped yet. Otherwise, the queryset is empty.
        """
        cancelled = Q(state=State.CANCELLED, lease_until__isnull=False)
        return self.builds.rows().filter(
            Q(state=State.BUILDING) | cancelled, pk=self.report_id, attempt=self.attempt
        )

    def renew(self) -> bool:
        """Renew the lease while the worker works. Return whether the heartbeat should continue.

        A build that takes too long is marked as failed here. Celery's time limit then ends the task's process.
        """
        with self.scope():
            if self._end_overdue(timezone.now()):
                return False
            # If `recover` took this worker for dead, it emptied the step, and set a lease of MESSAGE_LOST_AFTER. Do not
            # shorten this lease here. The worker's next call of `enter` stores a step and shortens the lease.
            claimed = self._of_worker().exclude(step="", state=State.BUILDING)
            return bool(claimed.update(lease_until=timezone.now() + LEASE)) or self._of_worker().exists()

    def _end_overdue(self, now: datetime) -> bool:
        """End the build if it has taken too long: mark the report as failed or, if it was cancelled, remove its lease.

        Return whether the build was ended.
        """
        overdue = self._of_worker().select_for_update(of=("self",)).filter(build_until__lte=now)
        report = overdue.select_related(*self.builds.related).first()
        if report is None:
            return False
        log.error("report_build_overdue", report=str(report.pk), step=report.step, attempt=report.attempt)
        if report.state == State.CANCELLED:
            self.release()
        else:
            self.builds.fail(report, self.builds.too_slow(report))
        return True

    def release(self) -> None:
        """Remove the lease of a cancelled report, because its worker has stopped."""
        with self.scope():
            self._of_worker().filter(state=State.CANCELLED).update(lease_until=None)

    def enter(self, step: SignedBuild.Step) -> None:
        """Store `step` as the current step and renew the lease. Raise BuildStopped if the lease was lost."""
        with self.scope():
            if not self.rows().update(step=step, lease_until=timezone.now() + LEASE):
                raise BuildStopped

    def held(self) -> Any:
        """Lock and return the report. Raise BuildStopped if its build has ended or another worker has claimed it."""
        report = self.rows().select_for_update(of=("self",)).select_related(*self.builds.related).first()
        if report is None:
            raise BuildStopped
        return report


def heartbeat(lease: BuildLease) -> HeartbeatThread:
    """Return the thread that renews a lease. Use the thread as a context manager around the build."""
    return HeartbeatThread(lease.renew, BEAT_SECONDS, "report_heartbeat", report=str(lease.report_id))


@dataclass(frozen=True, slots=True)
class Builds:
    """The builds of the reports of one `model`: the reports on customers, or the reports of an organization.

    - `owner`: the field for the owner of a report
    - `open_scope`: opens the owner's scope
    - `task`: the name of the Celery task that builds a report
    - `related`: the relations that are read with each report
    - `smaller`: advice for a report that takes too long, such as to choose fewer subscriptions
    """

    model: type[SignedBuild]
    owner: Literal["tenant", "organization"]
    open_scope: Callable[[UUID | str], AbstractContextManager[Any]]
    task: str
    related: tuple[str, ...]
    smaller: str
    details: Callable[[Any], dict[str, Any]]
    """The details that journal entries state about a report, in addition to its id."""
    prefix: str = "report"
    """The prefix of the names of actions and targets in the journal."""

    def rows(self) -> QuerySet[Any]:
        """Return the reports in the open scope."""
        return self.model._default_manager.all()

    def claim(self, owner_id: UUID | str, report_id: UUID | str, worker: str = "") -> BuildLease | None:
        """Take the lease of a report. Return None if another worker holds it, or if there is nothing left to build."""
        with self.open_scope(owner_id):
            report = self._building().filter(pk=report_id).first()
            now = timezone.now()
            if report is None or (
                report.step and report.lease_until is not None and report.lease_until > now
            ):
                return None
            if reason := self._reason_to_give_up(report, now):
                self.fail(report, reason)
                return None
            report.attempt += 1
            report.step, report.lease_until, report.worker = Step.GATHERING, now + LEASE, worker[:200]
            report.build_until = now + timedelta(seconds=settings.SURETY_REPORT_SECONDS)
            report.save(update_fields=["attempt", "step", "lease_until", "worker", "build_until"])
            return BuildLease(self, self._owner_of(report).pk, report.pk, report.attempt)

    @transaction.atomic
    def cancel(self, report: SignedBuild, by: Actor) -> None:
        """Cancel the build. Its worker stops at the next step and stores no file. Raise Conflict if the build has
        ended.

        The lease remains until the worker has stopped or the lease expires.
        """
        row = self._building().filter(pk=report.pk).first()
        if row is None:
            raise Conflict(
                f"Report {report.number} is no longer being built, so it cannot be cancelled. Reload the page.",
                code="report_ended",
            )
        if not row.step:
            # No worker is building the report, but `recover` may have set a lease to delay the next message. Remove the
            # lease: a cancelled report with a lease counts as a report that occupies a worker (`occupies_worker`).
            row.lease_until = None
        row.state, row.step = State.CANCELLED, ""
        row.save(update_fields=["state", "step", "lease_until"])
        self.record(row, by, "cancelled", self.details(row))

    @transaction.atomic
    def recover(self, owner: Any) -> None:
        """Send the messages of the owner's lost reports again.

        A report is lost if its message was never received or its worker stopped. A lost report fails, with a reason,
        after too many attempts or too much time.
        """
        now = timezone.now()
        never_sent_again = Q(lease_until__isnull=True, created_at__lt=now - MESSAGE_LOST_AFTER)
        lost = self._building(skip_locked=True).filter(
            never_sent_again | Q(lease_until__lte=now), **{self.owner: owner}
        )
        for report in lost:
            if reason := self._reason_to_give_up(report, now):
                self.fail(report, reason)
                continue
            # An empty step means that the report waits for a worker. If the previous worker is still alive after all,
            # that worker continues the build: its next call of `enter` stores a step again.
            report.step, report.lease_until = "", now + MESSAGE_LOST_AFTER
            report.save(update_fields=["step", "lease_until"])
            enqueue(self.task, owner.pk, report.pk)

    def fail(self, report: Any, message: str) -> None:
        """Mark a report as failed. The caller has locked the report. `message` says why the report failed and what to
        do.
        """
        report.state, report.error = State.FAILED, message
        report.step, report.lease_until = "", None
        report.save(update_fields=["state", "error", "step", "lease_until"])
        self.record(report, WORKER, "failed", {"error": message})

    def record(self, report: Any, by: Actor, action: str, details: dict[str, Any]) -> None:
        """Record an entry in the journal of the report's owner. `action` is the action without the prefix, for example
        "cancelled".
        """
        owner: dict[str, Any] = {self.owner: self._owner_of(report)}
        journal.record(
            actor=by,
            action=f"{self.prefix}.{action}",
            target=f"{self.prefix}:{report.number}",
            details={"report": report.pk, **details},
            **owner,
        )

    def carry_out(self, lease: BuildLease, build: Callable[[BuildLease], None]) -> None:
        """Build a claimed report with `build`. If the build fails, store the reason in the report.

        If the connection to the database is lost, nothing is stored, and `recover` later enqueues the task again.
        """
        try:
            with heartbeat(lease):
                build(lease)
        except BuildStopped:
            lease.release()
            log.info("report_build_stopped", report=str(lease.report_id), attempt=lease.attempt)
        except SuretyError as error:
            self._mark_failed(lease, error.message)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # An unexpected error is a defect: show it to the requester, and raise it again so that it is logged.
            self._mark_failed(
                lease,
                f"The report could not be built because of an internal error ({type(error).__name__}). "
                "Ask the operator to look at the worker’s log.",
            )
            raise

    def _mark_failed(self, lease: BuildLease, message: str) -> None:
        try:
            with lease.scope():
                self.fail(lease.held(), message)
        except BuildStopped:
            lease.release()

    def _owner_of(self, report: Any) -> Any:
        return getattr(report, self.owner)

    def _building(self, *, skip_locked: bool = False) -> QuerySet[Any]:
        """Lock and return the reports that are being built."""
        rows = self.rows().filter(state=State.BUILDING)
        rows = rows.select_for_update(of=("self",), skip_locked=skip_locked)
        return rows.select_related(*self.related)

    def _reason_to_give_up(self, report: Any, now: datetime) -> str:
        if report.step and report.build_until is not None and report.build_until <= now:
            return self.too_slow(report)
        if report.attempt >= MAX_ATTEMPTS:
            return (
                f"The build of the report was interrupted {MAX_ATTEMPTS} times, because the worker stopped or lost"
                " its connection to the database. Ask the operator to look at the workers’ logs and memory"
                " limits, then build the report again."
            )
        if report.created_at <= now - MAX_WAITING:
            return (
                f"No worker built the report within {MAX_WAITING.total_seconds() / 3600:.0f} hours. Ask the operator"
                " whether workers are running, then build the report again."
            )
        return ""

    def too_slow(self, report: Any) -> str:
        """Return the message about a report that was ended because it took too long: what happened, and what to do."""
        seconds = settings.SURETY_REPORT_SECONDS
        limit = f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"
        step = f" at the step “{Step(report.step).label}”" if report.step else ""
        return (
            f"Building the report took longer than {limit}, so the build was stopped{step}. {self.smaller}, or ask"
            " the operator to look at the workers’ logs. If the report needs more time, the operator can raise"
            " SURETY_REPORT_SECONDS."
        )


def _of_assessment(report: Report) -> dict[str, Any]:
    return {"kind": report.kind, "assessment": report.assessment.number}


CUSTOMER_BUILDS: Final = Builds(
    Report,
    "tenant",
    tenant_scope,
    BUILD,
    ("tenant__organization", "assessment"),
    "Build the report on an assessment of fewer subscriptions",
    _of_assessment,
)


def claim(*, tenant_id: UUID | str, report_id: UUID | str, worker: str = "") -> BuildLease | None:
    """Take the lease of a customer's report. Return None if there is nothing to build (`Builds.claim`)."""
    return CUSTOMER_BUILDS.claim(tenant_id, report_id, worker)


def cancel_report(*, report: Report, by: Actor) -> None:
    """Cancel the build of a customer's report (`Builds.cancel`)."""
    CUSTOMER_BUILDS.cancel(report, by)


def recover(*, tenant: Tenant) -> None:
    """Continue a customer's builds whose worker or message was lost, or mark them as failed (`Builds.recover`)."""
    CUSTOMER_BUILDS.recover(tenant)


def occupies_worker(now: datetime) -> Q:
    """Return the query condition for reports that occupy a worker at this time.

    A cancelled report occupies its worker until the worker has stopped.
    """
    claimed = Q(state=State.BUILDING) & ~Q(step="")
    return Q(lease_until__gt=now) & (claimed | Q(state=State.CANCELLED))
