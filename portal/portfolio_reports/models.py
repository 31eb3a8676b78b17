"""The portfolio report, which belongs to an organization instead of one of its customers."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.reports.models import ReportBranding
from portal.reports.signed_build import SignedBuild
from portal.reports.storage import report_storage
from tenants.models import OrganizationOwned
from tenants.protection import Protection
from tenants.references import CompositeReference

KIND: Final = "portfolio"


def portfolio_name(report: PortfolioReport, _filename: str) -> str:
    """Return the file's name in the storage of reports, `<organization id>/<report id>.pdf`."""
    return f"{report.organization_id}/{report.pk}.pdf"


class PortfolioReport(OrganizationOwned, SignedBuild):
    """A report on several customers. Row-level security shows it only to people with a role in the whole organization.

    `number` counts within the organization. `customers` are the ids of the chosen customers. When one of these
    customers is erased, the report is deleted. `label` is the label by which the customers were chosen, or empty.
    `as_of` is the time of the figures. `branding` is the version of the branding when the report was requested.

    Triggers keep a finished report unchanged, and the application's role cannot delete it. Only its file may change,
    together with a record (`RenewedFile`), when its archive time stamp is renewed.
    """

    protection = Protection.CONFIDENTIAL

    label = models.CharField(max_length=100, blank=True)
    customers: ArrayField[list[UUID], list[UUID]] = ArrayField(models.UUIDField())
    is_selection = models.BooleanField(default=False, help_text="customers were chosen one by one")
    supersedes_number = models.PositiveIntegerField(
        null=True, blank=True, help_text="number of the report that this report supersedes when it is ready"
    )
    as_of = models.DateTimeField(null=True, blank=True, help_text="the time whose figures the report states")
    branding = models.ForeignKey(
        ReportBranding, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    file = models.FileField(storage=report_storage, upload_to=portfolio_name, max_length=200, blank=True)

    # No content is stored for the page of the report. The page reads the results from the PDF, which is small.
    page_content = None

    kind: ClassVar = KIND
    kind_name: ClassVar = "Portfolio report"

    class Meta(OrganizationOwned.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="portfolio_report_number"),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | (~Q(sha256="") & ~Q(file="") & Q(size__gt=0, as_of__isnull=False)),
                name="portfolio_report_ready_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="portfolio_report_failed_says_why"
            ),
            models.CheckConstraint(condition=Q(customers__len__gt=0), name="portfolio_report_has_customers"),
            CompositeReference(
                name="portfolio_report_branding",
                columns=("organization_id", "branding_id"),
                table="reports_reportbranding",
                targets=("organization_id", "id"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def file_name(self) -> str:
        """The name of the downloaded file."""
        return f"surety-{self.organization.slug}-portfolio-report-{self.number}.pdf"

    @property
    def selection(self) -> str:
        """Which customers were chosen, as a part of a sentence, such as “customers with the label “EU””."""
        if self.label:
            return f"customers with the label “{self.label}”"
        return "selected customers" if self.is_selection else "all customers"
