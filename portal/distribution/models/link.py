"""Links with which anybody can download one report for a limited time."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tenants import rls
from tenants.models import OrganizationOwned, TenantOwned
from tenants.protection import Protection


class _Link(models.Model):
    """A link to the file of one report, for somebody without an account.

    `token_hash` is the SHA-256 in hex of the link's token; the token itself is not stored. `recipient` says for whom
    the link is. `made_by` is empty if Surety made the link for a mail. `last_used_from` is a network address. Row-level
    security shows the row not only in its customer's or organization's scope, but also to a request that knows the
    token (`tenants.scope.link_scope`).
    """

    # This is a number instead of a foreign key, so that the retention can delete the report. When the report is
    # deleted, the link stops working.
    report_number = models.PositiveIntegerField()
    recipient = models.CharField(max_length=254)
    token_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    use_count = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.CharField(max_length=45, blank=True)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="%(app_label)s_%(class)s_token"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="%(app_label)s_%(class)s_period"
            ),
            models.CheckConstraint(
                condition=Q(use_count=0, last_used_at__isnull=True)
                | Q(use_count__gt=0, last_used_at__isnull=False),
                name="%(app_label)s_%(class)s_used",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.report_number} for {self.recipient}"


class ReportLink(_Link, TenantOwned):
    """A link to a report of a customer."""

    protection = Protection.SECRET

    class Meta(_Link.Meta):
        constraints = [
            *_Link.Meta.constraints,
            rls.RowLevelSecurity(
                name="distribution_reportlink_rls", using=rls.TENANT, read=rls.INVITATION_READ
            ),
        ]
        indexes = [models.Index(fields=["tenant", "report_number"], name="distribution_link_report")]


class PortfolioLink(_Link, OrganizationOwned):
    """A link to a portfolio report of an organization."""

    protection = Protection.SECRET

    class Meta(_Link.Meta):
        constraints = [
            *_Link.Meta.constraints,
            rls.RowLevelSecurity(
                name="distribution_portfoliolink_rls", using=rls.ORGANIZATION, read=rls.INVITATION_READ
            ),
        ]
        indexes = [models.Index(fields=["organization", "report_number"], name="distribution_portfolio_link")]
