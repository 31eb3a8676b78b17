"""Compare the owner rules of a file with the owner rules of a customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from portal.configuration.schema import nearest
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from portal.treatment.actions.owners.rules import change_rule, create_rule, delete_rule, move_rule
from portal.treatment.matching import FIELDS
from portal.treatment.models import OwnerRule
from tenants.actors import Actor
from tenants.models import Tenant

type Key = tuple[str, int]
"""The name of a rule, and the position of the rule among all rules with this name. Several rules can have the same
name.
"""


def owner_rule_data(rule: OwnerRule) -> dict[str, Any]:
    """Return an owner rule as a file contains it, without its empty conditions."""
    conditions = {name: getattr(rule, name) for name in FIELDS if getattr(rule, name)}
    return {"name": rule.name, "owner": rule.owner.email, "enabled": rule.enabled, **conditions}


def plan_rules(
    draft: Draft, rules: Sequence[OwnerRule], tenant: Tenant, entries: Sequence[Mapping[str, Any]], path: Path
) -> None:
    """Plan steps that make a customer's owner rules equal to those in the file.

    Rules that the file does not list are deleted. `rules` are the stored rules in the order in which they apply.
    """
    stored = dict(zip(_keys([rule.name for rule in rules]), rules, strict=True))
    wanted = dict(zip(_keys([entry["name"] for entry in entries]), enumerate(entries), strict=True))
    after: dict[Key, OwnerRule] = dict(stored)
    # Rules are deleted first, so that a customer with the maximum number of rules can replace some.
    for key, rule in stored.items():
        if key not in wanted:
            draft.add(
                tenant.name,
                path,
                Kind.REMOVE,
                f"Owner rule “{rule.name}”: deletes the rule. Findings keep their owners.",
                partial(_delete, rule),
                tenant.pk,
            )
    for key, (number, entry) in wanted.items():
        _compare(draft, tenant, stored.get(key), key, entry, (*path, number), after)
    kept = [key for key in stored if key in wanted]
    if [*kept, *(key for key in wanted if key not in stored)] != list(wanted):
        names = ", ".join(entry["name"] for _, entry in wanted.values())
        text = f"Order of the owner rules: {names}"
        draft.add(
            tenant.name,
            path,
            Kind.CHANGE,
            text,
            partial(_order, list(wanted), after),
            tenant.pk,
            entries=len(wanted),
        )


def _compare(
    draft: Draft,
    tenant: Tenant,
    rule: OwnerRule | None,
    key: Key,
    entry: Mapping[str, Any],
    path: Path,
    after: dict[Key, OwnerRule],
) -> None:
    email = entry["owner"].strip().lower()
    conditions = {name: entry[name].strip() for name in FIELDS if name in entry}
    data = {
        "name": _name(entry["name"]),
        "owner": email,
        "enabled": entry.get("enabled", True),
        **{name: value for name, value in conditions.items() if value},
    }
    before = owner_rule_data(rule) if rule is not None else None
    if before == data:
        return
    if rule is None and key[1]:
        draft.problem(
            (*path, "name"),
            f"An owner rule with the name “{data['name']}” is already listed above. Rename one of"
            " the two rules.",
        )
        return
    owner = draft.known.get(email)
    if owner is None:
        guess = nearest(email, draft.known)
        draft.problem(
            (*path, "owner"),
            f"“{email}” has no access to this customer.{guess} An owner rule can name a person only after the person"
            " has accepted an invitation. Invite the person first, and add the rule later.",
        )
        return
    values = {"name": data["name"], "owner": owner, "enabled": data["enabled"]}
    full = {name: conditions.get(name, "") for name in FIELDS}
    if rule is None:
        text = f"Owner rule “{data['name']}”: {_described(data)}"
        draft.add(
            tenant.name, path, Kind.ADD, text, partial(_create, tenant, key, values, full, after), tenant.pk
        )
    else:
        text = f"Owner rule “{rule.name}”: {_difference(before or {}, data)}"
        draft.add(tenant.name, path, Kind.CHANGE, text, partial(_change, rule, values, full), tenant.pk)


def _create(
    tenant: Tenant,
    key: Key,
    values: Mapping[str, Any],
    conditions: Mapping[str, Any],
    after: dict[Key, OwnerRule],
    by: Actor,
) -> None:
    after[key] = create_rule(tenant=tenant, by=by, **values, **conditions)


def _change(rule: OwnerRule, values: Mapping[str, Any], conditions: Mapping[str, Any], by: Actor) -> None:
    change_rule(rule=rule, by=by, **values, **conditions)


def _delete(rule: OwnerRule, by: Actor) -> None:
    delete_rule(rule=OwnerRule.objects.select_related("tenant", "owner").get(pk=rule.pk), by=by)


def _order(keys: list[Key], after: Mapping[Key, OwnerRule], by: Actor) -> None:
    for position, key in enumerate(keys, start=1):
        move_rule(rule=after[key], by=by, position=position)


def _keys(names: Sequence[str]) -> list[Key]:
    seen: Counter[str] = Counter()
    keys = []
    for name in names:
        folded = _name(name).casefold()
        keys.append((folded, seen[folded]))
        seen[folded] += 1
    return keys


def _name(text: str) -> str:
    return " ".join(text.split())


def _described(data: Mapping[str, Any]) -> str:
    parts = [f"{name} {value}" for name, value in data.items() if name in FIELDS]
    off = "" if data["enabled"] else ", turned off"
    return f"assigns to {data['owner']} ({', '.join(parts) or 'every finding'}{off})"


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    names = [name for name in ("name", "owner", "enabled", *FIELDS) if before.get(name) != after.get(name)]
    return ", ".join(f"{name} {_shown(before.get(name))} → {_shown(after.get(name))}" for name in names)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if value else "none"
