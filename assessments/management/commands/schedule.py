"""Show and set schedules of assessments on the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.actions.schedules import set_default_schedule, set_schedule
from assessments.timing.schedules import Planned, planned_all
from assessments.timing.timetable import EXAMPLE, parse
from tenants import selectors
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Show or set when assessments start. Without arguments, list the schedules of all customers, with their next"
        f" and missed starts. WHEN is “off”, “default” (the organization's default) or a schedule such as “{EXAMPLE}”:"
        " weekdays, local times of the customer's time zone, and a number of minutes. The starts of customers with the"
        " same schedule are spread over these minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place", nargs="?", default="", help="short name of a customer, as in /t/SHORT-NAME/"
        )
        parser.add_argument("when", nargs="*", help=f"off, default, or a schedule such as {EXAMPLE}")
        parser.add_argument(
            "--organization",
            action="store_true",
            help="set the default of the organization with this short name",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place, when = options["place"], " ".join(options["when"])
        found = False
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                if options["organization"] and place and organization.slug != place:
                    continue
                tenants = Tenant.objects.filter(organization=organization).order_by("name", "pk")
                if place and not options["organization"]:
                    tenants = tenants.filter(slug=place)
                    if not tenants:
                        continue
                found = True
                try:
                    self._set(organization, list(tenants), when, options["organization"])
                except SuretyError as error:
                    raise CommandError(error.message) from None
                organization = Organization.objects.get(pk=organization_id)
                self._show(organization, list(tenants), with_default=not place or options["organization"])
        if not found:
            what = "organization" if options["organization"] else "customer"
            raise CommandError(
                f"There is no {what} with the short name “{place}”. Run the command without arguments to list them."
                if place
                else "No organization is registered yet."
            )

    def _set(self, organization: Organization, tenants: list[Tenant], when: str, is_default: bool) -> None:
        by = operator()
        if when and is_default:
            set_default_schedule(organization=organization, by=by, wanted=when)
        elif when:
            set_schedule(tenant=tenants[0], by=by, wanted=when)

    def _show(self, organization: Organization, tenants: list[Tenant], *, with_default: bool) -> None:
        rule = organization.default_schedule
        if with_default:
            label = parse(rule).label if rule else "no scheduled assessments"
            self.stdout.write(f"{organization.slug}  default of {organization.name}: {label}")
        for found in planned_all(tenants, rule, timezone.now()):
            self.stdout.write(f"  {found.tenant.slug}  {found.choice}: {found.label}{_next(found)}")
            if missed := _missed(found):
                self.stdout.write(f"    {missed}")


def _next(found: Planned) -> str:
    if found.is_paused:
        return "; paused, because Entra refuses the service principals"
    if found.next_at is None:
        return ""
    return f"; next {_local(found.next_at, found)}"


def _missed(found: Planned) -> str:
    """Return a sentence about the assessments that the schedule records as missed, or an empty text. Times are in the
    customer's time zone.
    """
    row = found.row
    if row is None or row.missed_from is None or row.missed_until is None:
        return ""
    if row.missed_count == 1:
        return f"1 assessment was missed because no worker was running: {_local(row.missed_from, found)}"
    period = f"{_local(row.missed_from, found)} to {_local(row.missed_until, found)}"
    return f"{row.missed_count} assessments were missed because no worker was running: {period}"


def _local(at: datetime, found: Planned) -> str:
    return f"{at.astimezone(found.zone):%a %Y-%m-%d %H:%M} {found.zone.key}"
