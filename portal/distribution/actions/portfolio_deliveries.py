"""Send the mails with portfolio reports. This module decides who gets a mail, and checks each mail immediately before
it is sent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.utils import timezone

from portal.distribution.actions.notices import SENDER, notify_responsible_of_portfolio
from portal.distribution.actions.outbox import (
    TIME_LIMIT_SECONDS,
    NotSent,
    Outbox,
    check_size,
    compose_mail,
    require_sendable,
)
from portal.distribution.models import PortfolioDelivery, PortfolioRun
from portal.distribution.recipients import portfolio_readers
from portal.distribution.task_names import SEND_PORTFOLIO
from portal.portfolio_reports.actions import read_file
from portal.portfolio_reports.models import PortfolioReport
from tenants import journal
from tenants.actors import Actor
from tenants.models import Organization, Person
from tenants.scope import organization_scope


class _Organizations(Outbox[PortfolioDelivery]):
    """The outbox of mails with portfolio reports of organizations."""

    model = PortfolioDelivery
    related = ("organization", "run__schedule__made_by", "person")
    task = SEND_PORTFOLIO

    def scope(self, owner_id: UUID) -> AbstractContextManager[Any]:
        return organization_scope(owner_id)

    def owner_filter(self, owner_id: UUID) -> Q:
        return Q(organization=owner_id)

    def owner_of(self, delivery: PortfolioDelivery) -> UUID:
        return delivery.organization_id

    def compose(self, delivery: PortfolioDelivery) -> EmailMultiAlternatives:
        report = require_sendable(delivery.run.report())
        address = _address(delivery, report)
        return compose_mail(delivery, report, address, read_file(report=report, by=SENDER))

    def record_sent(self, delivery: PortfolioDelivery) -> None:
        _record(delivery, "portfolio_report.sent", SENDER)

    def record_not_sent(self, delivery: PortfolioDelivery, reason: str) -> None:
        _record(delivery, "portfolio_report.not_sent", SENDER, error=reason)

    def record_sent_again(self, delivery: PortfolioDelivery, by: Person) -> None:
        _record(delivery, "portfolio_report.sent_again", by)

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

    Return the number of rows. An email address gets the report only if an administrator confirmed it for all
    customers of the report.
    """
    row = run.schedule
    if row is None:
        return 0
    people = list(portfolio_readers(run.organization).filter(pk__in=row.people))
    known = {person.email.lower() for person in people}
    waiting = set(row.unconfirmed_for(report.customers))
    new = [PortfolioDelivery(person=person) for person in people]
    new += [
        PortfolioDelivery(address=address)
        for address in row.confirmed_addresses
        if address not in known | waiting
    ]
    for delivery in new:
        delivery.organization, delivery.run, delivery.due_at = run.organization, run, timezone.now()
    return _OUTBOX.store(new, run.organization_id)


def are_due(organization: Organization) -> bool:
    """Return whether a mail with a portfolio report is due."""
    return _OUTBOX.are_due(organization.pk)


def send_due(*, organization_id: UUID, seconds: float = TIME_LIMIT_SECONDS) -> int:
    """Send the due mails of an organization, and return how many the mail server accepted (see `Outbox.send_due`)."""
    return _OUTBOX.send_due(organization_id, seconds)


def send_again(*, delivery: PortfolioDelivery, by: Person) -> None:
    """Send a portfolio report again to a recipient (see `Outbox.send_again`)."""
    _OUTBOX.send_again(delivery, by)


def _address(delivery: PortfolioDelivery, report: PortfolioReport) -> str:
    """Return the recipient's email address. Raise NotSent for a recipient who may no longer get the report."""
    row = delivery.run.schedule
    person = delivery.person
    if person is not None:
        if not portfolio_readers(delivery.organization).filter(pk=person.pk).exists():
            raise NotSent("The person may no longer read portfolio reports.")
        return person.email
    if row is None or delivery.address not in row.confirmed_addresses:
        raise NotSent("The address is no longer a confirmed recipient of the schedule.")
    if delivery.address in row.unconfirmed_for(report.customers):
        raise NotSent("The address is no longer confirmed for every customer of the report.")
    check_size(report, delivery.organization)
    return delivery.address


def _record(delivery: PortfolioDelivery, action: str, by: Actor, **more: str) -> None:
    journal.record(
        organization=delivery.organization,
        actor=by,
        action=action,
        target=f"portfolio_report:{delivery.run.report_number}",
        details={"to": delivery.recipient, "schedule": delivery.run.schedule_name, **more},
    )
