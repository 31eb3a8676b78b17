"""Reports of a customer, and the records that remain when reports are deleted."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from assessments.models import Assessment
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.models.branding import ReportBranding
from portal.reports.signed_build import SignedBuild
from tenants.auditors.review_periods import ReviewPeriod
from tenants.isolation.managers import ScopedManager
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant

# The default framework: the newest version of the benchmark that most customers request.
DEFAULT_FRAMEWORK: Final = "cis-6.0.0"


class ReportManager(ScopedManager["Report"]):
    """Select reports without `page_content`. Only the page of a report needs this column, and a list of reports with
    this column would read megabytes.
    """

    def get_queryset(self) -> QuerySet[Report]:
        return super().get_queryset().defer("page_content")


class Report(TenantOwned, SignedBuild):
    """A report of a tenant.

    - `number`: the number by which people know the report; each tenant has its own numbers
    - `archive_until`: when the certificates of the last archive time stamp (PAdES B-LTA) expire; `archive_algorithm`:
      the algorithm of that time stamp. A renewal (`portal.reports.renewal`) changes `archive_until`,
      `archive_algorithm`, `sha256`, `size` and `file`
    - `page_content`: what the report's page shows (`portal.reports.page_content`), None for reports of older versions

    After the build, a trigger refuses changes of `page_content` and of the fields whose values the signed file states.
    File, hash and size can change only after the record of a renewal was inserted (`RenewedFile`).
    """

    protection = Protection.CONFIDENTIAL

    kind = models.CharField(
        max_length=20,
        default=DEFAULT_KIND,
        db_default=DEFAULT_KIND,
        help_text="key of portal.reports.kinds; reports of older versions are full reports",
    )
    assessment = models.ForeignKey(Assessment, on_delete=models.RESTRICT, related_name="+")
    # A number instead of a foreign key: the report remains when the retention policy deletes the assessment with which
    # it compares.
    baseline_number = models.PositiveIntegerField(
        null=True, blank=True, help_text="number of the assessment with which the report compares"
    )
    supersedes_number = models.PositiveIntegerField(
        null=True, blank=True, help_text="number of the report that this report supersedes when it is ready"
    )
    framework = models.CharField(
        max_length=40,
        default=DEFAULT_FRAMEWORK,
        help_text="key of the framework version whose numbers the report lists",
    )
    period_first = models.DateField(
        null=True, blank=True, help_text="first UTC day of a report over a period"
    )
    period_last = models.DateField(null=True, blank=True, help_text="last UTC day, which is included")
    without_names = models.BooleanField(
        default=False, help_text="ids instead of names of people, groups, applications and roles"
    )
    branding = models.ForeignKey(
        ReportBranding, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    as_of = models.DateTimeField(help_text="the time whose verdicts the report states")

    objects: ClassVar[ReportManager] = ReportManager()

    class Meta(TenantOwned.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="reports_report_number"),
            same_tenant("assessment_id", "assessments_assessment"),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(sha256="") & ~Q(file="") & Q(size__gt=0)),
                name="reports_report_ready_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="reports_report_failed_says_why"
            ),
            models.CheckConstraint(
                condition=Q(period_first__isnull=True, period_last__isnull=True)
                | Q(period_first__lte=F("period_last")),
                name="reports_report_period",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def is_about(cls, period: ReviewPeriod) -> Q:
        """Return the query condition for reports about an auditor's review period.

        A report over a period is about the review period if the whole period of the report lies in the review period.
        Any other report is about the review period if its `as_of` lies in the review period.
        """
        at = Q(period_first__isnull=True, as_of__gte=period.start, as_of__lt=period.end)
        return at | Q(period_first__gte=period.first, period_last__lte=period.last)

    @classmethod
    def in_review(cls, period: ReviewPeriod) -> Q:
        """Return the query condition for reports that state only facts from an auditor's review period.

        A report on the newest assessment states the treatment at the time when the report was built, which may be after
        the review period. A report on an older assessment states the treatment at the end of that assessment
        (`portal.reports.facts.source.read_source`). So a report that was created after the review period is included
        only if a newer assessment existed at that time.
        """
        # Use the base manager. For an auditor, the usual manager leaves out assessments from after the review period.
        later = Assessment._base_manager.filter(
            tenant=OuterRef("tenant"),
            number__gt=OuterRef("assessment__number"),
            started_at__lt=OuterRef("created_at"),
        )
        return cls.is_about(period) & (Q(created_at__lt=period.end) | Q(Exists(later)))

    @property
    def file_name(self) -> str:
        """The name of the downloaded file."""
        return f"surety-{self.tenant.slug}-{KINDS[self.kind].file_word}-{self.number}.pdf"

    @property
    def kind_name(self) -> str:
        return KINDS[self.kind].name


class DeletedReport(TenantOwned):
    """A report whose row and file were deleted under the retention policy. Copies of the file may exist, so the
    report can still be revoked.

    `report`, `number` and `sha256` come from the deleted row. Only a trigger of the database adds rows.
    """

    protection = Protection.INTERNAL
    append_only = True

    report = models.UUIDField(unique=True)
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    deleted_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"report {self.number}"
