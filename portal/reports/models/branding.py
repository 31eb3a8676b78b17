"""The brandings of an organization: name, contact, colour and logo in the reports on its customers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q, QuerySet

from tenants import rls
from tenants.isolation.active_scope import Scope
from tenants.isolation.managers import OrganizationManager
from tenants.models import OrganizationOwned
from tenants.protection import Protection


class BrandingManager(OrganizationManager["ReportBranding"]):
    """Select brandings without the content of the logo. This content is needed only to build reports and to show the
    logo.
    """

    def visible(self, scope: Scope) -> Q:
        """Select the organization's brandings also in the scope of one customer, because customers may read them."""
        return Q(organization_id__any_of=scope.visible_organization_ids | scope.organization_ids)

    def get_queryset(self) -> QuerySet[ReportBranding]:
        return super().get_queryset().defer("logo")


class ReportBranding(OrganizationOwned):
    """One version of a branding: how the reports on an organization's customers look.

    Each change of a branding adds a version. Only the version with the highest `version` is used for new reports on
    customers with this `label`; an empty label stands for the default branding. If the highest version is `removed`,
    the label has no branding any more. Versions that no report uses are deleted, except the two newest. `accent` is
    `#rrggbb`. `logo` is None, or a PNG or SVG that `portal.reports.branding.logos` has checked.
    """

    protection = Protection.INTERNAL

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
