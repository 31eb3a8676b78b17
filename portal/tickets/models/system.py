"""Ticket systems of an organization, and the project of each customer in them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models import Organization, OrganizationOwned, TenantOwned
from tenants.protection import Protection
from tenants.references import CompositeReference
from tenants.secrets import SealedField


class TicketSystem(OrganizationOwned):
    """A system in which Surety opens tickets, such as a Jira site.

    - `kind`: the key of a connector (`portal.tickets.connectors`); `address`: the base URL of the system's API
    - `secrets`: the secret values that people entered to connect the system, as sealed JSON; `fields`: the other
      entered values
    - `project`: the project for customers without a `TicketPlace`; if empty, these customers get no tickets
    - `paused_until`: no request is sent before this time, because of `problem`
    - `check_due`: asks a worker to test the connection; `checked_at`, `check_result`, `check_failed`: the last test
    - `polled_at`: when the last reading of the projects began; `read_problem`: what could not be read
    - `cursors`: {project: {"until": time up to which changes were read, in ISO 8601, "has_more": whether the reading
      ended before it had read all changes}}
    - `sent_at`: when Surety sent each change of a ticket in the last minute
    """

    protection = Protection.SECRET

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    address = models.CharField(max_length=300)
    fields = models.JSONField(default=dict, blank=True)
    secrets = SealedField(null=True, blank=True)
    project = models.CharField(max_length=200, blank=True)
    enabled = models.BooleanField(default=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    check_due = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_failed = models.BooleanField(default=False)
    check_result = models.CharField(max_length=500, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    cursors = models.JSONField(default=dict, blank=True)
    read_problem = models.CharField(max_length=500, blank=True)
    sent_at = ArrayField(models.DateTimeField(), default=list, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationOwned.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="tickets_ticketsystem_name"),
            models.UniqueConstraint(
                fields=["organization", "id"], name="tickets_ticketsystem_organization_id"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_secrets(self) -> bool:
        """Return whether somebody has entered the credentials. A system without credentials gets no requests."""
        return self.secrets is not None


class TicketPlace(TenantOwned):
    """The project or repository in which the tickets of one customer are opened. If `project` is empty, no
    tickets are opened.
    """

    protection = Protection.INTERNAL

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    system = models.ForeignKey(TicketSystem, on_delete=models.CASCADE, related_name="places")
    project = models.CharField(max_length=200, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "system"], name="tickets_ticketplace_once"),
            CompositeReference(
                name="tickets_ticketplace_system",
                columns=("organization_id", "system_id"),
                table="tickets_ticketsystem",
                targets=("organization_id", "id"),
            ),
            CompositeReference(
                name="tickets_ticketplace_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
        ]

    def __str__(self) -> str:
        return self.project
