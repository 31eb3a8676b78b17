"""Add, change and remove the owner rules of a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from portal.treatment.actions._text import clean_title
from portal.treatment.actions.baselines.change import MAX_NAME, RENAMED, changed_baseline
from portal.treatment.conditions import check_conditions, clean_condition
from portal.treatment.models import Baseline, OwnerRule
from portal.treatment.selectors.baseline_parts import rule_part
from portal.treatment.selectors.baselines import rule_value
from portal.treatment.selectors.owners import owners_everywhere
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.values.stale_values import Part, check_unchanged

MAX_BASELINE_RULES: Final = 50


@transaction.atomic
def set_baseline_rule(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    position: int | None = None,
    name: str,
    owner: Person,
    enabled: bool = True,
    expected: Part | None = None,
    **conditions: str,
) -> Baseline:
    """Add an owner rule to a baseline, or replace the rule at `position` (from 0), which must have the same name.

    Customers that have no rule of this name get the rule. The owner of the rule must be able to own findings of all
    customers. The conditions may not name a subscription or directory.

    Raises InvalidInput with the field if a value is invalid. Raises Conflict if the baseline has too many rules, if the
    replaced rule has another name, or if a customer cannot get the rule.
    """
    with changed_baseline(baseline, by, tenants) as baseline:
        replaced = position is not None and position < len(baseline.owner_rules)
        present = baseline.owner_rules[position]["name"] if replaced else ""
        rule = OwnerRule(name=clean_title(name, MAX_NAME, present=present), enabled=enabled)
        for field, value in conditions.items():
            setattr(rule, field, clean_condition(value))
        if rule.unit:
            raise invalid(
                "unit",
                "A baseline applies to many customers, so its owner rules cannot name a subscription"
                " or directory. Leave the subscription or directory empty.",
            )
        check_conditions(rule)
        if owner not in owners_everywhere(baseline.organization):
            raise invalid(
                "owner",
                f"{owner} cannot own findings of all customers. Choose a person with a role in the organization.",
            )
        others = [one for number, one in enumerate(baseline.owner_rules) if number != position]
        if position is not None and (
            position >= len(baseline.owner_rules) or baseline.owner_rules[position]["name"] != rule.name
        ):
            raise Conflict(RENAMED.format(what="rules", this="this rule"), code="renamed")
        if any(one["name"].casefold() == rule.name.casefold() for one in others):
            raise invalid(
                "name", "The baseline already has a rule with this name. Choose another name.", code="taken"
            )
        if len(others) >= MAX_BASELINE_RULES:
            raise Conflict(
                f"A baseline can have at most {MAX_BASELINE_RULES} owner rules. Combine several rules into one rule"
                " that uses patterns."
            )
        rule.owner = owner
        stored = {"name": rule.name, **rule_value(rule)}
        check_unchanged(expected, rule_part(baseline, rule.name), stored)
        rules = list(baseline.owner_rules)
        if position is None:
            rules.append(stored)
        else:
            rules[position] = stored
        baseline.owner_rules = rules
    return baseline


@transaction.atomic
def remove_baseline_rule(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    name: str,
    expected: Part | None = None,
) -> Baseline:
    """Remove the owner rule of this name from a baseline. Customers that have the rule keep it."""
    with changed_baseline(baseline, by, tenants) as baseline:
        check_unchanged(expected, rule_part(baseline, name), {})
        baseline.owner_rules = [one for one in baseline.owner_rules if one["name"] != name]
    return baseline
