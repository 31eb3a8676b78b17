"""Owners and acknowledgements of an earlier time, reconstructed from the timelines of findings.

    owners_at(tenant, at, label) -> {finding: owner}
    acknowledgements_at(tenant, at, label) -> {finding: Acknowledgement}

The timeline has an unchangeable event for each change. An event contains the id of the previous owner. Only some events
of older versions of Surety, for owner rules and undone actions, contain the owner's name as text instead.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from portal.reports.facts.people import PersonLabel, person_id_label
from portal.treatment.models import Treatment, TreatmentEvent
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant

_KIND: Final = TreatmentEvent.Kind
_PLANNED: Final = re.compile(r"planned for (\d{4}-\d{2}-\d{2})\Z")
# Values that `portal.treatment.actions` stores in events.
_UNASSIGNED: Final = "Unassigned"
_UNDONE: Final = "Undone"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An acknowledgement at an earlier time. It applies only to the failure that existed at `acknowledged_at`."""

    acknowledged_at: datetime
    text: str


def owners_at(tenant: Tenant, at: datetime, label: PersonLabel) -> Mapping[str, str]:
    """Return {id of a finding: its owner at that time} for the findings that had an owner.

    If the owner has changed after the time `at`, the first change after `at` names the owner before this change, who
    was the owner at `at`. If the owner has not changed since `at`, the present owner was also the owner at `at`.
    """
    later = _events(tenant, _KIND.OWNER).filter(at__gt=at).order_by("finding", "at", "id")
    changed = {row["finding"]: row for row in later.distinct("finding").values("finding", "before", "undo")}
    now = Treatment.objects.filter(tenant=tenant, owner__isnull=False)
    ids: dict[UUID, UUID] = {
        finding: owner for finding, owner in now.values_list("finding", "owner") if finding not in changed
    }
    names: dict[UUID, str] = {}
    for finding, row in changed.items():
        before = row["undo"]
        if before is not None:
            owner = parse_uuid(before["owner"]) if before["owner"] else None
            if owner is not None:
                ids[finding] = owner
        elif row["before"] != _UNASSIGNED:
            names[finding] = row["before"]
    if names:
        # Older versions of Surety wrote names instead of ids. If a bulk action or a rule had assigned the owner, the
        # stored values of that action or rule contain the id.
        ids |= _assigned(tenant, at, names)
    people = Person.objects.in_bulk(set(ids.values()))
    known = {str(finding): label(people.get(owner)) or f"Person {owner}" for finding, owner in ids.items()}
    return {str(finding): _without_id(name, label) for finding, name in names.items()} | known


def _assigned(tenant: Tenant, at: datetime, wanted: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return {id of a finding: id of its owner} for the findings whose owner at the time `at` had been assigned by a
    bulk action or an owner rule.

    Findings whose last owner before `at` was assigned in another way are left out.
    """
    rows = _events(tenant, _KIND.OWNER).filter(at__lte=at, finding__in=list(wanted))
    found = {}
    last = rows.order_by("finding", "-at", "-id").distinct("finding")
    for finding, values in last.values_list("finding", "batch__values"):
        owner = parse_uuid(values["owner"]) if values and values.get("owner") else None
        if owner is not None:
            found[finding] = owner
    return found


def _without_id(name: str, label: PersonLabel) -> str:
    """Return how the report names an owner without a known id: the name, or "A person" in a report without names."""
    return name if label is not person_id_label else "A person"


def acknowledgements_at(tenant: Tenant, at: datetime, label: PersonLabel) -> Mapping[str, Acknowledgement]:
    """Return {id of a finding: its acknowledgement at the time `at`}.

    Acknowledgements of failures that had already ended by then are included. So the caller must check that the
    acknowledgement is not older than the failure.
    """
    rows = _events(tenant, _KIND.ACKNOWLEDGED, _KIND.UNACKNOWLEDGED).filter(at__lte=at)
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by("finding", "at", "id").values(
        "finding", "at", "kind", "by", "actor", "after", "note"
    ):
        held = found[row["finding"]]
        if row["kind"] == _KIND.ACKNOWLEDGED:
            held.append(dict(row))
        elif row["note"] == _UNDONE and held:
            held.pop()  # This acknowledgement was undone, so the previous one, if any, applies again.
        else:
            held.clear()
    last = {finding: held[-1] for finding, held in found.items() if held}
    people = Person.objects.in_bulk({row["by"] for row in last.values() if row["by"]})
    return {
        str(finding): Acknowledgement(row["at"], _text(row, people, label)) for finding, row in last.items()
    }


def _text(row: Mapping[str, Any], people: Mapping[UUID, Person], label: PersonLabel) -> str:
    by = label(people.get(row["by"])) if row["by"] else row["actor"]
    planned = _PLANNED.search(row["after"])
    return describe(by, planned[1] if planned else None, row["note"])


def describe(by: str, planned_for: object | None, plan: str) -> str:
    """Return an acknowledgement as a text: who acknowledged, the planned day and the plan."""
    return f"{by}{f', planned for {planned_for}' if planned_for else ''}{f': {" ".join(plan.split())}' if plan else ''}"


def _events(tenant: Tenant, *kinds: str) -> QuerySet[TreatmentEvent]:
    return TreatmentEvent.objects.filter(tenant=tenant, kind__in=kinds)
