"""Show and change how long data is kept, and place or lift a legal hold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.management.lookup import find_tenant
from portal.retention.actions.holds import lift_hold, place_hold
from portal.retention.actions.policy import set_organization_periods, set_periods
from portal.retention.kinds import CUSTOMER_KINDS, KINDS
from portal.retention.selectors import Period, hold_of, organization_periods, periods
from tenants.actors import System, operator
from tenants.errors import SuretyError
from tenants.models import Organization, OrganizationKey
from tenants.scope import organization_scope, tenant_scope
from tenants.selectors import organization_choices


class Command(BaseCommand):
    help = (
        "Show how long the data of a customer or an organization is kept. With --set, --hold or --lift, change the"
        " retention periods or the legal hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="short name of the customer, as in /t/SHORT-NAME/")
        parser.add_argument(
            "--organization", metavar="SLUG", help="the default of this organization’s customers"
        )
        parser.add_argument(
            "--set", nargs="+", default=[], metavar="KIND=DAYS", help="days, keep or default for each kind"
        )
        parser.add_argument("--hold", metavar="REASON", help="place a legal hold")
        parser.add_argument("--lift", metavar="REASON", help="lift the legal hold")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["slug"]) == bool(options["organization"]):
            raise CommandError("Pass the short name of a customer, or --organization, but not both.")
        wanted = {}
        for pair in options["set"]:
            key, equals, value = pair.partition("=")
            if not equals or key not in KINDS:
                raise CommandError(
                    f"“{pair}” does not have the form KIND=DAYS. The kinds are: {', '.join(KINDS)}."
                )
            wanted[key] = value
        by = operator()
        try:
            if options["organization"]:
                if options["hold"] or options["lift"]:
                    raise CommandError(
                        "A legal hold applies to one customer. Pass the short name of the customer instead of"
                        " --organization."
                    )
                self._organization(options["organization"], wanted, by)
            else:
                self._customer(options, wanted, by)
        except SuretyError as error:
            raise CommandError(error.message) from None

    def _customer(self, options: dict[str, Any], wanted: dict[str, str], by: System) -> None:
        tenant = find_tenant(options["slug"])
        with tenant_scope(tenant.pk):
            if wanted:
                set_periods(tenant=tenant, by=by, wanted=wanted)
            if options["hold"]:
                place_hold(tenant=tenant, by=by, reason=options["hold"])
            if options["lift"]:
                lift_hold(tenant=tenant, by=by, reason=options["lift"])
            self._print(periods(tenant, CUSTOMER_KINDS))
            if hold := hold_of(tenant):
                lifted = f", lifted on {hold.lifted_at:%Y-%m-%d}" if hold.lifted_at else ""
                self.stdout.write(f"Legal hold since {hold.placed_at:%Y-%m-%d}{lifted}: {hold.reason}")

    def _organization(self, slug: str, wanted: dict[str, str], by: System) -> None:
        for organization_id in OrganizationKey.objects.values_list("pk", flat=True):
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                if organization.slug != slug:
                    continue
                if wanted:
                    set_organization_periods(organization=organization, by=by, wanted=wanted)
                self._print(organization_periods(organization, list(KINDS.values())))
                return
        raise CommandError(f"There is no organization “{slug}”. {organization_choices()}")

    def _print(self, found: list[Period]) -> None:
        for period in found:
            days = "without limit" if period.days is None else f"{period.days} days"
            later = ""
            if period.pending is not None:
                later = f"; from {period.pending.effective_at:%Y-%m-%d}: {period.pending.text}"
            self.stdout.write(f"{period.kind.key:12}{days} ({period.chosen}){later}")
