"""``manage.py exclusion_rules``: list, preview, add and remove rules that exclude subscriptions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.configuration.moments import moment_of, text_of
from portal.queries.subscriptions import describe_conditions, listed_subscriptions, matching_subscriptions
from portal.reports.signatures.visible import visible
from tenants import selectors
from tenants.actions.exclusion_rules import add_exclusion_rule, check_conditions, remove_exclusion_rule
from tenants.actors import operator
from tenants.azure.exclusion_rules import has_ended, rules_of
from tenants.errors import SuretyError
from tenants.models import ExclusionRule, Organization, Subscription, Tenant
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Show or change the rules that exclude subscriptions of customers from assessments. A rule names a"
        " management group, a tag, or both. Without arguments, the command lists the rules of all customers."
        " “preview” shows which subscriptions would match a rule, but adds no rule."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", metavar="COMMAND")
        commands.add_parser("list", help="list all rules (default)")
        preview = commands.add_parser("preview", help="list the subscriptions that a rule would match")
        add = commands.add_parser("add", help="add a rule, which applies at once")
        remove = commands.add_parser(
            "remove",
            help="remove a rule; its subscriptions are assessed again, unless something else excludes them",
        )
        for command in (preview, add, remove):
            command.add_argument("customer", help="short name of a customer, as in /t/SHORT-NAME/")
        for command in (preview, add):
            command.add_argument(
                "--group", default="", help="ID of a management group above the subscriptions"
            )
            command.add_argument("--tag", default="", metavar="NAME=VALUE", help="tag of the subscriptions")
        for command in (add, remove):
            command.add_argument("--name", required=True)
        add.add_argument("--reason", required=True, help="why these subscriptions are not assessed")
        add.add_argument("--until", default="", help="last day, such as 2027-03-31 (UTC); default: no end")

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"] or "list"
        found, listed = what == "list", 0
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                tenants = Tenant.objects.filter(organization=Organization.objects.get(pk=organization_id))
                if what == "list":
                    listed += self._list(tenants.order_by("name", "pk"))
                    continue
                for tenant in tenants.filter(slug=options["customer"]):
                    found = True
                    try:
                        self._run(tenant, what, options)
                    except (SuretyError, ValueError) as error:
                        raise CommandError(visible(str(getattr(error, "message", error)))) from None
        if not found:
            raise CommandError(
                f"There is no customer with the short name “{visible(options['customer'])}”. Run “manage.py schedule”"
                " to list all customers."
            )
        if what == "list" and not listed:
            self._write("No customer has an exclusion rule.")

    def _run(self, tenant: Tenant, what: str, options: dict[str, Any]) -> None:
        by = operator()
        if what == "preview":
            draft = ExclusionRule(tenant=tenant)
            check_conditions(draft, management_group=options["group"], tag=options["tag"])
            rows = list(listed_subscriptions(tenant))
            matching = matching_subscriptions(draft, rows)
            self._write(f"{describe_conditions(draft, {})}: {len(matching)} of {len(rows)} subscriptions")
            for row in matching:
                self._write(f"  {row.subscription_id}  {row.display_name}")
        elif what == "add":
            until = moment_of(options["until"], end=True) if options["until"] else None
            rule = add_exclusion_rule(
                by=by,
                tenant=tenant,
                name=options["name"],
                reason=options["reason"],
                management_group=options["group"],
                tag=options["tag"],
                until=until,
            )
            count = Subscription.objects.filter(tenant=tenant, exclusion_rule=rule).count()
            number = f"{count} subscription{'' if count == 1 else 's'}"
            self._write(f"Added: {rule.name}. The rule now excludes {number}.")
        else:
            rows_of = ExclusionRule.objects.filter(tenant=tenant, name=options["name"])
            found = rows_of.select_related("tenant").first()
            if found is None:
                raise CommandError(
                    visible(
                        f"{tenant.name} has no exclusion rule “{options['name']}”. Run the command without arguments"
                        " to list the exclusion rules."
                    )
                )
            remove_exclusion_rule(by=by, rule=found)
            self._write(f"Removed: {found.name}")

    def _list(self, tenants: Any) -> int:
        """Write a line for each rule of these customers. Return the number of rules."""
        now, listed = timezone.now(), 0
        for tenant in tenants:
            for rule in rules_of(tenant):
                count = Subscription.objects.filter(tenant=tenant, exclusion_rule=rule).count()
                ended = "ended" if has_ended(rule, now) else "until"
                end = f"; {ended} {text_of(rule.until, end=True)}" if rule.until else ""
                self._write(
                    f"{tenant.slug}  {rule.name}: {describe_conditions(rule, {})}; excludes {count}; {rule.reason}{end}"
                )
                listed += 1
        return listed

    def _write(self, line: str) -> None:
        """Write a line. Control characters in names are replaced, so that names cannot control the terminal."""
        self.stdout.write(visible(line))
