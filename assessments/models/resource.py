"""The inventory: resources that ARM lists, and one version per change of their configuration."""

from django.db import models
from django.db.models.functions import Lower

from assessments.models.assessment import Assessment
from assessments.models.generated import StoredColumn, key_of_text
from tenants.models import TenantOwned
from tenants.references import same_tenant


class Resource(TenantOwned):
    """An ARM resource. `key` is the SHA-256 of its id in lower case."""

    resource_id = models.TextField()
    key = models.CharField(max_length=64)
    type = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    location = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=60)
    resource_group = models.CharField(max_length=100, blank=True)
    tags = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, help_text="of the newest version's content")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    ref = StoredColumn(
        expression=key_of_text(Lower("resource_id")),
        output_field=models.UUIDField(),
        db_persist=True,
        help_text="as `Finding.subject_ref` of the findings on it",
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="assessments_resource_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="assessments_resource_tenant_id"),
        ]
        indexes = [
            models.Index(fields=["tenant", "type", "name"], name="assessments_resource_type"),
            models.Index(fields=["tenant", "unit"], name="assessments_resource_unit"),
            models.Index("tenant", Lower("name"), "id", name="assessments_resource_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ResourceVersion(TenantOwned):
    """One version of a resource's redacted configuration, with the first assessment that found this version.

    The application's role cannot change a row.
    """

    append_only = True

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="versions")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    content = models.JSONField()

    class Meta(TenantOwned.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "assessment"], name="assessments_version_once"),
            same_tenant("resource_id", "assessments_resource"),
            same_tenant("assessment_id", "assessments_assessment"),
        ]
        # The history of a resource reads one page of its versions, however many there are.
        indexes = [
            models.Index(fields=["tenant", "resource", "-at", "-id"], name="assessments_version_history"),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
