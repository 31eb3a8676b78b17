"""Revoke portfolio reports permanently. A revocation does not change the signed file."""

from __future__ import annotations

import re

from django.db import transaction

from portal.portfolio_reports.actions import BUILDS
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.errors import CannotRevoke
from portal.reports.models import RegisterEntry
from portal.reports.records.register import standing
from portal.reports.records.revocation import MAX_REASON
from portal.reports.records.signed_files import record_of
from portal.reports.signed_build import SignedBuild
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.models import Tenant
from tenants.scope import organization_scope
from tenants.selectors import organization_ids
from tenants.values.visible_text import is_blank


@transaction.atomic
def revoke_portfolio(*, report: PortfolioReport, reason: str, by: Actor) -> RegisterEntry:
    """Revoke a report permanently. Call inside the organization's scope. Raises CannotRevoke or InvalidInput.

    Everybody who has the file can read the reason, so it must not contain the name of a customer.
    """
    reason = " ".join(reason.split())
    if is_blank(reason) or len(reason) > MAX_REASON:
        raise invalid("reason", f"Enter a reason of 1 to {MAX_REASON} characters.")
    for name, slug in Tenant.objects.filter(organization=report.organization).values_list("name", "slug"):
        if _contains_name(reason, name) or _contains_name(reason, slug):
            raise invalid(
                "reason",
                "Do not name customers: everybody who verifies the file without an account can read the reason.",
            )
    # With this lock, only one of two simultaneous requests revokes the report.
    locked = PortfolioReport.objects.select_for_update(of=("self",), no_key=True).get(pk=report.pk)
    if locked.state != SignedBuild.State.READY:
        raise CannotRevoke("This report has no signed file, so it cannot be revoked.")
    if standing(report.pk).revoked_at is not None:
        raise CannotRevoke(f"Report {report.number} was already revoked.")
    entry = RegisterEntry.objects.create(report=report.pk, state=RegisterEntry.State.REVOKED, reason=reason)
    BUILDS.record(report, by, "revoked", {"sha256": report.sha256, "reason": reason})
    return entry


def _contains_name(text: str, name: str) -> bool:
    """Return whether the text contains a customer's name as a whole word or as a part of a compound such as
    “Contoso-Bericht”.
    """
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def portfolio_in_scope(sha256: str) -> PortfolioReport | None:
    """Return the report whose signed file has this SHA-256 now, or had it before a renewal of the archive time stamp.

    Return None if there is no such report in the open scope.
    """
    record = record_of(sha256)
    if record is None:
        return None
    rows = PortfolioReport.objects.filter(pk=record.report, state=SignedBuild.State.READY)
    return rows.select_related("organization").first()


def portfolio_anywhere(sha256: str) -> PortfolioReport | None:
    """Find a report in the same way as `portfolio_in_scope`, but in all organizations.

    Only commands of the operator may use this function.
    """
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            found = portfolio_in_scope(sha256)
        if found is not None:
            return found
    return None


def portfolio_identity(report: PortfolioReport) -> list[tuple[str, str]]:
    """Return the facts that tell a reader which report a file is, as (label, value)."""
    return [
        ("Organization", report.organization.name),
        ("Report", f"{report.number}: {report.title}"),
        ("Kind", report.kind_name),
        ("Customers", f"{len(report.customers)}: {report.selection}"),
        ("As of", f"{report.as_of:%Y-%m-%d %H:%M} UTC" if report.as_of else "not built"),
    ]
