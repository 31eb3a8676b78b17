"""What is left of notices and posts that were pruned, where their keys are still needed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.notify.models.channel import Channel
from tenants.models import TenantOwned
from tenants.references import same_tenant


class DedupKey(TenantOwned):
    """An event that a person, or a channel, has been told of: it is not told again, though the words are gone.

    Only of what is standing (`Event.standing`): everything else is kept from event twice by its own row.
    """

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
