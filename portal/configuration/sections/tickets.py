"""Compare the ticket systems and ticket rules of an organization with those in a file.

Credentials are secrets, so a ticket system that a file adds has no credentials. The plan tells people to enter the
credentials on the page of tickets. Until then, Surety sends no requests to the system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from uuid import UUID

from portal.configuration.schema.contradictions import nearest
from portal.configuration.schema.parts import SECRET
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from portal.tickets.actions.rules import delete_rule, save_rule
from portal.tickets.actions.systems import (
    add_system,
    change_system,
    clean_project,
    delete_system,
    set_places,
    switch_system,
)
from portal.tickets.connectors import CONNECTORS
from portal.tickets.models import TicketPlace, TicketRule, TicketRuleCustomer, TicketSystem
from tenants.actors import Actor
from tenants.models import Organization, Tenant

type Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PresentTickets:
    """The ticket systems and rules of an organization by name, and the organization's customers by short name."""

    systems: dict[str, TicketSystem]
    places: dict[UUID, dict[str, str]]
    """The project of each customer, by the id of the ticket system and the short name of the customer."""
    rules: dict[str, TicketRule]
    chosen: dict[UUID, list[str]]
    """The short names of the customers to which a rule applies, by the id of the rule."""
    customers: dict[str, Tenant]

    @classmethod
    def load(cls, organization: Organization) -> Self:
        """Load the settings with a fixed number of queries. Needs the organization's scope."""
        systems = TicketSystem.objects.filter(organization=organization).order_by("name", "pk")
        rules = TicketRule.objects.filter(organization=organization).select_related("system")
        places: dict[UUID, dict[str, str]] = {}
        rows = TicketPlace.objects.filter(organization=organization).order_by("tenant__slug")
        for system, slug, project in rows.values_list("system_id", "tenant__slug", "project"):
            places.setdefault(system, {})[slug] = project
        chosen: dict[UUID, list[str]] = {}
        limits = TicketRuleCustomer.objects.filter(organization=organization).order_by("tenant__slug")
        for rule, slug in limits.values_list("rule_id", "tenant__slug"):
            chosen.setdefault(rule, []).append(slug)
        return cls(
            systems={row.name: row for row in systems},
            places=places,
            rules={row.name: row for row in rules.order_by("created_at", "pk")},
            chosen=chosen,
            customers={one.slug: one for one in Tenant.objects.filter(organization=organization)},
        )

    def system_data(self) -> list[Values]:
        """Return the systems as a file contains them, without credentials."""
        return [
            {
                "name": row.name,
                "kind": row.kind,
                "address": row.address,
                "project": row.project,
                "values": dict(row.fields),
                "customers": self.places.get(row.pk, {}),
                "enabled": row.enabled,
                "credentials": SECRET,
            }
            for row in self.systems.values()
        ]

    def rule_data(self) -> list[Values]:
        """Return the rules as a file contains them. If a rule applies only to chosen customers, and all of these were
        erased, leave it out: in a file, a rule without customers applies to all customers.
        """
        return [self.rule(row) for row in self.rules.values() if not self._has_ended(row)]

    def rule(self, row: TicketRule) -> Values:
        """Return a rule as a file contains it, without empty conditions."""
        found: Values = {"name": row.name, "system": row.system.name, "per": str(row.per)}
        for key in ("severities", "controls", "labels"):
            if values := getattr(row, key):
                found[key] = [str(one) for one in values]
        if row.only_chosen:
            found["customers"] = self.chosen.get(row.pk, [])
        return {**found, "enabled": row.enabled}

    def kept_rules(self) -> dict[str, TicketRule]:
        """Return the rules that a file can contain, by name."""
        return {name: row for name, row in self.rules.items() if not self._has_ended(row)}

    def _has_ended(self, row: TicketRule) -> bool:
        return row.only_chosen and row.pk not in self.chosen


def plan_tickets(
    draft: Draft, present: PresentTickets, organization: Organization, wanted: Mapping[str, Any], path: Path
) -> None:
    """Plan steps that make ticket systems and ticket rules equal to those in the file.

    Systems and rules that the file does not list are deleted: rules first and systems last, so that a rule can move
    from a deleted system to another one.
    """
    systems, rules = wanted.get("ticket_systems"), wanted.get("ticket_rules")
    advice = "Remove one of the two entries."
    named = draft.named(systems or (), (*path, "ticket_systems"), "ticket system", advice)
    ruled = draft.named(rules or (), (*path, "ticket_rules"), "ticket rule", advice)
    if rules is not None:
        for name, row in present.kept_rules().items():
            if name not in ruled:
                text = f"Ticket rule “{name}”: deletes the rule. The tickets of the rule remain."
                run = partial(_delete_rule, row)
                draft.add(organization.name, (*path, "ticket_rules"), Kind.REMOVE, text, run, rows=(row,))
    for name, (here, entry) in named.items():
        _plan_system(draft, present, organization, name, entry, here)
    after = set(present.systems) if systems is None else set(named)
    for name, (here, entry) in ruled.items():
        if entry["system"] not in after:
            guess = (
                nearest(entry["system"], after) or " Add this ticket system to the file, or correct the name."
            )
            draft.problem((*here, "system"), f"There is no ticket system “{entry['system']}”.{guess}")
            continue
        _plan_rule(draft, present, organization, name, entry, here)
    if systems is not None:
        for name, system in present.systems.items():
            if name not in named:
                text = f"Ticket system “{name}”: deletes the system, its rules and Surety’s records of its tickets"
                run = partial(_delete_system, system)
                draft.add(
                    organization.name, (*path, "ticket_systems"), Kind.REMOVE, text, run, rows=(system,)
                )


def _plan_system(
    draft: Draft,
    present: PresentTickets,
    organization: Organization,
    name: str,
    entry: Mapping[str, Any],
    path: Path,
) -> None:
    row = present.systems.get(name)
    if row is not None and row.kind != entry["kind"]:
        draft.problem(
            (*path, "kind"),
            f"The ticket system “{name}” is of the kind {row.kind}, which cannot be changed. Add another ticket"
            " system.",
        )
        return
    connector = CONNECTORS[entry["kind"]]
    known = [one.name for one in connector.inputs if not one.secret]
    if unknown := sorted(set(entry.get("values", {})) - set(known)):
        advice = f"Use only: {', '.join(known)}." if known else "Remove it."
        draft.problem(
            (*path, "values", unknown[0]),
            f"{connector.label} has no value “{unknown[0]}”. {advice}",
        )
        return
    data: Values = {
        "address": entry["address"].strip().rstrip("/"),
        "project": entry.get("project", "").strip(),
        "values": {
            one.name: entry.get("values", {}).get(
                one.name, "" if row is None else row.fields.get(one.name, "")
            )
            or one.initial
            for one in connector.inputs
            if not one.secret
        },
    }
    enabled = entry.get("enabled", True)
    if row is None:
        off = "" if enabled else " and turned off"
        text = f"Ticket system “{name}”: adds {connector.label}, {data['address']}, without credentials{off}"
        run = partial(_add_system, organization, name, entry["kind"], data, enabled)
        draft.add(organization.name, path, Kind.ADD, text, run, entries=1 if enabled else 2)
    else:
        before: Values = {"address": row.address, "project": row.project, "values": dict(row.fields)}
        if changed := [key for key in data if data[key] != before[key]]:
            parts = [f"{key} {_shown(before[key])} → {_shown(data[key])}" for key in changed]
            text = f"Ticket system “{name}”: {'; '.join(parts)}"
            draft.add(
                organization.name, path, Kind.CHANGE, text, partial(_change_system, row, data), rows=(row,)
            )
        if enabled != row.enabled:
            text = f"Ticket system “{name}”: turns the system {'on' if enabled else 'off'}"
            run = partial(_switch_system, row, enabled)
            draft.add(organization.name, path, Kind.CHANGE, text, run, rows=(row,))
    if "customers" in entry:
        _plan_places(draft, present, organization, name, entry, path)
    if enabled and (row is None or not row.has_secrets):
        text = f"Ticket system “{name}”: enter its credentials under Settings, Tickets"
        draft.add(organization.name, path, Kind.TODO, text, None)


def _plan_places(
    draft: Draft,
    present: PresentTickets,
    organization: Organization,
    name: str,
    entry: Mapping[str, Any],
    path: Path,
) -> None:
    row = present.systems.get(name)
    before = present.places.get(row.pk, {}) if row is not None else {}
    wanted: Mapping[str, str] = entry["customers"]
    moves: list[tuple[Tenant, str | None]] = []
    for slug in sorted({*before, *wanted}):
        here = (*path, "customers", slug) if slug in wanted else (*path, "customers")
        if (tenant := present.customers.get(slug)) is None:
            guess = nearest(slug, present.customers) or " Register the customer first."
            draft.problem(here, f"No customer has the short name “{slug}”.{guess}")
            continue
        with draft.refusals(here):
            project = clean_project(CONNECTORS[entry["kind"]], wanted[slug]) if slug in wanted else None
            if project == before.get(slug):
                continue
            text = f"Tickets of {tenant.name} in “{name}”: {_place(before.get(slug))} → {_place(project)}"
            # One call sets the projects of all customers in `moves`, so that administrators get only one mail. The
            # first step makes this call, and the other steps call nothing.
            run = None if moves else partial(_set_places, organization, name, moves)
            moves.append((tenant, project))
            draft.add(organization.name, here, Kind.CHANGE, text, run, rows=() if row is None else (row,))


def _plan_rule(
    draft: Draft,
    present: PresentTickets,
    organization: Organization,
    name: str,
    entry: Mapping[str, Any],
    path: Path,
) -> None:
    data: Values = {"name": name, "system": entry["system"], "per": entry.get("per", "control")}
    for key in ("severities", "controls", "labels"):
        if values := entry.get(key):
            data[key] = list(dict.fromkeys(values))
    if "customers" in entry:
        data["customers"] = sorted(set(entry["customers"]))
        if unknown := [slug for slug in data["customers"] if slug not in present.customers]:
            guess = nearest(unknown[0], present.customers) or " Register the customer first."
            draft.problem((*path, "customers"), f"No customer has the short name “{unknown[0]}”.{guess}")
            return
    data["enabled"] = entry.get("enabled", True)
    row = present.rules.get(name)
    customers = [present.customers[slug] for slug in data["customers"]] if "customers" in data else None
    run = partial(_save_rule, organization, row, data, customers)
    if row is None:
        text = f"Ticket rule “{name}”: {_described(data)}"
        draft.add(organization.name, path, Kind.ADD, text, run)
        return
    before = present.rule(row)
    if changed := [key for key in {**before, **data} if _sorted(before.get(key)) != _sorted(data.get(key))]:
        parts = [f"{key} {_shown(before.get(key))} → {_shown(data.get(key))}" for key in changed]
        draft.add(
            organization.name,
            path,
            Kind.CHANGE,
            f"Ticket rule “{name}”: {'; '.join(parts)}",
            run,
            rows=(row,),
        )


def _system(organization: Organization, name: str) -> TicketSystem:
    """Return the ticket system with this name. Read it only when a step runs, because an earlier step may have added
    it.
    """
    return TicketSystem.objects.get(organization=organization, name=name)


def _add_system(
    organization: Organization, name: str, kind: str, data: Values, enabled: bool, by: Actor
) -> None:
    made = add_system(organization=organization, by=by, kind=kind, name=name, **data)
    if not enabled:
        switch_system(system=made, by=by, enabled=False)


def _change_system(row: TicketSystem, data: Values, by: Actor) -> None:
    change_system(system=row, by=by, name=row.name, **data)


def _switch_system(row: TicketSystem, enabled: bool, by: Actor) -> None:
    switch_system(system=row, by=by, enabled=enabled)


def _delete_system(row: TicketSystem, by: Actor) -> None:
    delete_system(system=row, by=by)


def _set_places(
    organization: Organization, name: str, projects: Sequence[tuple[Tenant, str | None]], by: Actor
) -> None:
    set_places(system=_system(organization, name), by=by, projects=projects)


def _save_rule(
    organization: Organization,
    row: TicketRule | None,
    data: Values,
    customers: Sequence[Tenant] | None,
    by: Actor,
) -> None:
    values = {key: value for key, value in data.items() if key not in ("system", "customers")}
    save_rule(
        organization=organization,
        by=by,
        rule=row,
        customers=customers,
        system=_system(organization, data["system"]),
        **values,
    )


def _delete_rule(row: TicketRule, by: Actor) -> None:
    delete_rule(rule=row, by=by)


def _described(data: Values) -> str:
    conditions = [f"{key} {_shown(data[key])}" for key in ("severities", "controls", "labels") if key in data]
    who = f"customers {_shown(data['customers'])}" if "customers" in data else "all customers"
    off = "" if data["enabled"] else ", turned off"
    return (
        f"opens tickets in “{data['system']}” for {', '.join([*conditions, who])}, one per {data['per']}{off}"
    )


def _place(project: str | None) -> str:
    return "the project of the system" if project is None else project or "no tickets"


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items()) or "none"
    return value or "none"
