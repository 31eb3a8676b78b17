"""``manage.py report_schedules``: list, add, pause, resume, remove and run schedules of reports."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.frameworks.framework import NAMES
from assessments.timing.schedules import zone_of
from portal.distribution.actions import portfolio_runs
from portal.distribution.actions.runs import run_now
from portal.distribution.actions.schedules import (
    Schedule,
    add_schedule,
    customers_of,
    remove_schedule,
    set_schedule_enabled,
)
from portal.distribution.models import PORTFOLIO, OrganizationReportSchedule, ReportSchedule
from portal.distribution.recipients import readers_of
from portal.distribution.selectors import listed_schedules, names_by_id, recipient_labels
from portal.distribution.timetable import EXAMPLES, parse
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.models.report import DEFAULT_FRAMEWORK
from portal.reports.signatures.visible import visible
from tenants import selectors
from tenants.actors import System, operator
from tenants.errors import SuretyError
from tenants.models import Language, Organization, Paper, Tenant
from tenants.scope import organization_scope

_KIND: Final = "portfolio: one report on all customers of an organization or label; default: %(default)s"


class Command(BaseCommand):
    help = (
        "Show or change the schedules on which reports are built and sent. Without arguments, list the schedules of"
        " all customers. Email addresses that the operator enters count as confirmed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", metavar="COMMAND")
        commands.add_parser("list", help="list all schedules (default)")
        add = commands.add_parser("add", help="add a schedule")
        self._place(add)
        add.add_argument("--name", required=True)
        add.add_argument(
            "--when", required=True, help=f"when reports are built, such as {', '.join(EXAMPLES)}"
        )
        add.add_argument("--kind", choices=[*KINDS, PORTFOLIO], default=DEFAULT_KIND, help=_KIND)
        add.add_argument("--framework", choices=list(NAMES), default=DEFAULT_FRAMEWORK)
        add.add_argument(
            "--paper", choices=Paper.values, default="", help="default: that of the organization"
        )
        add.add_argument(
            "--language",
            choices=Language.values,
            default="",
            help="language of the pages; default: that of the organization",
        )
        add.add_argument("--classification", default="Confidential", help="default: %(default)s")
        add.add_argument(
            "--without-names",
            action="store_true",
            help="show ids instead of the names of people, groups, applications and roles",
        )
        add.add_argument("--label", default="", help="of an organization: only customers with this label")
        add.add_argument(
            "--to", action="append", default=[], metavar="ADDRESS", help="a recipient; repeat for several"
        )
        for what, text in (
            ("pause", "pause a schedule"),
            ("resume", "resume a paused schedule"),
            ("remove", "remove a schedule; its reports remain"),
            ("run", "build the report of a customer's schedule, or of a portfolio schedule, now"),
        ):
            command = commands.add_parser(what, help=text)
            self._place(command)
            command.add_argument("--name", required=True)

    @staticmethod
    def _place(parser: Any) -> None:
        parser.add_argument("place", help="short name of a customer, as in /t/SHORT-NAME/")
        parser.add_argument(
            "--organization", action="store_true", help="the short name is that of an organization"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"] or "list"
        found, listed = what == "list", 0
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                if what == "list":
                    listed += self._list(organization)
                    continue
                place = _find(organization, options["place"], of_organization=options["organization"])
                if place is not None:
                    found = True
                    try:
                        self._change(place, what, options)
                    except SuretyError as error:
                        raise CommandError(visible(error.message)) from None
        if not found:
            kind = "organization" if options["organization"] else "customer"
            raise CommandError(
                f"There is no {kind} with the short name “{visible(options['place'])}”. Run “manage.py schedule”"
                " to list all organizations and customers."
            )
        if what == "list" and not listed:
            self._write("There are no schedules of reports.")

    def _change(self, place: Tenant | Organization, what: str, options: dict[str, Any]) -> None:
        by = operator()
        if what == "add":
            self._add(place, by, options)
            return
        row = _schedule(place, options["name"])
        if what == "remove":
            remove_schedule(schedule=row, by=by)
        elif what in ("pause", "resume"):
            set_schedule_enabled(schedule=row, by=by, enabled=what == "resume")
        elif isinstance(row, ReportSchedule):
            run_now(schedule=row, by=by)
        elif row.is_portfolio:
            portfolio_runs.run_now(schedule=row, by=by)
        else:
            raise CommandError(
                "With --organization, only schedules of portfolio reports can be run. To run another schedule, pass"
                " the short name of a customer without --organization."
            )
        done = {"pause": "Paused", "resume": "Resumed", "remove": "Removed", "run": "Started"}[what]
        self._write(f"{done}: {options['name']}")

    def _write(self, line: str) -> None:
        """Write a line. Control characters in names are replaced, so that names cannot control the terminal."""
        self.stdout.write(visible(line))

    def _add(self, place: Tenant | Organization, by: System, options: dict[str, Any]) -> None:
        wanted = {address.strip().lower() for address in options["to"]}
        people = {
            person.email.lower(): person.pk
            for person in readers_of(place, options["kind"])
            if person.email.lower() in wanted
        }
        row = add_schedule(
            place=place,
            by=by,
            choices={
                "name": options["name"],
                "timetable": options["when"],
                "kind": options["kind"],
                "framework": options["framework"],
                "paper": options["paper"],
                "language": options["language"],
                "classification": options["classification"],
                "without_names": options["without_names"],
                "people": list(people.values()),
                "addresses": sorted(wanted - people.keys()),
                "label": options["label"],
            },
        )
        self._write(f"Added: {row.name}, {parse(row.timetable).label}")

    def _list(self, organization: Organization) -> int:
        """Write a line for each schedule of the organization and its customers. Return the number of schedules."""
        rows = list(OrganizationReportSchedule.objects.filter(organization=organization))
        names = names_by_id(pk for row in rows for pk in row.people)
        for row in rows:
            label = f"customers with label {row.label}" if row.label else "all customers"
            to = ", ".join(recipient_labels(row, names, [tenant.pk for tenant in customers_of(row)]))
            self._write(
                f"{organization.slug}  {row.name}: {row.kind_name}, {parse(row.timetable).label}; {label}; to {to}"
                f"{_next(row, zone_of(organization)) if row.is_portfolio else '' if row.enabled else '; paused'}"
            )
        listed = len(rows)
        for tenant in Tenant.objects.filter(organization=organization).order_by("name", "pk"):
            for found in listed_schedules(tenant):
                listed += 1
                self._write(
                    f"{tenant.slug}  {found.schedule.name}: {found.schedule.kind_name}, {found.when};"
                    f" to {', '.join(found.recipients)}{_next(found.schedule, zone_of(tenant))}"
                )
        return listed


def _find(organization: Organization, slug: str, *, of_organization: bool) -> Tenant | Organization | None:
    if of_organization:
        return organization if organization.slug == slug else None
    return Tenant.objects.select_related("organization").filter(organization=organization, slug=slug).first()


def _schedule(place: Tenant | Organization, name: str) -> Schedule:
    row: Schedule | None
    if isinstance(place, Tenant):
        rows = ReportSchedule.objects.select_related("tenant__organization")
        row = rows.filter(tenant=place, name=name).order_by("origin").first()
    else:
        of_all = OrganizationReportSchedule.objects.select_related("organization")
        row = of_all.filter(organization=place, name=name).first()
    if row is None:
        raise CommandError(
            visible(
                f"{place.name} has no schedule “{name}”. Run the command without arguments to list the schedules."
            )
        )
    return row


def _next(row: Schedule, zone: ZoneInfo) -> str:
    if not row.enabled:
        return "; paused"
    if row.next_at is None:
        return ""
    return f"; next {row.next_at.astimezone(zone):%a %Y-%m-%d %H:%M} {zone.key}"
