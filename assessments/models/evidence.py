"""Evidence consists of the redacted properties that controls read. Identical content of a tenant is stored once."""

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class EvidenceItem(TenantOwned):
    """One piece of evidence. `sha256` hashes the canonical JSON of `content` (sorted keys, no spaces, UTF-8).

    `source` is arm, graph or manifest. `api_version`, `request_id` and `collected_at` belong to the request that first
    returned this content. The database role of the application cannot change a row.
    """

    protection = Protection.CONFIDENTIAL
    append_only = True

    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=20)
    collection = models.CharField(max_length=80)
    document_id = models.TextField()
    api_version = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    collected_at = models.DateTimeField()
    content = models.JSONField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sha256"], name="assessments_evidence_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="assessments_evidence_tenant_id"),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
