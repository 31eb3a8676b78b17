"""Azure subscriptions, as ARM lists them for a service principal."""

from django.db import models

from tenants.models.base import TenantOwned
from tenants.models.directory import GUID, Directory
from tenants.models.service_principal import ServicePrincipal
from tenants.references import same_tenant


class Subscription(TenantOwned):
    """An Azure subscription of a directory.

    `state` is ARM's state (Enabled, Warned, PastDue, Disabled, Deleted), or Vanished if ARM no longer lists it.
    `included` is a person's choice whether assessments cover the subscription. `home_directory_id` is the directory
    that the subscription belongs to, as ARM states it (`tenantId`), and `quota_id` its kind of offer; both are empty
    until ARM stated them.

    A subscription of another directory, which a principal sees through Azure Lighthouse, is listed but never
    assessed: its role holders are not in this directory.
    """

    VANISHED = "Vanished"
    WITHOUT_RESOURCES = ("AAD_2015-09-01",)
    """Offers whose subscriptions cannot contain resources: "Access to Azure Active Directory"."""

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="subscriptions")
    service_principal = models.ForeignKey(
        ServicePrincipal, null=True, on_delete=models.SET_NULL, related_name="subscriptions"
    )
    subscription_id = models.CharField(max_length=36, validators=[GUID])
    display_name = models.CharField(max_length=200)
    state = models.CharField(max_length=40)
    included = models.BooleanField(default=True)
    home_directory_id = models.CharField(max_length=36, blank=True, default="")
    quota_id = models.CharField(max_length=100, blank=True, default="")
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

    @classmethod
    def assessed(cls) -> models.Q:
        """Return the condition for subscriptions that assessments cover."""
        own = models.Q(home_directory_id="") | models.Q(home_directory_id=models.F("directory__directory_id"))
        left_out = models.Q(state=cls.VANISHED) | models.Q(quota_id__in=cls.WITHOUT_RESOURCES)
        return models.Q(included=True) & own & ~left_out

    @property
    def is_foreign(self) -> bool:
        """Whether the subscription belongs to another directory than the one it was found in."""
        return bool(self.home_directory_id) and self.home_directory_id != self.directory.directory_id

    @property
    def holds_no_resources(self) -> bool:
        """Whether the subscription's offer permits no resources. Azure refuses to list any in such a subscription."""
        return self.quota_id in self.WITHOUT_RESOURCES
