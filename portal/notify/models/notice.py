"""Notices, which are both a person's list of notifications in the portal and the outbox of mail."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from assessments.models import Finding
from portal.notify.kinds import Delivery
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Notice(TenantOwned):
    """One event for one person.

    - `key`: identifies the event, so that a person gets only one notice of it
    - `path`: the page to which the notice links (`/t/<slug>/...`)
    - `delivery`: the person's preference at the time of the event; `off` shows the notice only in the portal's list
    - `due_at`: the time of mailing; during an attempt, the time from which another worker may take over
    - `error`: why the notice was not mailed
    - `findings`: if the notice is about several findings, their ids. They are checked before mailing, then removed
    - `standing`: whether the event is published again as long as its cause exists, so that the key of this row must be
      kept when the row is deleted (`portal.notify.actions.prune`)
    """

    protection = Protection.CONFIDENTIAL

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
            # Index for the number of unread notices, which every page shows.
            models.Index(
                fields=["person"], condition=models.Q(read_at__isnull=True), name="notify_notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Preference(TenantOwned):
    """Whether and when a person wants to be mailed about a kind of event in a tenant. If there is no row, the kind's
    default applies.
    """

    protection = Protection.PERSONAL

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
    """A number (`series`) that decides which of a person's unsubscribe links are valid: those that contain this number.

    Increasing the number invalidates earlier links. If there is no row, the number is 0.
    """

    protection = Protection.SECRET

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    series = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "person"], name="notify_maillinks_once")]

    def __str__(self) -> str:
        return f"links {self.series} of {self.person_id}"
