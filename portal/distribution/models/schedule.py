"""Schedules that build reports: schedules of one customer, and schedules of an organization for many customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.portfolio_reports.models import KIND, PortfolioReport
from portal.reports.kinds import KINDS
from portal.reports.models.report import DEFAULT_FRAMEWORK
from tenants.models import Language, Organization, OrganizationOwned, Paper, TenantOwned
from tenants.protection import Protection
from tenants.references import CompositeReference

PORTFOLIO: Final = KIND
"""The kind of a schedule whose reports cover several customers."""


class _ReportSchedule(models.Model):
    """The report to build, its times and its recipients.

    `kind` is a key of `portal.reports.kinds`, or `portfolio` in a schedule of an organization. `timetable` is a text
    that `portal.distribution.timetable` can parse. An empty `paper` or `language` means the organization's default.
    `people` are the ids of recipients with an account, who get a report only while they may read it. `addresses` lists
    the other recipients:

        {"address": "it@contoso.example", "confirmed_by": "<id of the administrator>" or null}

    Only confirmed addresses get reports. In a schedule of an organization, an address also has `customers`, the ids of
    the customers that its confirmation covers.
    """

    name = models.CharField(max_length=100)
    timetable = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, help_text="key of portal.reports.kinds")
    framework = models.CharField(max_length=40, default=DEFAULT_FRAMEWORK)
    paper = models.CharField(max_length=10, choices=Paper, blank=True)
    language = models.CharField(max_length=10, choices=Language, blank=True, default="", db_default="")
    classification = models.CharField(max_length=60, default="Confidential")
    without_names = models.BooleanField(default=False)
    people = ArrayField(models.UUIDField(), default=list, blank=True)
    addresses: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    enabled = models.BooleanField(default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def kind_name(self) -> str:
        return PortfolioReport.kind_name if self.kind == PORTFOLIO else KINDS[self.kind].name

    @property
    def confirmed_addresses(self) -> list[str]:
        """The email addresses that an administrator confirmed, so that reports are sent to them."""
        return [row["address"] for row in self.addresses if row["confirmed_by"]]

    @property
    def unconfirmed_addresses(self) -> list[str]:
        """The email addresses that an administrator has to confirm."""
        return self.unconfirmed_for()

    def unconfirmed_for(self, customers: Iterable[UUID] = ()) -> list[str]:
        """Return the email addresses that are not confirmed at all, or not confirmed for all of these customers."""
        needed = {str(pk) for pk in customers}
        return [
            row["address"]
            for row in self.addresses
            if not row["confirmed_by"] or needed - set(row.get("customers", ()))
        ]


class OrganizationReportSchedule(_ReportSchedule, OrganizationOwned):
    """A schedule for all customers of an organization, or for the customers with a label.

    A schedule of the kind `portfolio` builds one report about all of these customers. `next_at` is the time of its next
    run. `computed_for` states the timetable and time zone from which `next_at` was computed.

    A schedule of another kind has a copy for each of these customers: a `ReportSchedule` with the same choices, its own
    next run, and only the recipients who get the customer's reports.
    """

    protection = Protection.PERSONAL

    label = models.CharField(max_length=100, blank=True, help_text="empty: all customers")
    next_at = models.DateTimeField(null=True, blank=True)
    computed_for = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta(OrganizationOwned.Meta):
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="distribution_organizationschedule_id"
            ),
            models.UniqueConstraint(
                fields=["organization", "name"], name="distribution_organizationschedule_name"
            ),
        ]

    @property
    def is_portfolio(self) -> bool:
        return self.kind == PORTFOLIO

    def addresses_of(self, tenant_id: UUID) -> list[dict[str, Any]]:
        """Return the email addresses that are confirmed for the reports of a customer, in the form in which
        `ReportSchedule.addresses` stores them.
        """
        return [
            {"address": row["address"], "confirmed_by": row["confirmed_by"]}
            for row in self.addresses
            if row["confirmed_by"] and str(tenant_id) in row.get("customers", ())
        ]


class ReportSchedule(_ReportSchedule, TenantOwned):
    """A schedule of one customer's reports.

    `origin` is the schedule of the organization whose choices this row copies. `next_at` is the time of the next run.
    `computed_for` states the timetable and time zone from which `next_at` was computed. If the timetable or time zone
    has changed since, the periodic task computes `next_at` again. If reports follow assessments, they are built only
    for assessments with a greater number than `after_number`.
    """

    protection = Protection.PERSONAL

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", editable=False)
    origin = models.ForeignKey(
        OrganizationReportSchedule, null=True, blank=True, on_delete=models.CASCADE, related_name="customers"
    )
    next_at = models.DateTimeField(null=True, blank=True)
    computed_for = models.CharField(max_length=200, blank=True)
    after_number = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="distribution_reportschedule_id"),
            models.UniqueConstraint(fields=["tenant", "origin"], name="distribution_reportschedule_origin"),
            models.UniqueConstraint(
                fields=["tenant", "name"],
                condition=models.Q(origin__isnull=True),
                name="distribution_reportschedule_name",
            ),
            CompositeReference(
                name="distribution_reportschedule_origin_organization",
                columns=("organization_id", "origin_id"),
                table="distribution_organizationreportschedule",
                targets=("organization_id", "id"),
            ),
            CompositeReference(
                name="distribution_reportschedule_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
        ]
