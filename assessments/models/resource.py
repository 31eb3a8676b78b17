"""The inventory contains the resources that ARM lists. Each change of a resource's configuration adds a version."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from assessments.models.assessment import Assessment
from assessments.models.generated import StoredColumn, key_of_text
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Resource(TenantOwned):
    """An ARM resource. `key` is the SHA-256 of its id in lower case."""

    protection = Protection.CONFIDENTIAL

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


def _kind_of_stored() -> Func:
    return Func(F("stored"), function="jsonb_typeof", output_field=models.TextField())


class ResourceVersion(TenantOwned):
    """A version of a resource's redacted configuration, with the first assessment that found it.

    `stored` is the whole document (a JSON object), or its changes since the previous version. Changes are a JSON Patch
    (RFC 6902, a JSON array). The module `assessments.resource_versions` reads and writes versions. `sha256` is the
    digest of the whole document.

    A chain is a version that is stored whole, and the following versions that are stored as changes. The first version
    of a chain has no `chain` and the `step` 0. In the rows of the following versions, `chain` is the id of the first
    version, and `step` counts from 1. Before retention deletes the beginning of a chain, it stores the first remaining
    version whole. No other change of a row is permitted.
    """

    protection = Protection.CONFIDENTIAL
    append_only = True

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="versions")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, help_text="of the whole document")
    stored = models.JSONField(
        db_column="content", help_text="the document, or the changes since the previous step"
    )
    chain = models.UUIDField(
        null=True, blank=True, help_text="id of the first version of the chain; empty for itself"
    )
    step = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="steps since the start of the chain"
    )

    class Meta(TenantOwned.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "assessment"], name="assessments_version_once"),
            # This constraint prevents two writers from continuing a chain with different versions.
            models.UniqueConstraint(
                fields=["chain", "step"], condition=Q(chain__isnull=False), name="assessments_version_step"
            ),
            models.CheckConstraint(
                condition=Q(Exact(_kind_of_stored(), "object"), step=0, chain__isnull=True)
                | Q(step__gte=1, chain__isnull=False),
                name="assessments_version_chain",
            ),
            same_tenant("resource_id", "assessments_resource"),
            same_tenant("assessment_id", "assessments_assessment"),
        ]
        # The history of a resource shows one page of versions at a time. This index lets PostgreSQL read only the
        # versions of the page, even if the resource has many more versions.
        indexes = [
            models.Index(fields=["tenant", "resource", "-at", "-id"], name="assessments_version_history"),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_whole(self) -> bool:
        """Whether `stored` is the whole document."""
        return isinstance(self.stored, dict)

    @property
    def chain_id(self) -> UUID:
        """The id of the first version of the chain, which can be this version."""
        return self.chain or self.pk

    @property
    def document(self) -> dict[str, Any]:
        """The whole document. Raise TypeError if `stored` has only changes and the row was not read with
        `assessments.resource_versions`.
        """
        if self.is_whole:
            found: dict[str, Any] = self.stored
            return found
        if self._rebuilt is None:
            raise TypeError(
                "This version is stored as changes to an earlier one. Read it with assessments.resource_versions."
            )
        return self._rebuilt

    _rebuilt: dict[str, Any] | None = None

    def set_rebuilt(self, document: dict[str, Any]) -> None:
        """Set the whole document of a version that is stored as changes since the previous version."""
        self._rebuilt = document
