"""The outbox of reports. It has one row for each report and recipient."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.distribution.models.run import PortfolioRun, ReportRun
from tenants.models import OrganizationOwned, TenantOwned
from tenants.protection import Protection
from tenants.references import CompositeReference, same_tenant


class _Delivery(models.Model):
    """A mail with the report of a run, to a person or to another email address.

    `due_at` is the time at which the mail is to be sent. During an attempt, it is the time after which another worker
    may take over. `error` says why the mail was not sent yet, or why it will never be sent. If `person` is set,
    `address` is empty, and the mail goes to the person's present address. `series` counts how often people requested
    to send the report again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Accepted by the mail server"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Not sent"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    address = models.EmailField(max_length=254, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    series = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person", "address"], nulls_distinct=False, name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, address="") | Q(person__isnull=True) & ~Q(address=""),
                name="%(app_label)s_%(class)s_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def recipient(self) -> str:
        """The name and email address of the recipient, or the address alone if the recipient has no account."""
        return f"{self.person.get_full_name()} <{self.person.email}>" if self.person else self.address


class ReportDelivery(_Delivery, TenantOwned):
    """A mail with a report of a customer."""

    protection = Protection.CONFIDENTIAL

    run = models.ForeignKey(ReportRun, on_delete=models.CASCADE, related_name="deliveries")

    class Meta(_Delivery.Meta):
        constraints = [*_Delivery.Meta.constraints, same_tenant("run_id", "distribution_reportrun")]
        indexes = [
            models.Index(
                fields=["tenant", "due_at"],
                condition=Q(state="waiting"),
                name="distribution_delivery_due",
            )
        ]


class PortfolioDelivery(_Delivery, OrganizationOwned):
    """A mail with a portfolio report."""

    protection = Protection.CONFIDENTIAL

    run = models.ForeignKey(PortfolioRun, on_delete=models.CASCADE, related_name="deliveries")

    class Meta(_Delivery.Meta):
        constraints = [
            *_Delivery.Meta.constraints,
            CompositeReference(
                name="distribution_portfoliodelivery_run",
                columns=("organization_id", "run_id"),
                table="distribution_portfoliorun",
                targets=("organization_id", "id"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "due_at"],
                condition=Q(state="waiting"),
                name="distribution_portfolio_due",
            )
        ]
