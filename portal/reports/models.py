"""Reports, and the certificates and records with which verification compares files."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from assessments.models import Assessment
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.signed_build import SignedBuild
from tenants import rls
from tenants.active_scope import Scope
from tenants.managers import OrganizationManager, ScopedManager
from tenants.models import OrganizationOwned, TenantOwned
from tenants.references import same_tenant
from tenants.review_periods import ReviewPeriod

# The default framework: the newest version of the benchmark for which most customers ask.
DEFAULT_FRAMEWORK: Final = "cis-6.0.0"
# A trigger of the database writes this text (migration 0015).
ERASED_REASON: Final = "The reason was deleted together with the customer."


class BrandingManager(OrganizationManager["ReportBranding"]):
    """Select versions without the content of their logo, which is needed only to build reports and to show the logo."""

    def visible(self, scope: Scope) -> Q:
        """Also select the rows of the organization in the scope of one of its customers, because customers may read
        these rows.
        """
        return Q(organization_id__any_of=scope.visible_organization_ids | scope.organization_ids)

    def get_queryset(self) -> QuerySet[ReportBranding]:
        return super().get_queryset().defer("logo")


class ReportBranding(OrganizationOwned):
    """A version of how the reports of an organization's customers look.

    Saving adds a version and never changes an existing version. Versions that no report uses are deleted, except the
    two newest ones.

    `label`: the version is for customers with this label; empty for all other customers. The highest
    `version` is valid. If that version is `removed`, new reports have no branding. The branding of earlier
    reports is still known. `accent` is `#rrggbb`. `logo` is a PNG or SVG that `portal.reports.branding.logos`
    has written, None without a logo.
    """

    class LogoKind(models.TextChoices):
        PNG = "png", "PNG"
        SVG = "svg", "SVG"

    label = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField()
    removed = models.BooleanField(default=False)
    name = models.CharField(max_length=80, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    cover_text = models.CharField(max_length=500, blank=True)
    accent = models.CharField(max_length=7)
    logo = models.BinaryField(null=True)
    logo_kind = models.CharField(max_length=3, choices=LogoKind, blank=True)
    logo_sha256 = models.CharField(max_length=64, blank=True)
    logo_width = models.FloatField(default=0)
    logo_height = models.FloatField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[BrandingManager] = BrandingManager()

    class Meta(OrganizationOwned.Meta):
        ordering = ["label", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "label", "version"], name="reports_branding_version"
            ),
            models.UniqueConstraint(fields=["organization", "id"], name="reports_branding_id"),
            models.CheckConstraint(
                condition=Q(logo__isnull=True, logo_kind="", logo_sha256="")
                | Q(logo__isnull=False, logo_width__gt=0, logo_height__gt=0)
                & ~Q(logo_kind="")
                & ~Q(logo_sha256=""),
                name="reports_branding_logo",
            ),
            rls.RowLevelSecurity(
                name="%(app_label)s_%(class)s_rls", using=rls.ORGANIZATION, read=rls.ORGANIZATION_OWNED_READ
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label or 'default'} {self.version}"


class ReportManager(ScopedManager["Report"]):
    """Select reports without `page_content`, which only the page of a report needs. Lists would read megabytes."""

    def get_queryset(self) -> QuerySet[Report]:
        return super().get_queryset().defer("page_content")


class Report(TenantOwned, SignedBuild):
    """A report of a tenant.

    `number` counts within the tenant.

    `archive_until` is the end of the certificates of the last archive time stamp (B-LTA), `archive_algorithm` its
    algorithm. A renewal changes these and `sha256`, `size` and `file` (`portal.reports.renewal`).

    A ready report is final: a trigger refuses changes of the fields that the report proves. The file, its hash
    and its size can change together with the record of a renewed time stamp, which is inserted first
    (`RenewedFile`).

    `page_content` is what the page of the report shows (`portal.reports.page_content`), None for reports of older
    versions. A trigger refuses to change it after the build, because it repeats what the signed file states.
    """

    kind = models.CharField(
        max_length=20,
        default=DEFAULT_KIND,
        db_default=DEFAULT_KIND,
        help_text="key of portal.reports.kinds; reports of older versions are full reports",
    )
    assessment = models.ForeignKey(Assessment, on_delete=models.RESTRICT, related_name="+")
    # A number instead of a foreign key, because the report remains when the retention policy deletes the assessment.
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
        """Return the query condition for reports about the review period. The time of such a report lies in
        the review period; of a report over a period, the whole period does.
        """
        at = Q(period_first__isnull=True, as_of__gte=period.start, as_of__lt=period.end)
        return at | Q(period_first__gte=period.first, period_last__lte=period.last)

    @classmethod
    def in_review(cls, period: ReviewPeriod) -> Q:
        """Return the query condition for reports that are about the review period and state nothing about a
        later time.

        A report on the newest assessment states treatments as of its build
        (`portal.reports.facts.source.read_source`). So a report that was made after the period must have had a later
        assessment.
        """
        # The manager of assessments selects only assessments of the period, so a later assessment is not among them.
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
        """The name of the report's kind."""
        return KINDS[self.kind].name


class DeletedReport(TenantOwned):
    """A report whose row and file were deleted under the retention policy. Copies of the file exist, so it can still be
    revoked.

    `report`, `number` and `sha256` are those of the deleted row. Only a trigger of the database adds rows.
    """

    append_only = True

    report = models.UUIDField(unique=True)
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    deleted_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"report {self.number}"


class KnownCertificate(models.Model):
    """A certificate with which this installation has signed, or that an operator has added.

    Anybody may verify a report without an account, so this table belongs to no tenant. A trigger protects its rows: a
    certificate can be marked as distrusted, but neither changed nor deleted.
    """

    fingerprint = models.CharField(max_length=64, primary_key=True, help_text="SHA-256, lower-case hex")
    pem = models.TextField()
    added_at = models.DateTimeField(auto_now_add=True)
    distrusted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["added_at"]

    def __str__(self) -> str:
        return self.fingerprint


class SignedReport(models.Model):
    """The record of a signed report or certificate of an erasure. As `KnownCertificate`, it belongs to no tenant.

    `report` is the id of the report or erasure. `sha256` and `level` belong to the signed file. `certificate` is the
    fingerprint of the signer's certificate. `time_stamp_authorities` are the pinned certificates in PEM format, empty
    for PAdES B-B. A trigger refuses changes and deletion, so the record remains when the customer is erased.
    """

    class Kind(models.TextChoices):
        REPORT = "report", "Report"
        ERASURE = "erasure", "Certificate of erasure"

    report = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REPORT, db_default="report")
    sha256 = models.CharField(max_length=64, unique=True)
    level = models.CharField(max_length=10)
    certificate = models.CharField(max_length=64, blank=True, help_text="empty for reports of older versions")
    time_stamp_authorities = models.TextField(blank=True)
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.report} {self.level}"


class RenewedFile(models.Model):
    """The record of a copy of a signed report with a further archive time stamp. As `SignedReport`, it has no
    tenant.

    `report` is the id of the report. `previous_sha256` is the hash of the earlier file, with which the copy
    begins. `time_stamp_authorities` are the certificates that were pinned, in PEM format. A record is inserted
    before the report's file is replaced. Triggers refuse changes, and a record without the file.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    report = models.UUIDField(db_index=True)
    previous_sha256 = models.CharField(max_length=64, unique=True)
    time_stamp_authorities = models.TextField()
    renewed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.sha256


class RegisterEntry(models.Model):
    """A statement about a signed report: it was revoked, or another report supersedes it. The file never changes.

    As `SignedReport`, an entry belongs to no tenant, because the public page that verifies reports shows it. So the
    reason names no customer, and the erasure of the customer replaces it by `ERASED_REASON`. `number` is the number of
    the superseding report, `replacement` its id. Triggers refuse other changes, deletion, and entries about reports
    outside the scope, and set `entered_at`.
    """

    class State(models.TextChoices):
        REVOKED = "revoked", "Revoked"
        SUPERSEDED = "superseded", "Superseded"

    report = models.UUIDField()
    state = models.CharField(max_length=10, choices=State)
    reason = models.CharField(max_length=500, blank=True)
    replacement = models.UUIDField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "state"], name="reports_register_once"),
            models.CheckConstraint(
                condition=(Q(state="revoked") & ~Q(reason="") & Q(replacement=None, number=None))
                | Q(state="superseded", reason="", replacement__isnull=False, number__isnull=False),
                name="reports_register_revoked_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.state}"
