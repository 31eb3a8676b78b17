"""Keys of events whose notices and posts were deleted. The keys still prevent duplicates."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.notify.models.channel import Channel
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class DedupKey(TenantOwned):
    """The key of an event that was sent to a person or a channel and whose notice or post was deleted.

    Only standing events (`Event.standing`) need such a row, because other events are never published again.
    """

    protection = Protection.INTERNAL

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        db_table = "notify_told"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "key", "person", "channel"],
                name="notify_told_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, channel__isnull=True)
                | Q(person__isnull=True, channel__isnull=False),
                name="notify_told_somebody",
            ),
            same_tenant("channel_id", "notify_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
