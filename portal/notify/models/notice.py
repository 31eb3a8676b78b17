"""Notices: one thing told to one person. The outbox of mail, and the list a person sees in the portal."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from assessments.models import Finding
from portal.notify.kinds import Delivery
from tenants.models import TenantOwned
from tenants.references import same_tenant


class Notice(TenantOwned):
    """`key` says which event it tells of: a second notice of it to the same person is not made.

    `path` is the page it leads to (`/t/<slug>/...`). `delivery` is what the person's preference was when it
    happened; `off` is kept for the list in the portal and never mailed. `due_at` is when it is to be mailed,
    and, while a worker mails it, when another one may. `error` says why it was not. `findings` are the ids of
    those that it is about, where they are several: looked at once more before it is mailed, and forgotten
    then. `standing`: nothing but its key keeps what happened from being told again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        KEPT = "kept", "Not mailed"
        FAILED = "failed", "Failed"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=300)
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    delivery = models.CharField(max_length=20, choices=Delivery)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="when the mail is sent, or sent again after a failure")
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    findings = ArrayField(models.UUIDField(), default=list, blank=True)
    standing = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "person", "kind", "key"], name="notify_notice_once"),
            same_tenant("finding_id", "assessments_finding"),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "due_at"], name="notify_notice_due"),
            models.Index(fields=["tenant", "person", "-created_at"], name="notify_notice_of"),
            # Counted on every page.
            models.Index(
                fields=["person"], condition=models.Q(read_at__isnull=True), name="notify_notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Preference(TenantOwned):
    """How a person hears of a kind of event in a tenant; without a row the kind's default holds."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    delivery = models.CharField(max_length=20, choices=Delivery)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "person", "kind"], name="notify_preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.delivery}"


class MailLinks(TenantOwned):
    """Which unsubscribe links of a person's mails work: those that bear this number; 0 without a row."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    series = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "person"], name="notify_maillinks_once")]

    def __str__(self) -> str:
        return f"links {self.series} of {self.person_id}"
