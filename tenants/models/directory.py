"""Entra directories of a tenant, with the cloud they belong to."""

from uuid import UUID

from django.core.validators import RegexValidator
from django.db import models

from tenants.clouds import Cloud, cloud_from
from tenants.models.base import TenantOwned
from tenants.protection import Protection

GUID = RegexValidator(
    r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", "Enter a GUID in lower case: 8-4-4-4-12 hex digits."
)


class Directory(TenantOwned):
    """An Entra directory. `directory_id` is the id that Entra calls the tenant ID.

    `cloud_name` is a key of `tenants.clouds.CLOUDS` or "custom". For a custom cloud, `cloud_settings` holds authority,
    arm, arm_scope, graph and ca. For all other clouds, it is empty.
    """

    protection = Protection.INTERNAL

    directory_id = models.CharField(max_length=36, validators=[GUID])
    name = models.CharField(max_length=200)
    cloud_name = models.CharField(max_length=40, default="AzureCloud")
    cloud_settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "directories"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "directory_id"], name="tenants_directory_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_directory_tenant_id"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def organization_id(self) -> UUID:
        """Return the id of the organization whose customer has the directory."""
        return self.tenant.organization_id

    @property
    def cloud(self) -> Cloud:
        """The cloud's endpoints for signing in and reading."""
        return cloud_from(self.cloud_name, self.cloud_settings)
