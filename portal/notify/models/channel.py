"""Where a tenant's events are posted: Teams, Slack, or a signed webhook; and each post with its tries."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.models import TenantOwned
from tenants.references import same_tenant
from tenants.secrets import SealedField


class Channel(TenantOwned):
    """An address to post to. `address` is sealed, since a Teams or Slack address is its own password; `host`
    is what may be shown of it. `secret` signs a webhook's posts (HMAC-SHA256) and is empty for the others.
    `disabled_because` is said where Surety itself switched it off (a receiver that answered 410).
    """

    class Kind(models.TextChoices):
        TEAMS = "teams", "Microsoft Teams"
        SLACK = "slack", "Slack"
        WEBHOOK = "webhook", "Signed webhook"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind)
    host = models.CharField(max_length=255)
    address = SealedField()
    secret = SealedField(null=True, blank=True)
    kinds = ArrayField(models.CharField(max_length=40), help_text="kinds of event posted to the channel")
    enabled = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="notify_channel_tenant_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="notify_channel_name"),
            models.CheckConstraint(
                condition=~Q(kind="webhook") | Q(secret__isnull=False), name="notify_channel_signed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Post(TenantOwned):
    """One event for one channel, tried until it is taken or given up (`dead`, shown with a retry).

    `key` names the event, so that it is posted once. `payload` is what a signed webhook gets as JSON; Teams
    and Slack get theirs made from it. `status` is the last answer's HTTP status, 0 where there was none.
    `due_at` is when it is to be tried, and, while a worker tries it, when another one may. `standing`: nothing
    but its key keeps what happened from being posted again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Failed"
        DROPPED = "dropped", "Discarded"

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    standing = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "kind", "key"], name="notify_post_once"),
            same_tenant("channel_id", "notify_channel"),
        ]
        indexes = [models.Index(fields=["tenant", "state", "due_at"], name="notify_post_due")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.channel_id}"
