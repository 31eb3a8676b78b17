"""Compare the watch rules of a file with the watch rules of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from portal.changes.actions.rules import (
    CONDITIONS,
    check_rule,
    delete_rule,
    description,
    save_rule,
    set_shipped,
)
from portal.changes.models import WatchRule
from portal.changes.shipped import SHIPPED
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from tenants.actors import Actor
from tenants.models import Tenant


def watch_rule_data(rule: WatchRule) -> dict[str, Any] | None:
    """Return a rule as a file contains it, or None for a shipped rule whose settings are as Surety ships them."""
    if not rule.shipped:
        return description(rule)
    data = {"shipped": rule.shipped, "enabled": rule.enabled, "severity": str(rule.severity)}
    return data if data != _as_shipped(rule.shipped) else None


def plan_watch_rules(
    draft: Draft,
    stored: Sequence[WatchRule],
    tenant: Tenant,
    entries: Sequence[Mapping[str, Any]],
    path: Path,
) -> None:
    """Plan steps that make a customer's watch rules equal to those in the file.

    Own rules that the file does not list are deleted. Shipped rules that the file does not list are reset. Names
    identify own rules, ignoring case.
    """
    own = {rule.name.casefold(): rule for rule in stored if not rule.shipped}
    changed = {rule.shipped: rule for rule in stored if rule.shipped}
    wanted: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    shipped: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    for number, entry in enumerate(entries):
        here = (*path, number)
        if ("name" in entry) == ("shipped" in entry):
            draft.problem(
                here,
                "The entry needs either the key “name” (for an own rule) or the key “shipped” (for a shipped rule).",
            )
        elif "shipped" in entry:
            _note_shipped(draft, entry, here, shipped)
        else:
            _note_own(draft, entry, here, wanted)
    # Rules are deleted first, so that a customer with the maximum number of rules can replace some.
    for key, rule in own.items():
        if key not in wanted:
            text = f"Watch rule “{rule.name}”: deletes the rule. Changes that the rule has caught keep their reviews."
            draft.add(tenant.name, path, Kind.REMOVE, text, partial(_delete, rule), rows=(rule,))
    for key in SHIPPED:
        here, entry = shipped.get(key, (path, {}))
        _compare_shipped(draft, tenant, changed.get(key), key, entry, here)
    for key, (here, entry) in wanted.items():
        with draft.refusals(here):
            _compare(draft, tenant, own.get(key), entry, here)


def _note_shipped(
    draft: Draft, entry: Mapping[str, Any], path: Path, found: dict[str, tuple[Path, Mapping[str, Any]]]
) -> None:
    key = entry["shipped"]
    if key in found:
        draft.problem(
            path, f"The shipped rule “{key}” is already listed above. Remove one of the two entries."
        )
    elif conditions := [name for name in CONDITIONS if name in entry]:
        text = f"The conditions of a shipped rule cannot be changed. Remove “{conditions[0]}”, or add an own rule."
        draft.problem((*path, conditions[0]), text)
    else:
        found[key] = path, entry


def _note_own(
    draft: Draft, entry: Mapping[str, Any], path: Path, found: dict[str, tuple[Path, Mapping[str, Any]]]
) -> None:
    name = " ".join(entry["name"].split())
    if name.casefold() in found:
        draft.problem(
            (*path, "name"),
            f"A watch rule with the name “{name}” is already listed above. Rename one of the two rules.",
        )
    elif "severity" not in entry:
        draft.problem(path, f"The watch rule “{name}” needs the key “severity”. Add it.")
    else:
        found[name.casefold()] = path, entry


def _compare_shipped(
    draft: Draft, tenant: Tenant, row: WatchRule | None, key: str, entry: Mapping[str, Any], path: Path
) -> None:
    shipped = _as_shipped(key)
    before = shipped if row is None else {**shipped, "enabled": row.enabled, "severity": str(row.severity)}
    after = {**shipped, **entry}
    if before == after:
        return
    run = partial(_set_shipped, tenant, key, after["enabled"], after["severity"])
    text = f"Watch rule “{SHIPPED[key].name}”: {_differences(before, after)}"
    draft.add(tenant.name, path, Kind.CHANGE, text, run, rows=() if row is None else (row,))


def _compare(
    draft: Draft, tenant: Tenant, rule: WatchRule | None, entry: Mapping[str, Any], path: Path
) -> None:
    """Plan the step that adds an own rule, or changes the own rule `rule`. Plan no step if `rule` is already as in the
    file. Raise InvalidInput for conditions that are not allowed.
    """
    values = {"enabled": True, **entry}
    after = description(check_rule(WatchRule(tenant=tenant), **values))
    before = {} if rule is None else description(rule)
    if before == after:
        return
    run = partial(_save, tenant, rule, values)
    if rule is None:
        stated = ", ".join(f"{key} {_text(value)}" for key, value in after.items() if key != "name")
        draft.add(tenant.name, path, Kind.ADD, f"Watch rule “{after['name']}”: {stated}", run)
    else:
        text = f"Watch rule “{rule.name}”: {_differences(before, after)}"
        draft.add(tenant.name, path, Kind.CHANGE, text, run, rows=(rule,))


def _as_shipped(key: str) -> dict[str, Any]:
    return {"shipped": key, "enabled": True, "severity": str(SHIPPED[key].severity)}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return "; ".join(f"{key} {_text(before.get(key))} → {_text(after.get(key))}" for key in keys)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "none")


def _save(tenant: Tenant, rule: WatchRule | None, values: Mapping[str, Any], by: Actor) -> None:
    save_rule(tenant=tenant, by=by, rule=rule, **values)


def _set_shipped(tenant: Tenant, key: str, enabled: bool, severity: str, by: Actor) -> None:
    set_shipped(tenant=tenant, by=by, key=key, enabled=enabled, severity=severity)


def _delete(rule: WatchRule, by: Actor) -> None:
    delete_rule(rule=rule, by=by)
