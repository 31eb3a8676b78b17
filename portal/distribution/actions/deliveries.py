"""Send the mails with reports of customers. This module decides who gets a mail, and checks each mail immediately
before it is sent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.utils import timezone

from portal.distribution.actions.notices import SENDER, notify_responsible
from portal.distribution.actions.outbox import (
    MAX_ATTEMPTS,
    TIME_LIMIT_SECONDS,
    NotSent,
    Outbox,
    check_size,
    compose_mail,
    require_sendable,
)
from portal.distribution.models import ReportDelivery, ReportRun
from portal.distribution.recipients import readers
from portal.distribution.task_names import SEND
from portal.reports.actions import read_file
from portal.reports.models import Report
from tenants import journal
from tenants.actors import Actor
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

__all__ = ["MAX_ATTEMPTS", "are_due", "create_deliveries", "send_again", "send_due"]


class _Customers(Outbox[ReportDelivery]):
    """The outbox of mails with reports of customers."""

    model = ReportDelivery
    related = ("tenant__organization", "run__schedule__made_by", "person")
    task = SEND

    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        return tenant_scope(owner_id)

    def owner_filter(self, owner_id: UUID) -> Q:
        return Q(tenant=owner_id)

    def owner_of(self, delivery: ReportDelivery) -> UUID:
        return delivery.tenant_id

    def compose(self, delivery: ReportDelivery) -> EmailMultiAlternatives:
        report = require_sendable(delivery.run.report())
        address = _address(delivery, report)
        return compose_mail(delivery, report, address, read_file(report=report, by=SENDER))

    def record_sent(self, delivery: ReportDelivery) -> None:
        _record(delivery, "report.sent", SENDER)

    def record_not_sent(self, delivery: ReportDelivery, reason: str) -> None:
        _record(delivery, "report.not_sent", SENDER, error=reason)

    def record_sent_again(self, delivery: ReportDelivery, by: Person) -> None:
        _record(delivery, "report.sent_again", by)

    def notify_failure(self, delivery: ReportDelivery, reason: str) -> None:
        row, number = delivery.run.schedule, delivery.run.report_number
        notify_responsible(
            delivery.tenant,
            row.made_by if row else None,
            key=f"report-delivery:{delivery.pk}:{delivery.series}",
            title=f"{delivery.tenant.name}: report {number} was not delivered to {delivery.recipient}",
            lines=(reason, f"Schedule: {delivery.run.schedule_name}"),
        )


_OUTBOX: Final = _Customers()


def create_deliveries(run: ReportRun) -> int:
    """Write a row for each recipient of a finished report, in the transaction which records that the build has ended.

    Return the number of rows. Recipients who may not read the report get no row.
    """
    row = run.schedule
    if row is None:
        return 0
    people = list(readers(run.tenant).filter(pk__in=row.people))
    known = {person.email.lower() for person in people}
    new = [
        *(ReportDelivery(person=person) for person in people),
        *(ReportDelivery(address=address) for address in row.confirmed_addresses if address not in known),
    ]
    for delivery in new:
        delivery.tenant, delivery.run, delivery.due_at = run.tenant, run, timezone.now()
    return _OUTBOX.store(new, run.tenant_id)


def are_due(tenant: Tenant) -> bool:
    """Return whether a mail with a report of the customer is due."""
    return _OUTBOX.are_due(tenant.pk)


def send_due(*, tenant_id: UUID, seconds: float = TIME_LIMIT_SECONDS) -> int:
    """Send the due mails of a customer, and return how many the mail server accepted (see `Outbox.send_due`)."""
    return _OUTBOX.send_due(tenant_id, seconds)


def send_again(*, delivery: ReportDelivery, by: Person) -> None:
    """Send a report again to a recipient (see `Outbox.send_again`)."""
    _OUTBOX.send_again(delivery, by)


def _address(delivery: ReportDelivery, report: Report) -> str:
    """Return the recipient's email address. Raise NotSent for a recipient who may no longer get the report."""
    if delivery.tenant.is_archived:
        raise NotSent("The customer is archived.")
    row = delivery.run.schedule
    person = delivery.person
    if person is not None:
        if not readers(delivery.tenant).filter(pk=person.pk).exists():
            raise NotSent("The person may no longer read the reports of this customer.")
        return person.email
    if row is None or delivery.address not in row.confirmed_addresses:
        raise NotSent("The address is no longer a confirmed recipient of the schedule.")
    check_size(report, delivery.tenant.organization)
    return delivery.address


def _record(delivery: ReportDelivery, action: str, by: Actor, **more: str) -> None:
    journal.record(
        tenant=delivery.tenant,
        actor=by,
        action=action,
        target=f"report:{delivery.run.report_number}",
        details={"to": delivery.recipient, "schedule": delivery.run.schedule_name, **more},
    )
