"""The outbox of mails with reports. Workers claim mails, send them and retry failed ones; people can send a report
again.

As in `portal.notify.delivery`, a worker claims a mail, sends it, and records the result. No transaction is open during
sending. If a worker dies before recording the result, the mail is sent again with the same Message-ID.
"""

from __future__ import annotations

import smtplib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Final, Literal, cast
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.distribution.actions.links import create_mailed_link, organization_of
from portal.distribution.actions.notices import SENDER
from portal.distribution.models import PortfolioDelivery, ReportDelivery
from portal.distribution.report_mail import compose, fits_in_mail
from portal.notify.attempts import LEASE, WORKER_DIED, retry_time
from portal.notify.delivery.smtp import Failure, close, connection_problem, send_message
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.models import Report
from portal.reports.records.register import standing
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.models import Organization, Person, Tenant

log = structlog.get_logger(__name__)

MAX_ATTEMPTS: Final = 12
FIRST_RETRY_SECONDS: Final = 60.0
MAX_RETRY_SECONDS: Final = 2 * 3600.0
SEND_AGAIN_MINUTES: Final = 5
"""The number of minutes that must pass before the same recipient can get the same report again. The limit protects
recipients from unwanted mail.
"""
TIME_LIMIT_SECONDS: Final = 45.0
"""The time limit of one run of the task, in seconds. The next periodic task starts another run."""
State = ReportDelivery.State

type Delivery = ReportDelivery | PortfolioDelivery


class NotSent(Exception):
    """The mail must not be sent, for the reason in the message. `failed` is true if the reason is an error, and false
    if somebody decided that the mail must not be sent.
    """

    def __init__(self, reason: str, *, failed: bool = False) -> None:
        super().__init__(reason)
        self.failed = failed


class Outbox[D: (ReportDelivery, PortfolioDelivery), O: (Tenant, Organization)](ABC):
    """The mails with reports. One subclass has the mails with reports of customers, another one the mails with
    portfolio reports of organizations.

    In the methods, `owner_id` is the id of the customer or organization.

    - `owner`: the name of the field for the owner
    - `related`: the relations that are read with each mail
    - `task`: the task that calls `send_due`
    - `journal_prefix`: the first part of journal actions and of their targets
    """

    model: type[D]
    owner: Literal["tenant", "organization"]
    related: tuple[str, ...]
    task: str
    journal_prefix: str
    no_reader_reason: str
    """The reason why a person who may no longer read the report gets no mail."""

    @abstractmethod
    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        """Open the scope of the owner in a transaction."""

    @abstractmethod
    def readers(self, owner: O) -> QuerySet[Person]:
        """Return the people who may read the reports of the owner."""

    @abstractmethod
    def read_file(self, report: Any) -> bytes | None:
        """Return the report's file, or None if the file is missing or was changed."""

    @abstractmethod
    def notify_failure(self, delivery: D, reason: str) -> None:
        """Notify the responsible person that the mail will not be sent, and why."""

    def owner_refusal(self, owner: O) -> str:
        """Return why nobody may get reports of the owner, or an empty text."""
        return ""

    def address_refusal(self, delivery: D, report: Any) -> str:
        """Return why a confirmed address may not get this report, or an empty text."""
        return ""

    def create(self, run: Any, addresses: Iterable[str]) -> int:
        """Store the mails of a finished report: one for each person of the schedule who may read the report, and one
        for each of `addresses` that belongs to none of these people. Return the number of mails. The run must have a
        schedule. Call this in the transaction which records that the build has ended.
        """
        owner, model = getattr(run, self.owner), cast(Any, self.model)
        people = list(self.readers(owner).filter(pk__in=run.schedule.people))
        known = {person.email.lower() for person in people}
        new = [model(person=person) for person in people]
        new += [model(address=address) for address in addresses if address not in known]
        for delivery in new:
            setattr(delivery, self.owner, owner)
            delivery.run, delivery.due_at = run, timezone.now()
        self._rows().bulk_create(new)
        if new:
            enqueue(self.task, owner.pk)
        return len(new)

    def are_due(self, owner_id: UUID) -> bool:
        """Return whether a mail of this customer or organization is due. The caller must be in its scope."""
        return self._due(owner_id).exists()

    def send_due(self, owner_id: UUID, seconds: float = TIME_LIMIT_SECONDS) -> int:
        """Send the due mails, and return how many the mail server accepted. After `seconds`, send no further mail.

        If the mail server cannot be reached, no attempt is counted, and the mails stay due.
        """
        with self.scope(owner_id):
            if not self._due(owner_id).exists():
                return 0
        mailer, ends = mailers["default"], time.monotonic() + seconds
        try:
            mailer.open()
        except (OSError, smtplib.SMTPException) as error:
            log.error("mail server unreachable", error=f"{type(error).__name__}: {error}")
            with self.scope(owner_id):
                self._due(owner_id).update(
                    error=f"{connection_problem(error)} Surety tries again every minute."
                )
            return 0
        try:
            return self._send_all(owner_id, mailer, ends)
        finally:
            close(mailer)

    @transaction.atomic
    def send_again(self, delivery: D, by: Person) -> None:
        """Send a report again to a recipient. Raise Conflict while the mail waits to be sent, and for
        `SEND_AGAIN_MINUTES` after it was sent.
        """
        row = self._rows().select_for_update(of=("self",)).select_related(*self.related).get(pk=delivery.pk)
        if row.state == State.WAITING:
            raise Conflict("The mail is already waiting to be sent.", code="waiting")
        since = timezone.now() - timedelta(minutes=SEND_AGAIN_MINUTES)
        if row.sent_at is not None and row.sent_at > since:
            raise Conflict(
                f"This report was sent less than {SEND_AGAIN_MINUTES} minutes ago. Wait, then send it again.",
                code="sent_recently",
            )
        row.state, row.attempts, row.error, row.due_at = State.WAITING, 0, "", timezone.now()
        row.series += 1
        row.save()
        self._record(row, "sent_again", by)
        enqueue(self.task, self._owner_of(row).pk)

    def _rows(self) -> QuerySet[D]:
        rows: Any = (
            self.model._default_manager.all()
        )  # mypy does not know that the manager belongs to this model
        found: QuerySet[D] = rows
        return found

    def _due(self, owner_id: UUID) -> QuerySet[D]:
        return self._rows().filter(**{self.owner: owner_id}, state=State.WAITING, due_at__lte=timezone.now())

    def _owner_of(self, delivery: D) -> Any:
        return getattr(delivery, self.owner)

    def _send_all(self, owner_id: UUID, mailer: BaseEmailBackend, ends: float) -> int:
        sent = 0
        while time.monotonic() < ends:
            with self.scope(owner_id):
                delivery = self._claim(owner_id)
            if delivery is None:
                break
            # Compose the mail in a second transaction. So if composing fails, the claim remains, and the attempt is
            # counted.
            with self.scope(owner_id):
                message = self._message(delivery)
            if message is None:
                continue
            failure = send_message(mailer, message)
            with self.scope(owner_id):
                self._record_attempt(delivery, failure)
            sent += failure is None
            if failure is not None and failure.server:
                break
        return sent

    def _claim(self, owner_id: UUID) -> D | None:
        rows = self._due(owner_id).select_for_update(skip_locked=True, of=("self",))
        row = rows.select_related(*self.related).order_by("due_at", "pk").first()
        if row is None:
            return None
        if row.attempts >= MAX_ATTEMPTS:
            self._record_not_sent(row, State.FAILED, WORKER_DIED)
            return self._claim(owner_id)
        row.attempts += 1
        row.due_at = timezone.now() + LEASE
        row.save(update_fields=["attempts", "due_at"])
        return row

    def _message(self, delivery: D) -> EmailMultiAlternatives | None:
        """Return the mail. If the mail must not be sent, record the reason and return None."""
        try:
            return self._compose(delivery)
        except NotSent as reason:
            if self._holds_claim(delivery):
                self._record_not_sent(delivery, State.FAILED if reason.failed else State.STOPPED, str(reason))
            return None

    def _compose(self, delivery: D) -> EmailMultiAlternatives:
        """Return the mail. Raise NotSent if the mail must not be sent any more."""
        report = _require_sendable(delivery.run.report())
        address = self._address(delivery, report)
        return _compose_mail(delivery, report, address, self.read_file(report))

    def _address(self, delivery: D, report: Report | PortfolioReport) -> str:
        """Return the recipient's email address. Raise NotSent for a recipient who may no longer get the report."""
        owner = self._owner_of(delivery)
        if reason := self.owner_refusal(owner):
            raise NotSent(reason)
        schedule, person = delivery.run.schedule, delivery.person
        if person is not None:
            if not self.readers(owner).filter(pk=person.pk).exists():
                raise NotSent(self.no_reader_reason)
            return person.email
        if schedule is None or delivery.address not in schedule.confirmed_addresses:
            raise NotSent("The address is no longer a confirmed recipient of the schedule.")
        if reason := self.address_refusal(delivery, report):
            raise NotSent(reason)
        _check_size(report)
        return delivery.address

    def _record_attempt(self, delivery: D, failure: Failure | None) -> None:
        if not self._holds_claim(delivery):
            return
        if failure is None:
            delivery.state, delivery.error, delivery.sent_at = State.SENT, "", timezone.now()
            delivery.save(update_fields=["state", "error", "sent_at"])
            self._record(delivery, "sent", SENDER)
            return
        log.warning("report not sent", delivery=str(delivery.pk), error=failure.error)
        if failure.final or delivery.attempts >= MAX_ATTEMPTS:
            self._record_not_sent(delivery, State.FAILED, failure.error)
            return
        delivery.error = failure.error
        delivery.due_at = retry_time(delivery.attempts, first=FIRST_RETRY_SECONDS, maximum=MAX_RETRY_SECONDS)
        delivery.save(update_fields=["error", "due_at"])

    def _record(self, delivery: D, action: str, by: Actor, **more: str) -> None:
        """Record a journal entry about a mail. `action` is the name of the journal action without its prefix."""
        journal.record(
            actor=by,
            action=f"{self.journal_prefix}.{action}",
            target=f"{self.journal_prefix}:{delivery.run.report_number}",
            details={"to": delivery.recipient, "schedule": delivery.run.schedule_name, **more},
            **{self.owner: self._owner_of(delivery)},
        )

    def _holds_claim(self, delivery: D) -> bool:
        """Lock the row, and return whether this worker still holds the claim."""
        rows = self._rows().filter(
            pk=delivery.pk, attempts=delivery.attempts, series=delivery.series, state=State.WAITING
        )
        return rows.select_for_update().first() is not None

    def _record_not_sent(self, delivery: D, state: ReportDelivery.State, reason: str) -> None:
        """Record that a mail is not sent, and notify the person who is responsible for the schedule."""
        delivery.state, delivery.error = state, reason
        delivery.save(update_fields=["state", "error"])
        self._record(delivery, "not_sent", SENDER, error=reason)
        self.notify_failure(delivery, reason)


def _compose_mail(
    delivery: Delivery, report: Report | PortfolioReport, address: str, content: bytes | None
) -> EmailMultiAlternatives:
    """Return the mail with a report. A recipient without an account gets a link if the file is too large to be
    attached. `content` is the report's file. If it is None, because the file is missing or was changed, raise NotSent.
    """
    if content is None:
        raise NotSent(
            "The file of the report is missing or was changed. Ask the operator to restore the file from a backup.",
            failed=True,
        )
    if delivery.person is None and not fits_in_mail(report.size):
        return compose(delivery, report, address, content, create_mailed_link(delivery, report))
    return compose(delivery, report, address, content)


def _require_sendable[R: Report | PortfolioReport](report: R | None) -> R:
    """Return a report that may be sent. Raise NotSent if the report was deleted or revoked."""
    if report is None or report.state != Report.State.READY:
        raise NotSent("The report was deleted.")
    if standing(report.pk).revoked_at is not None:
        raise NotSent("The report was revoked.")
    return report


def _check_size(report: Report | PortfolioReport) -> None:
    """Raise NotSent if a recipient without an account cannot get the report, because the report is too large for a mail
    and links are switched off.
    """
    if not fits_in_mail(report.size) and not organization_of(report).report_link_days:
        raise NotSent(
            "The report is too large for a mail. The recipient cannot download it, because the recipient has no"
            " account and links to reports are switched off. Permit links under “Report settings” of the"
            " organization, or send the recipient another report.",
            failed=True,
        )
