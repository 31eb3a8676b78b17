"""The mail with a report."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from portal import links, mail_headers
from portal.distribution.models import PortfolioDelivery, PortfolioLink, ReportDelivery, ReportLink
from portal.notify.delivery.mail_messages import MAX_SUBJECT_CHARACTERS
from portal.notify.delivery.unfolded_headers import MailMessage
from portal.notify.publish import one_line
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.models import Report
from tenants.models import Organization


def fits_in_mail(size: int) -> bool:
    """Return whether a report of this size in bytes is small enough to be attached to a mail."""
    return size <= settings.SURETY_MAIL_ATTACHMENT_MB * 2**20


def compose(
    delivery: ReportDelivery | PortfolioDelivery,
    report: Report | PortfolioReport,
    address: str,
    content: bytes,
    link: tuple[ReportLink | PortfolioLink, str] | None = None,
) -> MailMessage:
    """Return the mail. The report must be built: before that, a portfolio report has no `as_of`.

    If the file is too large to be attached, the mail contains a URL instead. This is the URL of `link` (a link and its
    token), which needs no account. Without a `link`, it is the URL of the report's page.
    """
    organization, about, customers, page = _about(report)
    attached = fits_in_mail(len(content))
    context = {
        "report": report,
        "organization": organization,
        "address": address,
        "schedule": delivery.run.schedule_name,
        "attached": attached,
        "page": links.absolute(links.report_link(link[1]) if link else page),
        "link_until": _format_minute(link[0].expires_at) if link else "",
        "as_of": _format_minute(report.as_of),
        "verify": links.absolute(reverse("verify")),
        "limit": settings.SURETY_MAIL_ATTACHMENT_MB,
    }
    subject = f"{about}: {report.kind_name} as of {report.as_of:%Y-%m-%d}"
    message = MailMessage(
        subject=one_line(subject)[:MAX_SUBJECT_CHARACTERS],
        body=render_to_string("distribution/report_mail.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={
            # If a mail is sent twice by accident, mail programs show it only once, because the Message-ID is the same.
            # If somebody sends the report again, the new mail has another Message-ID, so both mails are shown.
            "Message-ID": mail_headers.message_id(f"report-{delivery.pk}-{delivery.series}"),
            mail_headers.CUSTOMER: customers,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    if attached:
        message.attach(report.file_name, content, "application/pdf")
    return message


def _about(report: Report | PortfolioReport) -> tuple[Organization, str, str, str]:
    """Return the organization, the name of the report's subject, the ids of the report's customers, and the link to the
    report's page.
    """
    if isinstance(report, PortfolioReport):
        organization = report.organization
        page = links.portfolio_report(organization.slug, report.number)
        return organization, organization.name, ", ".join(map(str, report.customers)), page
    tenant = report.tenant
    return tenant.organization, tenant.name, str(tenant.pk), links.report(tenant.slug, report.number)


def _format_minute(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
