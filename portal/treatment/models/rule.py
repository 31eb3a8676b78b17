"""Store owner rules, which assign owners to findings without a manually assigned owner. The first matching rule
applies.
"""

from django.conf import settings
from django.db import models

from portal.treatment.models.matching import Matching
from tenants.models import TenantOwned
from tenants.protection import Protection


class OwnerRule(Matching, TenantOwned):
    """An owner rule. `position` orders the rules of a tenant; `Matching` has its conditions."""

    protection = Protection.PERSONAL

    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    enabled = models.BooleanField(default=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="treatment_ownerrule_tenant_id"),
            # This constraint is checked at commit, because moving a rule renumbers several rules.
            models.UniqueConstraint(
                fields=["tenant", "position"],
                name="treatment_ownerrule_order",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.name
