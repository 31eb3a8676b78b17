"""Watch rules as settings of baselines (`portal.treatment.baseline_settings`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Lower

from portal.changes.actions.rules import description, save_rule, set_shipped
from portal.changes.models import WatchRule
from portal.changes.shipped import SHIPPED
from portal.treatment.models import Baseline
from tenants.actors import Actor
from tenants.models import Tenant

WATCH_RULE: Final = "watch_rule:"
SHIPPED_RULE: Final = "shipped_watch_rule:"


class OwnWatchRules:
    """The watch rules that a baseline adds, by their names (case does not matter).

    The value of a rule contains its severity, its conditions, and whether it is enabled. For a customer without the
    rule, the value is None.
    """

    prefix = WATCH_RULE

    def of_baseline(self, baseline: Baseline) -> dict[str, Any]:
        """Return the values of the baseline's rules by name."""
        rules = [rule for rule in baseline.watch_rules if "name" in rule]
        return {rule["name"]: _without(rule, "name") for rule in rules}

    def of_customers(
        self, tenant_ids: Collection[UUID], names: Collection[str]
    ) -> dict[tuple[UUID, str], Any]:
        """Return the values of the customers' own rules with these names, by customer's id and name."""
        wanted = {name.lower(): name for name in names}
        rows = WatchRule.objects.filter(tenant_id__any_of=list(tenant_ids), shipped="")
        rows = rows.annotate(lower=Lower("name")).filter(lower__in=list(wanted))
        return {(row.tenant_id, wanted[row.lower]): _without(description(row), "name") for row in rows}

    def default(self, name: str) -> Any:
        """Return None: a customer has no rule of its own until somebody adds one."""
        return None

    def apply(self, *, tenant: Tenant, by: Actor, name: str, value: Mapping[str, Any]) -> None:
        """Add the rule to a customer, or change the customer's rule of this name."""
        row = WatchRule.objects.filter(tenant=tenant, shipped="", name__iexact=name).first()
        save_rule(tenant=tenant, by=by, rule=row, name=name, **value)


class ShippedWatchRules:
    """The watch rules that Surety ships, by key. The value of a rule has its severity, and whether it is on."""

    prefix = SHIPPED_RULE

    def of_baseline(self, baseline: Baseline) -> dict[str, Any]:
        """Return the values of the shipped rules that the baseline sets, by key. Rules that Surety no longer ships are
        left out.
        """
        rules = [rule for rule in baseline.watch_rules if rule.get("shipped") in SHIPPED]
        return {rule["shipped"]: _without(rule, "shipped") for rule in rules}

    def of_customers(
        self, tenant_ids: Collection[UUID], names: Collection[str]
    ) -> dict[tuple[UUID, str], Any]:
        """Return the values of the shipped rules that customers have changed, by customer's id and key. All other rules
        are as Surety ships them.
        """
        rows = WatchRule.objects.filter(tenant_id__any_of=list(tenant_ids), shipped__in=list(names))
        return {
            (row.tenant_id, row.shipped): {"enabled": row.enabled, "severity": str(row.severity)}
            for row in rows
        }

    def default(self, name: str) -> Any:
        """Return the value of the rule as Surety ships it."""
        return {"enabled": True, "severity": str(SHIPPED[name].severity)}

    def apply(self, *, tenant: Tenant, by: Actor, name: str, value: Mapping[str, Any]) -> None:
        """Switch the rule of a customer on or off, and set its severity."""
        set_shipped(tenant=tenant, by=by, key=name, enabled=value["enabled"], severity=value["severity"])


def _without(rule: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != key}
