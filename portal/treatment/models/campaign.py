"""Campaigns: one control to be fixed in many customers of an organization by a given date."""

from django.db import models

from tenants.models import Organization, OrganizationOwned, Person, TenantOwned
from tenants.protection import Protection
from tenants.references import CompositeReference


class Campaign(OrganizationOwned):
    """One control that an organization wants fixed in several of its customers (`CampaignCustomer`).

    A campaign is running until `ended_at` is set.
    """

    protection = Protection.CONFIDENTIAL

    control = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "id"], name="treatment_campaign_organization_id"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="treatment_campaign_end",
            ),
        ]

    def __str__(self) -> str:
        return self.control


class CampaignCustomer(TenantOwned):
    """A customer's part of a campaign. The row repeats the data that reminders need, because reminders are sent in the
    customer's scope, in which the campaign cannot be read.

    - `open_at_start`: the number of open findings when the campaign started
    - `open_at_end`: the number of open findings when the campaign ended; `unknown_at_end`: the number of findings that
      were then unknown and had failed before. Both are None while the campaign is running. They remain None if the
      customer was archived when the campaign ended, or if an earlier version of Surety ended the campaign
    - `reminded_for`: the due date of the last reminder; `reminded_late`: whether this reminder was sent after that date
    - `notices_due`: whether a worker must still notify people that the campaign has started
    """

    protection = Protection.CONFIDENTIAL

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="customers")
    control = models.CharField(max_length=80)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    open_at_start = models.PositiveIntegerField()
    open_at_end = models.PositiveIntegerField(null=True)
    unknown_at_end = models.PositiveIntegerField(null=True)
    is_running = models.BooleanField(default=True)
    notices_due = models.BooleanField(default=False, db_default=False)
    reminded_for = models.DateField(null=True)
    reminded_late = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["campaign", "tenant"], name="treatment_campaign_customer_once"),
            CompositeReference(
                name="treatment_campaign_customer_campaign",
                columns=("organization_id", "campaign_id"),
                table="treatment_campaign",
                targets=("organization_id", "id"),
            ),
            CompositeReference(
                name="treatment_campaign_customer_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "due_on"],
                condition=models.Q(is_running=True),
                name="treatment_campaign_due",
            ),
            models.Index(
                fields=["campaign"],
                condition=models.Q(notices_due=True),
                name="treatment_campaign_notices",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control} until {self.due_on}"
