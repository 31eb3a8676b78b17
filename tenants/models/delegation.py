"""The service principals of organizations, and the subscriptions that customers delegate with Azure Lighthouse.

No scope of a customer contains these rows, and no customer's row refers to them. Only `tenants.azure.delegated_access`
connects a customer's subscription with the principal that reads it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tenants.clouds import Cloud, cloud_from
from tenants.models.base import OrganizationOwned
from tenants.models.directory import GUID
from tenants.models.stored_credential import StoredCredential
from tenants.models.tenant import Tenant
from tenants.protection import Protection
from tenants.references import CompositeReference


class ManagingPrincipal(StoredCredential, OrganizationOwned):
    """A service principal in the organization's own directory. It reads the subscriptions that customers delegate.

    `directory_id`, `cloud_name` and `cloud_settings` are as in `tenants.models.Directory`. An organization has no
    `Directory` rows. But `tenants.azure.credentials` reads `principal.directory`, so the property `directory` returns
    the principal itself.
    """

    protection = Protection.SECRET

    directory_id = models.CharField(max_length=36, validators=[GUID])
    cloud_name = models.CharField(max_length=40, default="AzureCloud")
    cloud_settings = models.JSONField(default=dict, blank=True)

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "directory_id", "client_id"], name="tenants_managingprincipal_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "id"], name="tenants_managingprincipal_organization_id"
            ),
            models.CheckConstraint(
                condition=StoredCredential.fits_kind(), name="tenants_managingprincipal_certificate"
            ),
        ]

    @property
    def cloud(self) -> Cloud:
        """The cloud's endpoints for signing in and reading."""
        return cloud_from(self.cloud_name, self.cloud_settings)

    @property
    def directory(self) -> ManagingPrincipal:
        """The directory that the principal signs in to."""
        return self


class Delegation(OrganizationOwned):
    """A subscription of another directory that an organization's own service principal sees.

    - `home_directory_id`: the directory to which the subscription belongs, as ARM states it (`tenantId`)
    - `state`: the state that ARM states, or Vanished if ARM no longer lists the subscription
    - `is_managed`: whether ARM names the organization's directory among `managedByTenants`
    - `has_role`: whether the principal has a role on the whole subscription; null if unknown
    - `principal`: null if the principal was removed; then nothing is read
    - `decision`: the decision of an administrator. If it is ASSIGNED, `tenant` is the only customer to which the
      subscription is assigned. The assignment is valid for the home directory that the subscription had when it was
      assigned
    """

    protection = Protection.INTERNAL

    VANISHED = "Vanished"

    class Decision(models.TextChoices):
        ASSIGNED = "assigned", "Assigned"
        EXCLUDED = "excluded", "Excluded"

    principal = models.ForeignKey(
        ManagingPrincipal, null=True, on_delete=models.SET_NULL, related_name="delegations"
    )
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    subscription_id = models.CharField(max_length=36, validators=[GUID])
    display_name = models.CharField(max_length=200)
    state = models.CharField(max_length=40)
    home_directory_id = models.CharField(max_length=36, validators=[GUID])
    quota_id = models.CharField(max_length=100, blank=True, default="")
    is_managed = models.BooleanField(default=False)
    has_role = models.BooleanField(null=True)
    discovered_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default="")
    decision_reason = models.CharField(max_length=1000, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subscription_id"], name="tenants_delegation_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    decision="", tenant__isnull=True, decided_at__isnull=True, decision_reason=""
                )
                | models.Q(decision="assigned", tenant__isnull=False, decided_at__isnull=False)
                | models.Q(decision="excluded", tenant__isnull=True, decided_at__isnull=False)
                & ~models.Q(decision_reason=""),
                name="tenants_delegation_decision",
            ),
            CompositeReference(
                name="tenants_delegation_principal_id_organization",
                columns=("organization_id", "principal_id"),
                table="tenants_managingprincipal",
                targets=("organization_id", "id"),
            ),
            CompositeReference(
                name="tenants_delegation_tenant_id_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.subscription_id

    @property
    def is_partial(self) -> bool:
        """Return whether, at the last check, resource groups were delegated and not the whole subscription. If so,
        assessments read nothing.
        """
        return self.has_role is False

    def clear_decision(self) -> None:
        """Make the delegation undecided again, without saving."""
        self.decision, self.decision_reason, self.tenant = "", "", None
        self.decided_by, self.decided_at = None, None
