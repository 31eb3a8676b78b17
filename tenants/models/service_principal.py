"""Service principals: the identities that read a directory, with their encrypted credentials."""

from __future__ import annotations

from typing import Any

from django.db import models

from tenants.models.base import TenantOwned
from tenants.models.directory import Directory
from tenants.models.stored_credential import StoredCredential
from tenants.protection import Protection
from tenants.references import same_tenant


class ServicePrincipal(StoredCredential, TenantOwned):
    """An app registration's identity in a directory of a customer.

    `roles` are the roles that the identity had at `roles_read_at`, as JSON
    (`assessments.estate.identity.principal_roles.as_plain`), or None if they were never read.
    """

    protection = Protection.SECRET

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="service_principals")
    roles: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    roles_read_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["directory", "client_id"], name="tenants_serviceprincipal_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_serviceprincipal_tenant_id"),
            models.CheckConstraint(
                condition=StoredCredential.fits_kind(), name="tenants_serviceprincipal_certificate"
            ),
            same_tenant("directory_id", "tenants_directory"),
        ]
