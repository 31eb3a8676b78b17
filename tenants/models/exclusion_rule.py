"""Define rules that exclude subscriptions from assessments by management group, tag, or both."""

from django.db import models

from tenants.models.base import TenantOwned
from tenants.protection import Protection


class ExclusionRule(TenantOwned):
    """A rule that excludes subscriptions of a customer: those below a management group, those with a tag, or only those
    that meet both conditions.

    The rule also excludes such subscriptions if they appear later. `management_group` is the name (id) of a group,
    `tag` is `name=value`, and at least one of them is set. If both are set, a subscription must match both. `until` is
    the end of the rule, or null. `Subscription.exclusion_rule` stores which rule excludes a subscription (see
    `tenants.azure.exclusion_rules`).
    """

    protection = Protection.INTERNAL

    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=1000)
    management_group = models.CharField(max_length=90, blank=True, default="")
    tag = models.CharField(max_length=769, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="tenants_exclusionrule_name"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_exclusionrule_tenant_id"),
            models.CheckConstraint(
                condition=~models.Q(management_group="", tag=""), name="tenants_exclusionrule_condition"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="tenants_exclusionrule_reason"),
        ]

    def __str__(self) -> str:
        return self.name
