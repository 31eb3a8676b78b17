"""Tenants: customers of an organization, isolated from each other. TenantKey lists their ids."""

from django.db import models

from tenants import rls
from tenants.ids import uuid7
from tenants.isolation.managers import TenantManager
from tenants.models.organization import Organization
from tenants.protection import Protection
from tenants.references import CompositeReference

# {severity: days after the first failing assessment until a finding is due}
DUE_DAYS = {"critical": 7, "high": 30, "medium": 90, "low": 180, "info": 365}
EXCEPTION_CAP_DAYS = 180


def default_due_days() -> dict[str, int]:
    return dict(DUE_DAYS)


class Tenant(models.Model):
    """One customer of an organization, with its policy. The slug is part of URLs: `/t/<slug>/`.

    An archived customer (`archived_at`) has no service principals; a database trigger refuses new ones.
    """

    protection = Protection.INTERNAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="tenants")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA name, such as Europe/Berlin")
    labels = models.JSONField(
        default=list, blank=True, help_text="groups and tags to filter tenants by: a list of words"
    )
    exception_cap_days = models.PositiveIntegerField(default=EXCEPTION_CAP_DAYS)
    due_days = models.JSONField(default=default_due_days, help_text="days by severity")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    archive_reason = models.CharField(max_length=500, blank=True, default="")

    objects = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "organization"], name="tenants_tenant_id_organization"),
            models.CheckConstraint(
                condition=models.Q(exception_cap_days__gte=1), name="tenants_tenant_exception_cap"
            ),
            rls.RowLevelSecurity(name="tenants_tenant_rls", using=rls.TENANT_ITSELF),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        """Whether the customer is archived. Surety does not read the Azure resources of an archived customer."""
        return self.archived_at is not None


class TenantKey(models.Model):
    """The ids of a tenant and its organization, readable without a scope, so that schedulers can find all tenants.

    A trigger inserts the row of each new tenant. A composite foreign key ensures that the organization is the tenant's.
    """

    protection = Protection.INTERNAL

    tenant = models.OneToOneField(Tenant, primary_key=True, on_delete=models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")

    objects: models.Manager["TenantKey"] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "organization"], name="tenants_tenantkey_pair"),
            CompositeReference(
                name="tenants_tenantkey_true",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
