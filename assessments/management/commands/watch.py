"""`manage.py watch`: show or set for which customers the watch looks for changes between assessments."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.actions.watch.settings import VALUES, WORDS, set_default_watch, set_watch
from assessments.timing.watching import watch_setting, watched_units
from tenants import selectors
from tenants.actors import operator
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope, tenant_scope


class Command(BaseCommand):
    help = (
        "Show or set whether changes are watched between assessments. Without arguments, list all customers with their"
        " subscriptions and directories: when each was watched last, and the requests of the last 24 hours."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place", nargs="?", default="", help="short name of a customer, as in /t/SHORT-NAME/"
        )
        parser.add_argument("choice", nargs="?", choices=list(VALUES), help="on, off, or default")
        parser.add_argument(
            "--organization",
            action="store_true",
            help="set the default of the organization with this short name to on or off",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place, choice, is_default = options["place"], options["choice"], options["organization"]
        if is_default and choice == "default":
            raise CommandError("The default of an organization can only be “on” or “off”.")
        by, found = operator(), False
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                if is_default and place and organization.slug != place:
                    continue
                if is_default and choice:
                    organization = set_default_watch(organization=organization, by=by, wanted=choice == "on")
                rows = Tenant.objects.filter(organization=organization).order_by("name", "pk")
                tenants = list(rows if is_default or not place else rows.filter(slug=place))
            found = found or bool(tenants) or is_default
            if is_default or not place:
                default = "on" if organization.watch_by_default else "off"
                self.stdout.write(f"{organization.slug}  default of {organization.name}: {default}")
            for tenant in tenants:
                with tenant_scope(tenant.pk):
                    if choice and not is_default:
                        set_watch(tenant=tenant, by=by, wanted=VALUES[choice])
                    self._show(tenant)
        if not found and place:
            what = "organization" if is_default else "customer"
            raise CommandError(
                f"There is no {what} with the short name “{place}”. Run the command without arguments to list them."
            )

    def _show(self, tenant: Tenant) -> None:
        setting, now = watch_setting(tenant), timezone.now()
        self.stdout.write(
            f"  {tenant.slug}  {WORDS[setting.own]}: {'watched' if setting.is_on else 'not watched'}"
        )
        for row in watched_units(tenant):
            at = row.watch.read_at if row.watch else None
            last = f"last watched {at:%Y-%m-%d %H:%M} UTC" if at else "never watched"
            gap = f"; {row.watch.message}" if row.watch and row.watch.code else ""
            kind = " (directory)" if row.is_directory else ""
            requests = f"{row.requests_in_last_day(now)} requests in 24 hours"
            self.stdout.write(f"    {row.name}{kind}: {last}; {requests}{gap}")
