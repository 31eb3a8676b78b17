"""The outbox of reports: create the mails when a report is built, send them, and send single mails again.

As in `portal.notify.delivery`, an attempt is claimed in one transaction, sent outside of transactions, and recorded in
another transaction.
If a worker dies between sending and recording, the mail is sent again with the same Message-ID.
"""

from __future__ import annotations

import smtplib
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.distribution.actions.links import make_mailed_link
from portal.distribution.actions.notices import SENDER, tell
from portal.distribution.models import ReportDelivery, ReportRun
from portal.distribution.recipients import readers
from portal.distribution.report_mail import compose, fits
from portal.distribution.task_names import SEND
from portal.notify.delivery.claims import WORKER_DIED, retry_time
from portal.notify.delivery.smtp import Failure, close, send_message
from portal.reports.actions import read_file
from portal.reports.models import Report
from portal.reports.register import standing
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=5)
MAX_ATTEMPTS: Final = 12
FIRST_RETRY_SECONDS: Final = 60.0
MAX_RETRY_SECONDS: Final = 2 * 3600.0
SECONDS: Final = 45.0
"""The time limit of one run of the task. The next periodic task starts another."""
State = ReportDelivery.State


class _NotSent(Exception):
    """The mail must not be sent. The message says why. `failed`: the cause is an error, not a decision."""

    def __init__(self, reason: str, *, failed: bool = False) -> None:
        super().__init__(reason)
        self.failed = failed


def create_deliveries(run: ReportRun) -> int:
    """Write a row for each recipient of a finished report, inside the transaction that records the end of its build.

    Return how many there are. Recipients who may not read the report get none.
    """
    row = run.schedule
    if row is None:
        return 0
    now = timezone.now()
    people = list(readers(run.tenant).filter(pk__in=row.people))
    known = {person.email.lower() for person in people}
    new = [
        *(ReportDelivery(person=person) for person in people),
        *(ReportDelivery(address=address) for address in row.confirmed_addresses if address not in known),
    ]
    for delivery in new:
        delivery.tenant, delivery.run, delivery.due_at = run.tenant, run, now
    ReportDelivery.objects.bulk_create(new)
    if new:
        enqueue(SEND, run.tenant_id)
    return len(new)


def are_due(tenant: Tenant) -> bool:
    """Return whether a mail is due."""
    return _due(tenant.pk).exists()


def send_due(*, tenant_id: UUID, seconds: float = SECONDS) -> int:
    """Send the due mails of a customer; return how many the mail server accepted. Start none after `seconds`.

    If the mail server cannot be reached, no attempt is counted, and the mails stay due.
    """
    with tenant_scope(tenant_id):
        if not _due(tenant_id).exists():
            return 0
    mailer, ends = mailers["default"], time.monotonic() + seconds
    try:
        mailer.open()
    except (OSError, smtplib.SMTPException) as error:
        log.error("mail server unreachable", error=f"{type(error).__name__}: {error}")
        with tenant_scope(tenant_id):
            _due(tenant_id).update(
                error=f"The mail server cannot be reached ({type(error).__name__}). Surety retries every minute."
            )
        return 0
    try:
        return _send_all(tenant_id, mailer, ends)
    finally:
        close(mailer)


@transaction.atomic
def send_again(*, delivery: ReportDelivery, by: Person) -> None:
    """Send a report again to a recipient. Raise Conflict while the mail waits to be sent."""
    row = ReportDelivery.objects.select_for_update(of=("self",)).select_related(*_RELATED).get(pk=delivery.pk)
    if row.state == State.WAITING:
        raise Conflict("The mail is already waiting to be sent.", code="waiting")
    row.state, row.attempts, row.error, row.due_at = State.WAITING, 0, "", timezone.now()
    row.series += 1
    row.save()
    _record(row, "report.sent_again", by)
    enqueue(SEND, row.tenant_id)


_RELATED: Final = ("tenant__organization", "run__schedule__made_by", "person")


def _due(tenant_id: UUID) -> QuerySet[ReportDelivery]:
    return ReportDelivery.objects.filter(tenant=tenant_id, state=State.WAITING, due_at__lte=timezone.now())


def _send_all(tenant_id: UUID, mailer: BaseEmailBackend, ends: float) -> int:
    sent = 0
    while time.monotonic() < ends:
        with tenant_scope(tenant_id):
            delivery = _claim(tenant_id)
        if delivery is None:
            break
        # A second transaction: if composing fails, the claim remains and counts as an attempt.
        with tenant_scope(tenant_id):
            message = _message(delivery)
        if message is None:
            continue
        failure = send_message(mailer, message)
        with tenant_scope(tenant_id):
            _note(delivery, failure)
        sent += failure is None
        if failure is not None and failure.server:
            break
    return sent


def _claim(tenant_id: UUID) -> ReportDelivery | None:
    rows = _due(tenant_id).select_for_update(skip_locked=True, of=("self",)).select_related(*_RELATED)
    row = rows.order_by("due_at", "pk").first()
    if row is None:
        return None
    if row.attempts >= MAX_ATTEMPTS:
        _end(row, State.FAILED, WORKER_DIED)
        return _claim(tenant_id)
    row.attempts += 1
    row.due_at = timezone.now() + LEASE
    row.save(update_fields=["attempts", "due_at"])
    return row


def _message(delivery: ReportDelivery) -> EmailMultiAlternatives | None:
    """Return the mail. If the mail must not be sent, record the reason and return None."""
    try:
        report = _report(delivery)
        address, content = _address(delivery, report), _content(report)
        if delivery.person is None and not fits(report.size):
            return compose(delivery, report, address, content, make_mailed_link(delivery, report))
        return compose(delivery, report, address, content)
    except _NotSent as reason:
        if _held(delivery):
            _end(delivery, State.FAILED if reason.failed else State.STOPPED, str(reason))
        return None


def _address(delivery: ReportDelivery, report: Report) -> str:
    """Return the address. Raise _NotSent for a recipient who may no longer get the report."""
    if delivery.tenant.is_archived:
        raise _NotSent("The customer is archived.")
    row = delivery.run.schedule
    person = delivery.person
    if person is not None:
        if not readers(delivery.tenant).filter(pk=person.pk).exists():
            raise _NotSent("The person may no longer read the reports of this customer.")
        return person.email
    if row is None or delivery.address not in row.confirmed_addresses:
        raise _NotSent("The address is no longer a confirmed recipient of the schedule.")
    if not fits(report.size) and not delivery.tenant.organization.report_link_days:
        raise _NotSent(
            "The report is too large for a mail, the recipient has no account to download it, and links to reports are"
            " switched off. Permit links under “Report settings” of the organization, or give the recipient another"
            " report.",
            failed=True,
        )
    return delivery.address


def _report(delivery: ReportDelivery) -> Report:
    report = delivery.run.report()
    if report is None or report.state != Report.State.READY:
        raise _NotSent("The report was deleted.")
    if standing(report.pk).revoked_at is not None:
        raise _NotSent("The report was revoked.")
    return report


def _content(report: Report) -> bytes:
    content = read_file(report=report, by=SENDER)
    if content is None:
        raise _NotSent(
            "The file of the report is missing or was changed. Ask the operator to restore it from a backup.",
            failed=True,
        )
    return content


def _note(delivery: ReportDelivery, failure: Failure | None) -> None:
    if not _held(delivery):
        return
    if failure is None:
        delivery.state, delivery.error, delivery.sent_at = State.SENT, "", timezone.now()
        delivery.save(update_fields=["state", "error", "sent_at"])
        _record(delivery, "report.sent", SENDER)
        return
    log.warning("report not sent", delivery=str(delivery.pk), error=failure.error)
    if failure.final or delivery.attempts >= MAX_ATTEMPTS:
        _end(delivery, State.FAILED, failure.error)
        return
    delivery.error = failure.error
    delivery.due_at = retry_time(delivery.attempts, first=FIRST_RETRY_SECONDS, maximum=MAX_RETRY_SECONDS)
    delivery.save(update_fields=["error", "due_at"])


def _held(delivery: ReportDelivery) -> bool:
    """Return whether this worker still holds the claim, and lock the row."""
    rows = ReportDelivery.objects.select_for_update().filter(
        pk=delivery.pk, attempts=delivery.attempts, series=delivery.series, state=State.WAITING
    )
    return rows.first() is not None


def _end(delivery: ReportDelivery, state: State, reason: str) -> None:
    """Record that a mail is not sent, and notify the person who is responsible for the schedule."""
    delivery.state, delivery.error = state, reason
    delivery.save(update_fields=["state", "error"])
    _record(delivery, "report.not_sent", SENDER, error=reason)
    row, number = delivery.run.schedule, delivery.run.report_number
    tell(
        delivery.tenant,
        row.made_by if row else None,
        key=f"report-delivery:{delivery.pk}:{delivery.series}",
        title=f"{delivery.tenant.name}: report {number} was not delivered to {delivery.recipient}",
        lines=(reason, f"Schedule: {delivery.run.schedule_name}"),
    )


def _record(delivery: ReportDelivery, action: str, by: Actor, **more: str) -> None:
    journal.record(
        tenant=delivery.tenant,
        actor=by,
        action=action,
        target=f"report:{delivery.run.report_number}",
        details={
            "to": delivery.recipient,
            "schedule": delivery.run.schedule_name,
            **more,
        },
    )
