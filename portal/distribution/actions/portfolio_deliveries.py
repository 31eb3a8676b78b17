"""Send the mails with portfolio reports. This module decides who gets a mail, and checks each mail immediately before
it is sent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from portal.distribution.actions.notices import SENDER, notify_responsible_of_portfolio
from portal.distribution.actions.outbox import TIME_LIMIT_SECONDS, Outbox
from portal.distribution.models import PortfolioDelivery, PortfolioRun
from portal.distribution.recipients import portfolio_readers
from portal.distribution.task_names import SEND_PORTFOLIO
from portal.portfolio_reports.actions import read_file
from portal.portfolio_reports.models import PortfolioReport
from tenants.models import Organization, Person
from tenants.scope import organization_scope


class _Organizations(Outbox[PortfolioDelivery, Organization]):
    """The outbox of mails with portfolio reports of organizations."""

    model = PortfolioDelivery
    owner = "organization"
    related = ("organization", "run__schedule__made_by", "person")
    task = SEND_PORTFOLIO
    journal_prefix = "portfolio_report"
    no_reader_reason = "The person may no longer read portfolio reports."

    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        return organization_scope(owner_id)

    def readers(self, owner: Organization) -> QuerySet[Person]:
        return portfolio_readers(owner)

    def read_file(self, report: PortfolioReport) -> bytes | None:
        return read_file(report=report, by=SENDER)

    def address_refusal(self, delivery: PortfolioDelivery, report: PortfolioReport) -> str:
        row = delivery.run.schedule
        if row is not None and delivery.address in row.unconfirmed_for(report.customers):
            return "The address is no longer confirmed for every customer of the report."
        return ""

    def notify_failure(self, delivery: PortfolioDelivery, reason: str) -> None:
        row, number = delivery.run.schedule, delivery.run.report_number
        notify_responsible_of_portfolio(
            delivery.organization,
            row.made_by if row else None,
            key=f"portfolio-delivery:{delivery.pk}:{delivery.series}",
            title=f"Portfolio report {number} was not delivered to {delivery.recipient}",
            lines=(reason, f"Schedule: {delivery.run.schedule_name}"),
        )


_OUTBOX: Final = _Organizations()


def create_deliveries(run: PortfolioRun, report: PortfolioReport) -> int:
    """Write a row for each recipient of a finished report, in the transaction which records that the build has ended.

    Return the number of rows. An email address gets the report only if an administrator confirmed the address
    for all customers of the report.
    """
    row = run.schedule
    if row is None:
        return 0
    unconfirmed = set(row.unconfirmed_for(report.customers))
    addresses = [address for address in row.confirmed_addresses if address not in unconfirmed]
    return _OUTBOX.create(run, addresses)


def are_due(organization: Organization) -> bool:
    """Return whether a mail with a portfolio report is due."""
    return _OUTBOX.are_due(organization.pk)


def send_due(*, organization_id: UUID, seconds: float = TIME_LIMIT_SECONDS) -> int:
    """Send the due mails of an organization, and return how many the mail server accepted (see `Outbox.send_due`)."""
    return _OUTBOX.send_due(organization_id, seconds)


def send_again(*, delivery: PortfolioDelivery, by: Person) -> None:
    """Send a portfolio report again to a recipient (see `Outbox.send_again`)."""
    _OUTBOX.send_again(delivery, by)
