"""Approved configurations of resources."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models import Resource
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class ApprovedConfiguration(TenantOwned):
    """A configuration of a resource that a person approved. Later readings are compared with it.

    `version` is the id of the approved version, and `version_at` its time. `content` is a copy of that version's
    redacted configuration, because retention may delete the version. `differs_since` is the time of the change with
    which the resource began to differ from the approved configuration, or None if it does not differ. An approval is in
    force until `ended_at`: the time when another version was approved, or when somebody withdrew the approval
    (`is_withdrawn`).
    """

    protection = Protection.CONFIDENTIAL

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="approvals")
    version = models.UUIDField()
    version_at = models.DateTimeField()
    content = models.JSONField()
    reason = models.TextField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    differs_since = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_withdrawn = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        ordering = ["-approved_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="changes_approvedconfiguration_tenant_id"),
            models.UniqueConstraint(
                fields=["resource"], condition=Q(ended_at__isnull=True), name="changes_approved_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, is_withdrawn=False)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="changes_approved_end",
            ),
            same_tenant("resource_id", "assessments_resource"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "resource"],
                condition=Q(ended_at__isnull=True),
                include=["differs_since"],
                name="changes_approved_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.approved_at:%Y-%m-%d}"
