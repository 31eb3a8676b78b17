"""Show and set the watch rules of customers on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from assessments.estate.quantities import counted
from assessments.management.lookup import find_tenant
from assessments.pipeline_commands import Notation, break_commands
from portal.changes.actions.rules import (
    CONDITIONS,
    FLAGS,
    delete_rule,
    description,
    save_rule,
    set_shipped,
)
from portal.changes.models import WatchRule
from portal.changes.shipped import SHIPPED, rules_of
from portal.files.yaml_output import PrintableDumper
from tenants import selectors
from tenants.actors import operator
from tenants.errors import Refusal
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope, tenant_scope

MAX_CHARACTERS: Final = 1_000_000
_SHIPPED_KEYS: Final = frozenset({"shipped", "enabled", "severity"})
_KEYS: Final = frozenset({"name", "enabled", "severity", *CONDITIONS})


class Command(BaseCommand):
    help = (
        "Show the watch rules of a customer as YAML or, with --apply FILE, replace them. With --organization,"
        " replace the rules of all customers of an organization. Each entry of the file"
        " is a shipped rule (with the keys shipped, enabled and severity) or an own rule (with the keys name,"
        " enabled and severity, and conditions). Own rules that are not in the file are deleted. Shipped rules"
        " that are not in the file do not change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", help="short name of a customer, as in /t/SHORT-NAME/")
        parser.add_argument(
            "--organization",
            action="store_true",
            help="PLACE is the short name of an organization, not of a customer",
        )
        parser.add_argument("--apply", metavar="FILE", help="file with the rules; - reads the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        entries = _read(options["apply"]) if options["apply"] else None
        if options["organization"] and entries is None:
            raise CommandError(
                "Use --organization together with --apply FILE. To show rules, pass the short name of one customer,"
                " without --organization."
            )
        tenants = _tenants(options["place"], is_organization=options["organization"])
        for tenant in tenants:
            with tenant_scope(tenant.pk):
                if entries is not None:
                    self._apply(tenant, entries)
                else:
                    rows = [_entry(rule) for rule in rules_of(tenant)]
                    text = yaml.dump(rows, Dumper=PrintableDumper, sort_keys=False, allow_unicode=True)
                    self.stdout.write(break_commands(text, Notation.JSON))

    @transaction.atomic
    def _apply(self, tenant: Tenant, entries: list[dict[str, Any]]) -> None:
        by = operator()
        own = {row.name: row for row in WatchRule.objects.filter(tenant=tenant, shipped="")}
        names = {entry["name"] for entry in entries if "name" in entry}
        try:
            for name, row in own.items():
                if name not in names:
                    delete_rule(rule=row, by=by)
            for entry in entries:
                if "shipped" in entry:
                    key = entry["shipped"]
                    severity = entry.get("severity") or (SHIPPED[key].severity if key in SHIPPED else "")
                    set_shipped(
                        tenant=tenant, by=by, key=key, enabled=entry.get("enabled", True), severity=severity
                    )
                else:
                    given = {"enabled": True, "severity": "medium", **entry}
                    save_rule(tenant=tenant, by=by, rule=own.get(entry["name"]), **given)
        except Refusal as error:
            raise CommandError(
                f"{tenant.slug}: {error.message} Nothing was changed for this customer."
            ) from None
        self.stdout.write(f"{tenant.slug}: {counted(len(rules_of(tenant)), 'rule')}")


def _tenants(place: str, *, is_organization: bool) -> list[Tenant]:
    """Return the customer with the short name `place`. If `is_organization` is True, `place` is the short name of an
    organization, and all active customers of this organization are returned.

    Raise CommandError if there is no such customer or organization, or no active customer.
    """
    if not is_organization:
        tenant = find_tenant(place)
        if tenant.is_archived:
            raise CommandError(f"{tenant.name} is archived. Restore the customer first.")
        return [tenant]
    for organization_id in selectors.organization_ids():
        with organization_scope(organization_id):
            if Organization.objects.filter(pk=organization_id, slug=place).exists():
                rows = Tenant.objects.filter(organization_id=organization_id, archived_at__isnull=True)
                if tenants := list(rows.order_by("name", "pk")):
                    return tenants
                raise CommandError(f"{place} has no active customer. Register one first.")
    raise CommandError(f"There is no organization “{place}”. {selectors.organization_choices()}")


def _entry(rule: WatchRule) -> dict[str, Any]:
    if rule.shipped:
        return {"shipped": rule.shipped, "enabled": rule.enabled, "severity": str(rule.severity)}
    return description(rule)


def _read(name: str) -> list[dict[str, Any]]:
    try:
        text = sys.stdin.read(MAX_CHARACTERS + 1) if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The file cannot be read: {error}") from None
    if len(text) > MAX_CHARACTERS:
        raise CommandError(f"The file has more than {MAX_CHARACTERS:,} characters. Remove rules from it.")
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise CommandError(f"The file is not valid YAML: {error}") from None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise CommandError("The file must be a list of rules.")
    for number, entry in enumerate(found, 1):
        _check(number, entry)
    return found


def _check(number: int, entry: dict[str, Any]) -> None:
    keys = _SHIPPED_KEYS if "shipped" in entry else _KEYS
    if unknown := sorted(str(key) for key in entry if key not in keys):
        raise CommandError(
            f"Rule {number}: unknown key “{unknown[0]}”. The keys are {', '.join(sorted(keys))}."
        )
    if "shipped" not in entry and "name" not in entry:
        raise CommandError(f"Rule {number} needs the key “shipped” or the key “name”.")
    for key, value in entry.items():
        if key in ("enabled", *FLAGS):
            right, wanted = isinstance(value, bool), "true or false"
        elif key in ("shipped", "name", "severity", "tag_name", "tag_value", "hours"):
            right, wanted = isinstance(value, str), "a text"
        else:
            right = isinstance(value, list) and all(isinstance(one, str | int) for one in value)
            wanted = "a list of texts or numbers"
        if not right:
            raise CommandError(f"Rule {number}: the value of “{key}” must be {wanted}.")
