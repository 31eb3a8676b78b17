"""An organization: the managed service provider (MSP)."""

from django.db import models

from tenants import rls
from tenants.ids import uuid7
from tenants.managers import OrganizationItselfManager


class Organization(models.Model):
    """A managed service provider. Its tenants are its customers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

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
