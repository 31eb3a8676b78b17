"""Set the watch rules of a baseline: add, change and remove its own rules, and switch shipped rules on or off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction

from portal.changes.actions.rules import check_rule, check_severity, description
from portal.changes.models import WatchRule
from portal.changes.shipped import SHIPPED
from portal.treatment.actions.baselines.change import RENAMED, changed_baseline
from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import shipped_rule_part, watch_rule_part
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.values.stale_values import REMOVED, Part, check_unchanged

MAX_BASELINE_RULES: Final = 50


@transaction.atomic
def set_baseline_watch_rule(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    present: str = "",
    name: str,
    severity: str,
    enabled: bool,
    expected: Part | None = None,
    **conditions: Any,
) -> Baseline:
    """Add a watch rule to a baseline. If `present` is the name of a rule of the baseline, change this rule instead.

    Customers without a rule of this name get the rule. `conditions` are columns of `WatchRule`, except `units`, because
    a baseline cannot name the subscriptions of one customer. Raises InvalidInput, which names the invalid field. Raises
    Conflict if there are too many rules, if `name` differs from `present` (rules cannot be renamed), if the rule was
    removed meanwhile, or if a customer cannot get the rule.
    """
    with changed_baseline(baseline, by, tenants) as baseline:
        if conditions.get("units"):
            raise invalid(
                "units",
                "A baseline applies to many customers, so its watch rules cannot name subscriptions."
                " Leave the subscriptions empty.",
            )
        row = check_rule(WatchRule(), name=name, severity=severity, enabled=enabled, **conditions)
        if present and row.name != present:
            raise Conflict(RENAMED.format(what="rules", this="this rule"), code="renamed")
        stored = description(row)
        rules = list(baseline.watch_rules)
        names = [rule.get("name", "") for rule in rules]
        if present:
            seen = watch_rule_part(baseline, present)
            check_unchanged(expected, seen, stored)
            if not seen:
                raise Conflict("Somebody else has removed this rule. Open the baseline again.", code=REMOVED)
            rules[names.index(present)] = stored
        else:
            taken = {other.casefold() for other in [*names, *(one.name for one in SHIPPED.values())]}
            if row.name.casefold() in taken:
                raise invalid(
                    "name", f"There is already a rule “{row.name}”. Choose another name.", code="taken"
                )
            if sum(map(bool, names)) >= MAX_BASELINE_RULES:
                raise Conflict(
                    f"A baseline has at most {MAX_BASELINE_RULES} watch rules. Combine several into one rule that uses"
                    " patterns."
                )
            rules.append(stored)
        baseline.watch_rules = rules
    return baseline


@transaction.atomic
def remove_baseline_watch_rule(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    name: str,
    expected: Part | None = None,
) -> Baseline:
    """Remove the watch rule of this name from a baseline. Customers who already have the rule keep it."""
    with changed_baseline(baseline, by, tenants) as baseline:
        check_unchanged(expected, watch_rule_part(baseline, name), {})
        baseline.watch_rules = [rule for rule in baseline.watch_rules if rule.get("name") != name]
    return baseline


@transaction.atomic
def set_baseline_shipped_rule(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    key: str,
    enabled: bool | None,
    severity: str,
    expected: Part | None = None,
) -> Baseline:
    """Switch a shipped rule on or off for the customers of a baseline, and set its severity.

    If `enabled` is None, each customer decides. Raises InvalidInput for an unknown key or severity, and Conflict if
    somebody else has changed the baseline's rule meanwhile.
    """
    if key not in SHIPPED:
        raise invalid("shipped", f"There is no shipped rule “{key}”. Choose one of: {', '.join(SHIPPED)}.")
    check_severity(severity)
    with changed_baseline(baseline, by, tenants) as baseline:
        stored = {} if enabled is None else {"shipped": key, "enabled": enabled, "severity": severity}
        check_unchanged(expected, shipped_rule_part(baseline, key), stored)
        rules = [rule for rule in baseline.watch_rules if rule.get("shipped") != key]
        baseline.watch_rules = [*rules, stored] if stored else rules
    return baseline
