"""Azure subscriptions, as ARM lists them for a service principal."""

from django.db import models

from tenants.models.base import TenantOwned
from tenants.models.directory import GUID, Directory
from tenants.models.service_principal import ServicePrincipal
from tenants.references import same_tenant


class Subscription(TenantOwned):
    """An Azure subscription of a directory.

    `state` is ARM's state (Enabled, Warned, PastDue, Disabled, Deleted), or Vanished if ARM no longer lists it.
    `included` is a person's choice whether assessments cover the subscription.
    """

    VANISHED = "Vanished"

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="subscriptions")
    service_principal = models.ForeignKey(
        ServicePrincipal, null=True, on_delete=models.SET_NULL, related_name="subscriptions"
    )
    subscription_id = models.CharField(max_length=36, validators=[GUID])
    display_name = models.CharField(max_length=200)
    state = models.CharField(max_length=40)
    included = models.BooleanField(default=True)
    discovered_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "subscription_id"], name="tenants_subscription_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_subscription_tenant_id"),
            same_tenant("directory_id", "tenants_directory"),
            same_tenant("service_principal_id", "tenants_serviceprincipal"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.subscription_id
