"""Rules that decide for which findings an organization opens tickets."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.tickets.models.system import TicketSystem
from tenants.models import Organization, OrganizationOwned, TenantOwned
from tenants.protection import Protection
from tenants.references import CompositeReference


class TicketRule(OrganizationOwned):
    """A rule that opens tickets in one system. The rule applies to a finding that meets all conditions.

    An empty condition is always met. If a condition has several entries, one of them must fit. `labels` are labels of
    customers. If `only_chosen` is True, the rule applies only to customers with a row of `TicketRuleCustomer`. If `per`
    is CONTROL, all findings of a control in one customer share a ticket. If several rules of a system match, the oldest
    rule decides. `ended` is the reason why Surety turned the rule off. It is empty if Surety did not turn the rule off.
    """

    protection = Protection.INTERNAL

    class Per(models.TextChoices):
        CONTROL = "control", "One ticket per control and customer"
        FINDING = "finding", "One ticket per finding"

    system = models.ForeignKey(TicketSystem, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(max_length=120)
    enabled = models.BooleanField(default=True)
    per = models.CharField(max_length=10, choices=Per, default=Per.CONTROL)
    severities = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    controls = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    labels = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    only_chosen = models.BooleanField(
        default=False, help_text="the rule applies only to customers with a TicketRuleCustomer"
    )
    ended = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationOwned.Meta):
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="tickets_ticketrule_name"),
            models.UniqueConstraint(fields=["organization", "id"], name="tickets_ticketrule_organization_id"),
            CompositeReference(
                name="tickets_ticketrule_system",
                columns=("organization_id", "system_id"),
                table="tickets_ticketsystem",
                targets=("organization_id", "id"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TicketRuleCustomer(TenantOwned):
    """A customer to which a rule with `only_chosen` applies."""

    protection = Protection.INTERNAL

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    rule = models.ForeignKey(TicketRule, on_delete=models.CASCADE, related_name="customers")

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "rule"], name="tickets_ticketrulecustomer_once"),
            CompositeReference(
                name="tickets_ticketrulecustomer_rule",
                columns=("organization_id", "rule_id"),
                table="tickets_ticketrule",
                targets=("organization_id", "id"),
            ),
            CompositeReference(
                name="tickets_ticketrulecustomer_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} for {self.tenant_id}"
