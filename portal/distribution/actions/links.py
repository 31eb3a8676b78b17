"""Create, use and revoke links with which people without an account download one report.

    link, token = create_link(report=report, by=person, days=7, recipient="Contoso IT")
    with open_link(token) as found: ...        # what the public page shows
    use_link(token, address) -> UsedLink         # the file; the use is counted and recorded

A link works until it expires, is revoked, or has been used `MAX_USES` times. A link also stops working when the report
is revoked or deleted, or when the customer is archived or erased. If the organization has meanwhile lowered the maximum
validity of links, a link stops working when it is older than this maximum. For a link that does not work, `open_link`
raises the same error as for an unknown token.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.distribution.models import PortfolioDelivery, PortfolioLink, ReportDelivery, ReportLink
from portal.portfolio_reports import actions as portfolio_actions
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.actions import read_file
from portal.reports.models import Report
from portal.reports.records.register import Standing, standing
from tenants import journal
from tenants.actors import Actor, System
from tenants.errors import Conflict, NotFound, invalid
from tenants.models import Organization, Person, Tenant
from tenants.people.link_tokens import hash_token
from tenants.scope import link_scope, organization_link_scope
from tenants.turns import take_turn
from tenants.values.names import has_control_characters
from tenants.values.visible_text import has_letter_or_digit

MAX_LINKS: Final = 50
"""The maximum number of links to one report that work at the same time."""
MAX_USES: Final = 100
"""The maximum number of downloads with one link. Without this limit, a link that somebody publishes could fill the
journal.
"""
MAX_RECIPIENT: Final = 100
LINK_ACTOR: Final = System("report link")

type Link = ReportLink | PortfolioLink
type AnyReport = Report | PortfolioReport


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that works, with its report and organization. `ends_at` is when the link stops working."""

    link: Link
    report: AnyReport
    standing: Standing
    ends_at: datetime

    @property
    def organization(self) -> Organization:
        """The organization that sent the report."""
        return organization_of(self.report)

    @property
    def customer(self) -> Tenant | None:
        """The customer of the report, None for a portfolio report."""
        return self.report.tenant if isinstance(self.report, Report) else None


@dataclass(frozen=True, slots=True)
class UsedLink:
    """The report of a link, with its file; `content` is None if the file is missing or was changed."""

    report: AnyReport
    content: bytes | None


@transaction.atomic
def create_link(*, report: AnyReport, by: Person, days: int, recipient: str) -> tuple[Link, str]:
    """Create a link that is valid for a number of days; return it with its token, which is not stored.

    Raise InvalidInput if `days` exceeds the organization's maximum. Raise Conflict if the report has no file or was
    revoked, if the customer is archived, or if links are switched off.
    """
    if isinstance(report, Report) and report.tenant.is_archived:
        raise Conflict(
            "The customer is archived, so links to its reports do not work.", code="customer_archived"
        )
    if report.state != Report.State.READY:
        raise Conflict("This report has no file, so there can be no link to it.", code="no_file")
    if standing(report.pk).revoked_at is not None:
        raise Conflict("This report was revoked, so links to it do not work.", code="revoked")
    maximum = organization_of(report).report_link_days
    if not maximum:
        raise Conflict(
            "Links to reports are switched off. An administrator of the organization can permit them under “Report"
            " settings”.",
            code="links_off",
        )
    if not 1 <= days <= maximum:
        raise invalid("days", "Enter 1 day." if maximum == 1 else f"Enter 1 to {maximum} days.")
    recipient = " ".join(recipient.split())
    # Pages and the journal show the recipient. So it must be one line, without characters that reverse text.
    if (
        not has_letter_or_digit(recipient)
        or has_control_characters(recipient)
        or len(recipient) > MAX_RECIPIENT
    ):
        raise invalid("recipient", f"Enter the name of the recipient in 1 to {MAX_RECIPIENT} characters.")
    take_turn(report.organization if isinstance(report, PortfolioReport) else report.tenant)
    working = links_of(report).filter(revoked_at=None, expires_at__gt=timezone.now())
    if working.count() >= MAX_LINKS:
        raise Conflict(
            f"This report has {MAX_LINKS} links, which is the maximum. Revoke one of them first.",
            code="too_many",
        )
    token = secrets.token_urlsafe(32)
    return _create(report, token, days, recipient, by), token


def links_of(report: AnyReport) -> QuerySet[Any]:
    """Return the links of a report, the newest first."""
    if isinstance(report, PortfolioReport):
        return PortfolioLink.objects.filter(organization=report.organization_id, report_number=report.number)
    return ReportLink.objects.filter(tenant=report.tenant_id, report_number=report.number)


def create_mailed_link(delivery: ReportDelivery | PortfolioDelivery, report: AnyReport) -> tuple[Link, str]:
    """Create the link of a mail, and return it with its token. The link gets the longest validity that the organization
    permits.

    The token is computed from the delivery and Django's secret key, so all attempts to send the mail contain the same
    link. If somebody sends the report again, the new mail gets a new link.
    """
    digest = salted_hmac(
        "surety.report-link", f"{delivery.pk}:{delivery.series}", algorithm="sha256"
    ).digest()
    token = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    found: Link | None = links_of(report).filter(token_hash=hash_token(token)).first()
    days = organization_of(report).report_link_days
    return found or _create(report, token, days, delivery.address, LINK_ACTOR), token


def ends_at(link: Link, organization: Organization) -> datetime:
    """Return when a link stops working if nobody revokes it. If the organization lowers the maximum validity of
    links, the new maximum applies to existing links too.
    """
    return min(link.expires_at, link.created_at + timedelta(days=organization.report_link_days))


@contextmanager
def open_link(token: str) -> Iterator[OpenedLink]:
    """Open the scope of a link's customer or organization, and yield the link.

    If the link does not work, raise NotFound, with the same message for every cause.
    """
    with ExitStack() as stack:
        link, report = _open(token, stack)
        if report is None or not _is_valid(link, report):
            raise _invalid_link()
        until = ends_at(link, organization_of(report))
        yield OpenedLink(link=link, report=report, standing=standing(report.pk), ends_at=until)


def _open(token: str, stack: ExitStack) -> tuple[Link, AnyReport | None]:
    """Return the link with its report, and open the scope in which they can be read."""
    digest = hash_token(token)
    try:
        row = stack.enter_context(link_scope(ReportLink, digest))
    except NotFound:
        found = stack.enter_context(organization_link_scope(PortfolioLink, digest))
        portfolio = PortfolioReport.objects.filter(
            organization=found.organization_id, number=found.report_number, state=Report.State.READY
        )
        return found, portfolio.select_related("organization").first()
    rows = Report.objects.filter(tenant=row.tenant_id, number=row.report_number, state=Report.State.READY)
    return row, rows.select_related("tenant__organization").first()


def use_link(token: str, address: str) -> UsedLink:
    """Return the report and file of a link. Count and record the use, with the client's network address `address`.

    If the link does not work, raise NotFound, with the same message for every cause.
    """
    with open_link(token) as found:
        report = found.report
        link: Link = links_of(report).select_for_update(of=("self",)).get(pk=found.link.pk)
        if not _is_valid(link, report):
            raise _invalid_link()
        content = _read(report)
        if content is not None:
            link.use_count += 1
            link.last_used_at, link.last_used_from = timezone.now(), address[:45]
            link.save(update_fields=["use_count", "last_used_at", "last_used_from"])
            _record(link, report, "report_link.used", LINK_ACTOR, address=address, use=link.use_count)
        return UsedLink(report, content)


@transaction.atomic
def revoke_link(*, link: Link, by: Person) -> Link:
    """Revoke a link. A link that is already revoked does not change."""
    owner = "organization" if isinstance(link, PortfolioLink) else "tenant"
    rows: QuerySet[Any] = type(link)._default_manager.select_for_update(of=("self",))
    row: Link = rows.select_related(owner).get(pk=link.pk)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = timezone.now(), by
        row.save(update_fields=["revoked_at", "revoked_by"])
        _record(row, None, "report_link.revoked", by, uses=row.use_count)
    return row


def _create(report: AnyReport, token: str, days: int, recipient: str, by: Actor) -> Link:
    values: dict[str, Any] = {
        "report_number": report.number,
        "recipient": recipient,
        "token_hash": hash_token(token),
        "made_by": by if isinstance(by, Person) else None,
        "expires_at": timezone.now() + timedelta(days=days),
    }
    link: Link
    if isinstance(report, PortfolioReport):
        link = PortfolioLink.objects.create(organization=report.organization, **values)
    else:
        link = ReportLink.objects.create(tenant=report.tenant, **values)
    _record(link, report, "report_link.made", by, days=days)
    return link


def organization_of(report: AnyReport) -> Organization:
    return report.organization if isinstance(report, PortfolioReport) else report.tenant.organization


def _read(report: AnyReport) -> bytes | None:
    if isinstance(report, PortfolioReport):
        return portfolio_actions.read_file(report=report, by=LINK_ACTOR)
    return read_file(report=report, by=LINK_ACTOR)


def _is_valid(link: Link, report: AnyReport) -> bool:
    return (
        link.revoked_at is None
        and link.use_count < MAX_USES
        and ends_at(link, organization_of(report)) > timezone.now()
        and not (isinstance(report, Report) and report.tenant.is_archived)
        and standing(report.pk).revoked_at is None
    )


def _invalid_link() -> NotFound:
    return NotFound("This link is invalid. Ask the sender for a new link.", code="link_unknown")


def _record(link: Link, report: AnyReport | None, action: str, by: Actor, **more: str | int) -> None:
    details = {"link": str(link.pk), "recipient": link.recipient, **more}
    if report is not None:
        details["sha256"] = report.sha256
    if isinstance(link, PortfolioLink):
        target = f"portfolio_report:{link.report_number}"
        journal.record(
            organization=link.organization, actor=by, action=action, target=target, details=details
        )
        return
    target = f"report:{link.report_number}"
    journal.record(tenant=link.tenant, actor=by, action=action, target=target, details=details)
