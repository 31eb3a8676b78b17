"""Store legal holds. A customer's data is kept during a hold, and for seven days after the hold was lifted."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tenants.models import TenantOwned
from tenants.protection import Protection


class LegalHold(TenantOwned):
    """A legal hold on a customer.

    A hold can be lifted once. A trigger refuses all other changes. The application's database role cannot delete the
    row.
    """

    protection = Protection.CONFIDENTIAL

    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField()
    lift_reason = models.CharField(max_length=500, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-placed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(lifted_at__isnull=True), name="retention_hold_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="retention_hold_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lift_reason="")
                | Q(lifted_at__isnull=False) & ~Q(lift_reason=""),
                name="retention_hold_lifted",
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.placed_at:%Y-%m-%d}"
