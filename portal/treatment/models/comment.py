"""Comments on findings."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from assessments.models import Finding
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Comment(TenantOwned):
    """A comment on a finding. `mentions` are ids of people. A deleted comment keeps its row, without text."""

    protection = Protection.CONFIDENTIAL

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    body = models.TextField()
    mentions = ArrayField(models.UUIDField(), default=list, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["at", "id"]
        constraints = [
            same_tenant("finding_id", "assessments_finding"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) & ~Q(body="") | Q(deleted_at__isnull=False, body=""),
                name="treatment_comment_body",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "finding", "at"], name="treatment_comment_of")]

    def __str__(self) -> str:
        return self.body[:60]
