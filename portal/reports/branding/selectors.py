"""Find the branding that applies to a customer or label, and the facts that a report states about its branding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.reports.branding.logos import Logo
from portal.reports.models import ReportBranding
from tenants.models import Organization, Tenant


@dataclass(frozen=True, slots=True)
class BrandingFact:
    """The branding of the report.

    Within the organization, `label` and `version` identify the branding.
    """

    label: str
    version: int
    name: str
    contact: str
    cover_text: str
    accent: str
    logo_sha256: str


def newest_version(organization: Organization, label: str) -> int:
    """Return the number of the newest version of a label's branding, or 0 if there is no version."""
    rows = ReportBranding.objects.filter(organization=organization, label=label).order_by("-version")
    return rows.values_list("version", flat=True).first() or 0


def current(organization: Organization, label: str = "") -> ReportBranding | None:
    """Return the newest version of a label's branding. Return None if there is none, or if it was removed."""
    row = ReportBranding.objects.filter(organization=organization, label=label).order_by("-version").first()
    return None if row is None or row.removed else row


def current_brandings(organization: Organization) -> list[ReportBranding]:
    """Return the newest version of each label's branding, without removed brandings, in the order of labels. The
    default branding, which has an empty label, is first.
    """
    newest = (
        ReportBranding.objects.filter(organization=organization)
        .order_by("label", "-version")
        .distinct("label")
    )
    return [row for row in newest if not row.removed]


def branding_of(tenant: Tenant) -> ReportBranding | None:
    """Return the branding of a customer's new reports.

    If several labels of the customer have a branding, the alphabetically first of these labels decides. If no label has
    a branding, return the default branding of the organization, or None if there is none.
    """
    return branding_of_labels(tenant.organization, tenant.labels)


def branding_of_labels(organization: Organization, labels: Iterable[str]) -> ReportBranding | None:
    """Return the branding of the alphabetically first label that has a branding. If no label has a branding, return the
    default branding, or None if there is none.
    """
    valid = {row.label.casefold(): row for row in current_brandings(organization)}
    for label in sorted(labels, key=str.casefold):
        if row := valid.get(label.casefold()):
            return row
    return valid.get("")


def logo_of(row: ReportBranding | None) -> Logo | None:
    """Return the logo of a branding, or None if there is no logo."""
    if row is None or row.logo is None:
        return None
    return Logo(row.logo_kind, row.logo_width, row.logo_height, bytes(row.logo))


def fact_of(row: ReportBranding) -> BrandingFact:
    """Return the fields of a branding that the data of a report records."""
    return BrandingFact(
        label=row.label,
        version=row.version,
        name=row.name,
        contact=row.contact,
        cover_text=row.cover_text,
        accent=row.accent,
        logo_sha256=row.logo_sha256,
    )
