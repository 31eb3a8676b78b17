"""Draw a preview of a branding: the cover of a report with invented numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext

from assessments.version import VERSION
from portal.reports.branding.logos import Logo
from portal.reports.branding.selectors import BrandingFact
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.render import logo_context, render_picture
from portal.reports.wording.languages import printed_in
from tenants.models import Organization

_NUMBERS: dict[str, Any] = {
    "score": 71.0, "adjusted": 78.0, "coverage": 94.0,
    "counts": {"fail": 42, "unknown": 3, "manual": 12, "pass": 310},
    "states": {"open": 30, "acknowledged": 8, "excepted": 4},
}  # fmt: skip


def cover_preview(organization: Organization, branding: BrandingFact, logo: Logo | None) -> bytes:
    """Return the cover as PNG, in the paper size and the language of the organization's reports."""
    kind = KINDS[DEFAULT_KIND]
    now = datetime.now(UTC)
    report: Any = SimpleNamespace(
        provider=organization.name,
        customer="Example customer",
        kind_name=kind.name,
        title=kind.title,
        as_of=now,
        created_at=now,
        classification="Confidential",
        self_made=False,
        number=1,
        report_id="018f9d6e-0000-7000-8000-000000000000",
        requested_by="Surety (preview)",
        product_version=VERSION,
        level="B-LTA",
        signer=organization.name,
        branding=branding,
    )
    with printed_in(organization.report_language):
        html = render_to_string(
            "reports/pdf/report.html",
            {
                "facts": _NUMBERS,
                "report": report,
                "language": organization.report_language,
                "title": gettext(kind.title),
                "kind_name": gettext(kind.name),
                "kind": kind,
                "branding": branding,
                "logo": logo_context(logo, report),
                "nothing_read": False,
                "unanswered": 5,
                "bodies": [],
                "contents": [],
            },
        )
    return render_picture(html, created=now, paper=organization.report_paper)
