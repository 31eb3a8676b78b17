"""Azure subscriptions, as ARM lists them for a service principal."""

from django.conf import settings
from django.db import models

from tenants.models.base import TenantOwned
from tenants.models.directory import GUID, Directory
from tenants.models.exclusion_rule import ExclusionRule
from tenants.models.service_principal import ServicePrincipal
from tenants.protection import Protection
from tenants.references import same_tenant


class Situation(models.TextChoices):
    """Whether assessments cover a subscription, or why they do not."""

    INCLUDED = "included", "Included"
    EXCLUDED = "excluded", "Excluded"
    FOREIGN = "foreign", "Another directory"
    WAITING = "waiting", "Waiting for access"
    VANISHED = "vanished", "Not seen any more"
    DELETED = "deleted", "Deleted"
    NO_RESOURCES = "no_resources", "No resources"


class Subscription(TenantOwned):
    """An Azure subscription of a directory.

    - `state`: the state that ARM returns (Enabled, Warned, PastDue, Disabled, Deleted). Vanished: ARM no longer lists
      the subscription. Waiting: no service principal of its directory has seen the subscription yet
    - `included`: false if a person excluded the subscription, for the reason `exclusion_reason`; from `excluded_until`
      on, the subscription is included again
    - `exclusion_rule`: the customer's rule that excludes the subscription, independently of `included`
    - `rule_unannounced_since`: when a rule began to exclude the subscription; null once people have been notified
    - `home_directory_id`: the directory to which the subscription belongs, as ARM states it (`tenantId`); `quota_id`:
      the kind of offer of the subscription. Both are empty until ARM has returned them
    - `is_delegated`: an administrator assigned the delegated subscription to this customer. While no service principal
      of the customer sees the subscription, the organization's service principal reads it
      (`tenants.azure.delegated_access`)
    - `tags`: {name: value}; `management_groups`: [name, display name] of each readable management group above the
      subscription
    - `decision`: an administrator's decision about a subscription of another directory, cleared if the subscription
      moves to another directory later

    A principal can see a subscription of another directory through Azure Lighthouse. Such a subscription is never
    assessed with this principal, because the people who have roles in the subscription are not in the principal's
    directory (see `tenants.actions.foreign_subscriptions`).
    """

    protection = Protection.INTERNAL

    VANISHED = "Vanished"
    WAITING = "Waiting"
    DELETED = "Deleted"
    WITHOUT_RESOURCES = ("AAD_2015-09-01",)
    """Offers whose subscriptions cannot contain resources: "Access to Azure Active Directory"."""

    class Decision(models.TextChoices):
        ASSIGNED = "assigned", "Assigned"
        EXCLUDED = "excluded", "Excluded"

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="subscriptions")
    service_principal = models.ForeignKey(
        ServicePrincipal, null=True, on_delete=models.SET_NULL, related_name="subscriptions"
    )
    subscription_id = models.CharField(max_length=36, validators=[GUID])
    display_name = models.CharField(max_length=200)
    state = models.CharField(max_length=40)
    included = models.BooleanField(default=True)
    exclusion_reason = models.CharField(max_length=1000, blank=True, default="")
    excluded_until = models.DateTimeField(null=True, blank=True)
    exclusion_rule = models.ForeignKey(
        ExclusionRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="subscriptions"
    )
    rule_unannounced_since = models.DateTimeField(null=True, blank=True)
    home_directory_id = models.CharField(max_length=36, blank=True, default="")
    quota_id = models.CharField(max_length=100, blank=True, default="")
    is_delegated = models.BooleanField(default=False, db_default=False)
    tags = models.JSONField(default=dict, blank=True)
    management_groups = models.JSONField(default=list, blank=True)
    discovered_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default="")
    decision_reason = models.CharField(max_length=1000, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "subscription_id"], name="tenants_subscription_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_subscription_tenant_id"),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_at__isnull=True, decision_reason="")
                | models.Q(decision="assigned", decided_at__isnull=False)
                | models.Q(decision="excluded", decided_at__isnull=False) & ~models.Q(decision_reason=""),
                name="tenants_subscription_decision",
            ),
            models.CheckConstraint(
                condition=models.Q(included=False) | models.Q(excluded_until__isnull=True),
                name="tenants_subscription_excluded_until",
            ),
            same_tenant("directory_id", "tenants_directory"),
            same_tenant("service_principal_id", "tenants_serviceprincipal"),
            same_tenant("exclusion_rule_id", "tenants_exclusionrule"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.subscription_id

    @classmethod
    def own(cls) -> models.Q:
        """Return the condition for subscriptions that belong to the directory in which they were found, or whose home
        directory is unknown.
        """
        return models.Q(home_directory_id="") | models.Q(
            home_directory_id=models.F("directory__directory_id")
        )

    @classmethod
    def assessed(cls) -> models.Q:
        """Return the condition that selects subscriptions that assessments cover (situation INCLUDED)."""
        unreadable = models.Q(state__in=(cls.VANISHED, cls.WAITING, cls.DELETED))
        without_resources = models.Q(quota_id__in=cls.WITHOUT_RESOURCES)
        return ~cls.excluded() & cls.own() & ~(unreadable | without_resources)

    @classmethod
    def excluded(cls) -> models.Q:
        """Return the condition for subscriptions that a person or an exclusion rule excludes from assessments."""
        return models.Q(included=False) | models.Q(exclusion_rule__isnull=False)

    @property
    def situation(self) -> Situation:
        """Whether assessments cover the subscription, or the first reason why not."""
        by_state = {
            self.DELETED: Situation.DELETED,
            self.VANISHED: Situation.VANISHED,
            self.WAITING: Situation.WAITING,
        }
        if self.is_foreign:
            return Situation.FOREIGN
        if self.holds_no_resources:
            return Situation.NO_RESOURCES
        if not self.included or self.exclusion_rule_id is not None:
            return Situation.EXCLUDED
        return by_state.get(self.state, Situation.INCLUDED)

    @property
    def is_foreign(self) -> bool:
        """Whether the subscription belongs to a directory other than the one in which it was found."""
        return bool(self.home_directory_id) and self.home_directory_id != self.directory.directory_id

    @property
    def holds_no_resources(self) -> bool:
        """Whether the subscription's offer permits no resources. Azure refuses to list resources in such a
        subscription.
        """
        return self.quota_id in self.WITHOUT_RESOURCES

    def clear_decision(self) -> None:
        """Make a foreign subscription undecided again, without saving."""
        self.decision, self.decision_reason, self.decided_by, self.decided_at = "", "", None, None
