"""Queries about schedules of reports, for pages and commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from portal.distribution.models import OrganizationReportSchedule, ReportRun, ReportSchedule
from portal.distribution.timetable import parse
from portal.reports.models import Report
from tenants.models import Person, Tenant


@dataclass(frozen=True, slots=True)
class ListedSchedule:
    """A schedule of a customer, with its last run, the report of this run, and the recipients as pages show them."""

    schedule: ReportSchedule
    last: ReportRun | None
    report: Report | None
    recipients: list[str]

    @property
    def when(self) -> str:
        """The timetable in words."""
        return parse(self.schedule.timetable).label


def listed_schedules(tenant: Tenant) -> list[ListedSchedule]:
    """Return the customer's schedules, sorted by name. Sends four queries. Needs the customer's scope."""
    rows = list(ReportSchedule.objects.filter(tenant=tenant).select_related("made_by"))
    newest = ReportRun.objects.filter(schedule__in=rows).order_by("schedule_id", "-due_at", "-pk")
    runs = {run.schedule_id: run for run in newest.distinct("schedule_id")}
    names = names_by_id(pk for row in rows for pk in row.people)
    numbers = [run.report_number for run in runs.values() if run.report_number is not None]
    reports = {row.number: row for row in Report.objects.filter(tenant=tenant, number__in=numbers)}
    found = []
    for row in rows:
        run = runs.get(row.pk)
        report = reports.get(run.report_number) if run and run.report_number else None
        found.append(ListedSchedule(row, run, report, recipient_labels(row, names)))
    return found


def recipient_labels(
    row: ReportSchedule | OrganizationReportSchedule, names: dict[UUID, str], customers: Iterable[UUID] = ()
) -> list[str]:
    """Return the recipients of a schedule as texts.

    For an organization's schedule, `customers` are the ids of the customers to which the schedule applies. For a
    customer's copy of such a schedule, no email addresses are shown, because they may belong to people of other
    customers.
    """
    people = [names[pk] for pk in row.people if pk in names]
    if isinstance(row, ReportSchedule) and row.origin_id is not None:
        return (
            [*people, "Addresses without an account, set by the organization and not shown here"]
            if row.addresses
            else people
        )
    waiting = set(row.unconfirmed_for(customers))
    addresses = [entry["address"] for entry in row.addresses]
    return [
        *people,
        *(f"{address} (not confirmed)" if address in waiting else address for address in addresses),
    ]


def names_by_id(people: Iterable[UUID]) -> dict[UUID, str]:
    """Return the full names of people by id, with one query."""
    found = Person.objects.filter(pk__in=set(people))
    return {person.pk: person.get_full_name() for person in found}
