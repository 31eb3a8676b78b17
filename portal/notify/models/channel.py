"""Channels, to which a tenant's events are posted, and their posts."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant
from tenants.secrets import SealedField


class Channel(TenantOwned):
    """A Teams, Slack or webhook URL that gets events of the chosen `kinds`.

    `address` is the URL, encrypted, because anyone who knows it can post to the channel. Pages show only `host`.
    `address` and `host` are empty for a channel from a configuration file until a person enters the URL. `secret` signs
    a webhook's posts (HMAC-SHA256). After a rotation, the replaced secret, `previous_secret`, signs posts as well until
    `previous_secret_until`. `disabled_because` says why Surety turned the channel off (the receiver answered 410).
    """

    protection = Protection.SECRET

    class Kind(models.TextChoices):
        TEAMS = "teams", "Microsoft Teams"
        SLACK = "slack", "Slack"
        WEBHOOK = "webhook", "Signed webhook"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind)
    host = models.CharField(max_length=255, blank=True)
    address = SealedField()
    secret = SealedField(null=True, blank=True)
    previous_secret = SealedField(null=True, blank=True)
    previous_secret_until = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(condition=~Q(host="") | Q(enabled=False), name="notify_channel_address"),
            models.CheckConstraint(
                condition=Q(previous_secret__isnull=True, previous_secret_until__isnull=True)
                | Q(previous_secret__isnull=False, previous_secret_until__isnull=False),
                name="notify_channel_previous_secret",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_address(self) -> bool:
        """Whether somebody has entered the URL."""
        return bool(self.host)


class Post(TenantOwned):
    """A message about one event to one channel. Surety tries to send it until it is delivered or has failed (`dead`).

    - `key`: identifies the event, so that it is posted once
    - `payload`: the content of a webhook's JSON, from which Teams' and Slack's messages are rendered
    - `status`: the HTTP status of the last response, 0 without a response
    - `due_at`: the next attempt; during an attempt, the time from which another worker may take over
    - `standing`: whether the event is published again as long as its cause exists, so that the key of this row must be
      kept when the row is deleted (`portal.notify.actions.prune`)
    """

    protection = Protection.CONFIDENTIAL

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
