"""Compare the exclusion rules of a file with the exclusion rules of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from portal.configuration.moments import moment_of, text_of
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from tenants.actions.exclusion_rules import (
    add_exclusion_rule,
    change_exclusion_rule,
    remove_exclusion_rule,
)
from tenants.actors import Actor
from tenants.models import ExclusionRule, Tenant

_KEYS: Final = ("name", "management_group", "tag", "reason", "until")
_ENTRIES: Final = 2
"""The maximum number of journal entries about one change of a rule: one about the rule, and one about the
subscriptions that the rule excludes.
"""


def exclusion_rule_data(rule: ExclusionRule) -> dict[str, Any]:
    """Return a rule as a file contains it, without its empty values."""
    until = text_of(rule.until, end=True) if rule.until else ""
    values = {key: getattr(rule, key) for key in _KEYS if key != "until"} | {"until": until}
    return {key: value for key, value in values.items() if value}


def plan_exclusion_rules(
    draft: Draft,
    stored: Sequence[ExclusionRule],
    tenant: Tenant,
    entries: Sequence[Mapping[str, Any]],
    path: Path,
) -> None:
    """Plan steps that make a customer's exclusion rules equal to those in the file.

    Rules that the file does not list are removed. Names identify the rules, ignoring case.
    """
    present = {rule.name.casefold(): rule for rule in stored}
    wanted: dict[str, tuple[Path, dict[str, Any]]] = {}
    for number, entry in enumerate(entries):
        here = (*path, number)
        data = {key: " ".join(entry[key].split()) for key in _KEYS if key in entry}
        key = data["name"].casefold()
        if key in wanted:
            draft.problem(
                (*here, "name"),
                f"An exclusion rule with the name “{data['name']}” is already listed above. Rename"
                " one of the two rules.",
            )
        elif not (data.get("management_group") or data.get("tag")):
            draft.problem(here, "State a management_group, a tag or both.")
        else:
            wanted[key] = here, data
    # Rules are removed first, so that a customer with the maximum number of rules can replace some.
    for key, rule in present.items():
        if key not in wanted:
            text = (
                f"Exclusion rule “{rule.name}”: removes the rule. Subscriptions that nothing else excludes are assessed"
                " again."
            )
            run = partial(_remove, rule)
            draft.add(tenant.name, path, Kind.REMOVE, text, run, rows=(tenant,), entries=_ENTRIES)
    for key, (here, data) in wanted.items():
        with draft.refusals((*here, "until")):
            _compare(draft, tenant, present.get(key), data, here)


def _compare(
    draft: Draft, tenant: Tenant, rule: ExclusionRule | None, data: Mapping[str, Any], path: Path
) -> None:
    """Add to the plan the step for one rule. Raise ValueError if the rule's end date is invalid."""
    until = moment_of(data["until"], end=True) if data.get("until") else None
    before = exclusion_rule_data(rule) if rule is not None else {}
    after = {**data, **({"until": text_of(until, end=True)} if until else {})}
    if before == after:
        return
    values = {key: after.get(key, "") for key in _KEYS if key != "until"} | {"until": until}
    if rule is None:
        stated = ", ".join(f"{key} {after[key]}" for key in _KEYS if key != "name" and key in after)
        text, kind, run = (
            f"Exclusion rule “{after['name']}”: {stated}",
            Kind.ADD,
            partial(_add, tenant, values),
        )
    else:
        changed = [key for key in _KEYS if before.get(key) != after.get(key)]
        parts = "; ".join(f"{key} {before.get(key, 'none')} → {after.get(key, 'none')}" for key in changed)
        text, kind, run = (
            f"Exclusion rule “{rule.name}”: {parts}",
            Kind.CHANGE,
            partial(_change, rule, values),
        )
    draft.add(tenant.name, path, kind, text, run, rows=(tenant,), entries=_ENTRIES)


def _add(tenant: Tenant, values: Mapping[str, Any], by: Actor) -> None:
    add_exclusion_rule(by=by, tenant=tenant, **values)


def _change(rule: ExclusionRule, values: Mapping[str, Any], by: Actor) -> None:
    change_exclusion_rule(by=by, rule=rule, **values)


def _remove(rule: ExclusionRule, by: Actor) -> None:
    remove_exclusion_rule(by=by, rule=rule)
