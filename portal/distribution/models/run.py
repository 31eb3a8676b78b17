"""Runs of schedules. Each run builds one report of one customer, or one portfolio report."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.distribution.models.schedule import OrganizationReportSchedule, ReportSchedule
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.models import Report
from tenants.models import OrganizationOwned, TenantOwned
from tenants.protection import Protection
from tenants.references import CompositeReference, same_tenant


class _Run(models.Model):
    """One report that a schedule or a person (`requested_by`) asked for.

    A run starts at `start_at`. If too many reports are being built at this time, it starts later. After a failed build,
    the run waits again: `retries` counts the failed builds, and `error` is the reason of the last failed build. If runs
    were missed because no worker was running, one run replaces all missed runs. `missed_count` is their number; they
    were due from `missed_from` to `missed_until`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        BUILDING = "building", "Building"
        BUILT = "built", "Built"
        FAILED = "failed", "Failed"

    schedule_name = models.CharField(max_length=100)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    start_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # This is a number instead of a foreign key, because the run remains when the retention deletes the report.
    report_number = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    retries = models.PositiveSmallIntegerField(default=0, db_default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    missed_count = models.PositiveIntegerField(default=0)
    missed_from = models.DateTimeField(null=True, blank=True)
    missed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["building", "built"]) | Q(report_number__isnull=False),
                name="%(app_label)s_%(class)s_report",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="%(app_label)s_%(class)s_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_name} {self.due_at:%Y-%m-%d %H:%M}"


class ReportRun(_Run, TenantOwned):
    """A run that builds a report of a customer."""

    protection = Protection.CONFIDENTIAL

    schedule = models.ForeignKey(
        ReportSchedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )

    class Meta(_Run.Meta):
        constraints = [
            *_Run.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "id"], name="distribution_reportrun_id"),
            same_tenant("schedule_id", "distribution_reportschedule"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "start_at"],
                condition=Q(state__in=["waiting", "building"]),
                name="distribution_reportrun_active",
            )
        ]

    def report(self) -> Report | None:
        """Return the report with its tenant. Return None if the report is not requested yet, or was deleted under the
        retention policy.
        """
        if self.report_number is None:
            return None
        rows = Report.objects.filter(tenant=self.tenant_id, number=self.report_number)
        return rows.select_related("tenant__organization", "assessment").first()


class PortfolioRun(_Run, OrganizationOwned):
    """A run that builds a portfolio report."""

    protection = Protection.CONFIDENTIAL

    schedule = models.ForeignKey(
        OrganizationReportSchedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )

    class Meta(_Run.Meta):
        constraints = [
            *_Run.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "id"], name="distribution_portfoliorun_id"),
            CompositeReference(
                name="distribution_portfoliorun_schedule",
                columns=("organization_id", "schedule_id"),
                table="distribution_organizationreportschedule",
                targets=("organization_id", "id"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "start_at"],
                condition=Q(state__in=["waiting", "building"]),
                name="distribution_portfolio_active",
            )
        ]

    def report(self) -> PortfolioReport | None:
        """Return the report with its organization. Return None if the report is not requested yet, or was deleted."""
        if self.report_number is None:
            return None
        rows = PortfolioReport.objects.filter(organization=self.organization_id, number=self.report_number)
        return rows.select_related("organization").first()
