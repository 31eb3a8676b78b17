"""Tickets of a customer, with their state and comments in the ticket system."""

from __future__ import annotations

from django.db import models

from assessments.models import Finding
from portal.tickets.models.system import TicketSystem
from tenants.models import Organization, TenantOwned
from tenants.protection import Protection
from tenants.references import CompositeReference, same_tenant


class Ticket(TenantOwned):
    """A ticket about one finding, or about all findings of a control in one customer (`finding` is null).

    - `key`: identifies what the ticket is about. No system has two tickets of a tenant with the same key
    - `is_wanted`: whether the ticket should be open, because a finding fails and no approved exception covers the
      finding
    - `remote_id`: the ticket's id in the system, empty until it was opened; `remote_key`: the key or
      number that people use, such as SHOP-12
    - `remote_state`: whether the ticket is open in the system; `remote_status`: the system's own word for this state
    - `work`: whether something must be sent
    - `due_at`: when the next attempt is due; during an attempt, when another worker may take over the ticket
    - `tried_at`: when a worker last requested to open the ticket; None before the first request. If `tried_at` is set
      while `remote_id` is empty, an answer was lost, so the next attempt first searches for the ticket
    - `status`: the error code of the last attempt, or empty
    - `unread_at`: when the last attempt to read the ticket or its comments failed, with the error `read_error`; None if
      the last attempt succeeded
    """

    protection = Protection.CONFIDENTIAL

    class Remote(models.TextChoices):
        NONE = "", "Not opened yet"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    class Work(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        DEAD = "dead", "Failed"
        DROPPED = "dropped", "Discarded"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    system = models.ForeignKey(TicketSystem, on_delete=models.CASCADE, related_name="tickets")
    kind = models.CharField(max_length=20, help_text="the connector of the system")
    key = models.CharField(max_length=120)
    control = models.CharField(max_length=80)
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    project = models.CharField(max_length=200)
    is_wanted = models.BooleanField(default=True)
    remote_id = models.CharField(max_length=100, blank=True)
    remote_key = models.CharField(max_length=100, blank=True)
    url = models.CharField(max_length=500, blank=True)
    remote_state = models.CharField(max_length=10, choices=Remote, blank=True)
    remote_status = models.CharField(max_length=100, blank=True)
    work = models.CharField(max_length=10, choices=Work, default=Work.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    status = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    unread_at = models.DateTimeField(null=True, blank=True)
    read_error = models.CharField(max_length=500, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tickets_ticket_tenant_id"),
            models.UniqueConstraint(fields=["tenant", "system", "key"], name="tickets_ticket_once"),
            models.UniqueConstraint(
                fields=["system", "project", "remote_id"],
                condition=~models.Q(remote_id=""),
                name="tickets_ticket_remote_once",
            ),
            same_tenant("finding_id", "assessments_finding"),
            CompositeReference(
                name="tickets_ticket_system",
                columns=("organization_id", "system_id"),
                table="tickets_ticketsystem",
                targets=("organization_id", "id"),
            ),
            CompositeReference(
                name="tickets_ticket_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
        ]
        indexes = [
            models.Index(fields=["system", "work", "due_at"], name="tickets_ticket_due"),
            models.Index(fields=["tenant", "control"], name="tickets_ticket_control"),
        ]

    def __str__(self) -> str:
        return self.remote_key or self.key

    @property
    def marker(self) -> str:
        """Return the text in the ticket by which Surety finds the ticket again."""
        return f"surety-{self.pk.hex}"


class TicketComment(TenantOwned):
    """A comment that somebody wrote on the ticket in the ticket system."""

    protection = Protection.CONFIDENTIAL

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="comments")
    remote_id = models.CharField(max_length=100)
    author = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "remote_id"], name="tickets_ticketcomment_once"),
            same_tenant("ticket_id", "tickets_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"


class TicketCursor(TenantOwned):
    """The time when the tickets of a customer were last compared with the customer's findings.

    `left_out` is the number of tickets that were not created, because the customer had too many open tickets.
    """

    protection = Protection.INTERNAL

    planned_at = models.DateTimeField(null=True, blank=True)
    left_out = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="tickets_ticketcursor_once")]

    def __str__(self) -> str:
        return f"planned at {self.planned_at}"
