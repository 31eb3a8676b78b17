"""Define an organization, which is a managed service provider (MSP). OrganizationKey lists the ids of all
organizations.
"""

from django.db import models
from django.utils import timezone

from tenants import rls
from tenants.ids import uuid7
from tenants.isolation.managers import OrganizationItselfManager
from tenants.protection import Protection


class Paper(models.TextChoices):
    """The size of a report's pages."""

    A4 = "a4", "A4 (210 × 297 mm)"
    LETTER = "letter", "Letter (8.5 × 11 in)"


class Language(models.TextChoices):
    """The language of a report's pages. Attachments are always English."""

    ENGLISH = "en", "English"
    GERMAN = "de", "German"


class Organization(models.Model):
    """A managed service provider. The tenants of an organization are its customers."""

    protection = Protection.INTERNAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # The sign-in policy of the organization; `portal.accounts` enforces it.
    second_factor_roles = models.JSONField(
        default=list, blank=True, help_text="roles whose people need a second factor"
    )
    sso_domains = models.JSONField(
        default=list, blank=True, help_text="domains of email addresses whose people must use single sign-on"
    )
    owned_domains = models.JSONField(
        default=list,
        editable=False,
        help_text="domains that the operator has verified to be the organization's",
    )
    sso_counts_as_second_factor = models.BooleanField(default=False)
    session_idle_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="null uses SURETY_SESSION_IDLE_MINUTES"
    )
    session_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="null uses SURETY_SESSION_HOURS"
    )
    # The schedule of customers that have no schedule of their own, as text (`assessments.timing.timetable`).
    default_schedule = models.CharField(
        max_length=250, blank=True, help_text="empty: no scheduled assessments"
    )
    watch_by_default = models.BooleanField(
        default=False,
        db_default=False,
        help_text="watch changes between assessments, for customers that have not chosen",
    )
    timezone = models.CharField(
        max_length=64,
        default="UTC",
        db_default="UTC",
        help_text="IANA name; of new customers without one, and of mails to people without one",
    )
    # If an administrator shortens the waiting period of erasures, the new value takes effect at `erasure_wait_from`,
    # seven days later. Until then, `erasure_wait_before` applies. A trigger sets both columns.
    erasure_wait_hours = models.PositiveSmallIntegerField(
        default=24, help_text="hours between the confirmation of an erasure and its start"
    )
    erasure_wait_before = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="hours that apply until erasure_wait_from"
    )
    erasure_wait_from = models.DateTimeField(null=True, editable=False)
    report_paper = models.CharField(
        max_length=10, choices=Paper, default=Paper.A4, db_default="a4", help_text="suggested for new reports"
    )
    report_language = models.CharField(
        max_length=10,
        choices=Language,
        default=Language.ENGLISH,
        db_default="en",
        help_text="suggested for new reports",
    )
    report_link_days = models.PositiveSmallIntegerField(
        default=14, db_default=14, help_text="longest validity of links to reports; 0: links do not work"
    )

    objects = OrganizationItselfManager()

    class Meta:
        constraints = [
            rls.RowLevelSecurity(
                name="tenants_organization_rls",
                using=rls.ORGANIZATION_ITSELF,
                read=rls.ORGANIZATION_ITSELF_READ,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def erasure_wait_is_pending(self) -> bool:
        """Return whether `erasure_wait_hours` is not in effect yet, so that `erasure_wait_before` still applies."""
        return self.erasure_wait_from is not None and self.erasure_wait_from > timezone.now()


class OrganizationKey(models.Model):
    """The id of an organization. The row can be read without a scope, so that schedulers and commands find all
    journals.

    A database trigger inserts the row of each new organization. The application's role cannot change these rows.
    """

    protection = Protection.INTERNAL

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )

    objects: models.Manager["OrganizationKey"] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)
