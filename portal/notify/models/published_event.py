"""The events of a tenant, which programs read in the order of their positions."""

from django.db import models
from django.db.models import Q

from tenants.models import TenantOwned
from tenants.protection import Protection


class PublishedEvent(TenantOwned):
    """One event, with the content that webhooks send. The row exists even if no channel got the event. `event_id` in
    `portal.notify.signing` computes the event's id.

    - `position`: the place in the feed; null until after the commit of the row (`portal.notify.event_positions`)
    - `positioned_at`: when the position was given, by the database's clock
    - `payload`: the content of the webhook's JSON; null after it was deleted
    - `standing`: whether the row must be kept when its content is deleted, so that the event is not published again
    """

    protection = Protection.CONFIDENTIAL

    kind = models.CharField(max_length=40)
    payload = models.JSONField(null=True)
    created_at = models.DateTimeField()
    standing = models.BooleanField(default=False)
    position = models.BigIntegerField(null=True, editable=False)
    positioned_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantOwned.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["position"], name="notify_event_position_once"),
            models.CheckConstraint(
                condition=Q(position__isnull=True, positioned_at__isnull=True)
                | Q(position__isnull=False, positioned_at__isnull=False),
                name="notify_event_positioned",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "created_at"],
                condition=Q(position__isnull=True),
                name="notify_event_without_position",
            ),
            models.Index(fields=["tenant", "position"], name="notify_event_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.position}"
