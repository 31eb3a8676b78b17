"""Send the mails with reports of customers. This module decides who gets a mail, and checks each mail immediately
before it is sent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from portal.distribution.actions.notices import SENDER, notify_responsible
from portal.distribution.actions.outbox import MAX_ATTEMPTS, TIME_LIMIT_SECONDS, Outbox
from portal.distribution.models import ReportDelivery, ReportRun
from portal.distribution.recipients import readers
from portal.distribution.task_names import SEND
from portal.reports.actions import read_file
from portal.reports.models import Report
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

__all__ = ["MAX_ATTEMPTS", "are_due", "create_deliveries", "send_again", "send_due"]


class _Customers(Outbox[ReportDelivery, Tenant]):
    """The outbox of mails with reports of customers."""

    model = ReportDelivery
    owner = "tenant"
    related = ("tenant__organization", "run__schedule__made_by", "person")
    task = SEND
    journal_prefix = "report"
    no_reader_reason = "The person may no longer read the reports of this customer."

    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        return tenant_scope(owner_id)

    def readers(self, owner: Tenant) -> QuerySet[Person]:
        return readers(owner)

    def read_file(self, report: Report) -> bytes | None:
        return read_file(report=report, by=SENDER)

    def owner_refusal(self, owner: Tenant) -> str:
        return "The customer is archived." if owner.is_archived else ""

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
    return _OUTBOX.create(run, row.confirmed_addresses)


def are_due(tenant: Tenant) -> bool:
    """Return whether a mail with a report of the customer is due."""
    return _OUTBOX.are_due(tenant.pk)


def send_due(*, tenant_id: UUID, seconds: float = TIME_LIMIT_SECONDS) -> int:
    """Send the due mails of a customer, and return how many the mail server accepted (see `Outbox.send_due`)."""
    return _OUTBOX.send_due(tenant_id, seconds)


def send_again(*, delivery: ReportDelivery, by: Person) -> None:
    """Send a report again to a recipient (see `Outbox.send_again`)."""
    _OUTBOX.send_again(delivery, by)
