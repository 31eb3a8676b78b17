"""Owners, acknowledgements and approvals as they were at an earlier time, reconstructed from the timelines of findings.

A timeline has an unchangeable event for each change. The event of a new owner contains the id of the previous owner.
Some events that older versions of Surety wrote, for owner rules and undone actions, contain the previous owner's name
instead.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from assessments.evaluate import digest
from assessments.models import FindingChange
from portal.reports.facts.people import PersonLabel, person_id_label
from portal.treatment.models import ExceptionItem, FindingException, Treatment, TreatmentEvent
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
    """Return {id of a finding: its owner at the time `at`} for the findings that had an owner then.

    If the owner was changed after `at`, the first of these changes states the previous owner, who was the owner at the
    time `at`. Otherwise, the present owner was also the owner at that time.
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

    The failure that was acknowledged may have ended before `at`. So the caller must check that the acknowledgement is
    not older than the failure.
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


def approved_items_at(
    tenant: Tenant,
    exceptions: Collection[FindingException],
    items: Mapping[UUID, Sequence[ExceptionItem]],
    at: datetime,
) -> dict[UUID, list[ExceptionItem]]:
    """Return {exception: its items at the time `at`, each with its approved value at that time}. The returned items can
    differ from the rows in the database, so do not save them.

    `items` are the present items. In two cases, they lack the value that was approved at the time `at`:

    - The item was deleted, because the exception's rule no longer matched the finding.
    - A later approval replaced the value.

    The value is then taken from the stored changes of the finding: it was observed at the last approval before `at`.
    """
    events = _last_events(tenant, exceptions, at)
    found = {
        pk: [item for item in rows if _is_approved(item, at) or (pk, item.finding_id) in events]
        for pk, rows in items.items()
    }
    present = {(item.exception_id, item.finding_id): item for rows in found.values() for item in rows}
    lost = {
        key: event_at
        for key, (event_at, kind) in events.items()
        if kind != _KIND.EXCEPTION_REQUESTED and (key not in present or not _is_approved(present[key], at))
    }
    observed = _observed_hashes(
        tenant, {(finding, approved_at) for (_, finding), approved_at in lost.items()}, at
    )
    for (exception, finding), approved_at in lost.items():
        sha256 = observed.get((finding, approved_at))
        if sha256 is None:
            # The finding's change with the approved value was deleted under the retention policy. Do not change the
            # item.
            continue
        item = present.get((exception, finding))
        if item is None:
            item = ExceptionItem(tenant=tenant, exception_id=exception, finding_id=finding)
            found.setdefault(exception, []).append(item)
        item.approved_at, item.approved_sha256 = approved_at, sha256
    return found


def _is_approved(item: ExceptionItem, at: datetime) -> bool:
    return item.approved_at is not None and item.approved_at <= at


def _last_events(
    tenant: Tenant, exceptions: Collection[FindingException], at: datetime
) -> dict[tuple[UUID, UUID], tuple[datetime, str]]:
    """Return {(exception, finding): (time, kind)} of the last event up to `at`: the exception was requested, approved,
    or extended to the finding by its rule.

    Pairs whose last event says that the rule no longer matches the finding are left out.
    """
    rows = _events(
        tenant,
        _KIND.EXCEPTION_REQUESTED,
        _KIND.EXCEPTION_APPROVED,
        _KIND.EXCEPTION_EXTENDED,
        _KIND.EXCEPTION_LEFT,
    )
    rows = rows.filter(exception__in=[row.pk for row in exceptions], at__lte=at)
    last = rows.order_by("exception", "finding", "-at", "-id").distinct("exception", "finding")
    return {
        (exception, finding): (moment, kind)
        for exception, finding, moment, kind in last.values_list("exception", "finding", "at", "kind")
        if kind != _KIND.EXCEPTION_LEFT
    }


def _observed_hashes(
    tenant: Tenant, wanted: Collection[tuple[UUID, datetime]], at: datetime
) -> dict[tuple[UUID, datetime], str]:
    """Return {(finding, time): hash of the value that was observed at that time}, for times up to `at`."""
    if not wanted:
        return {}
    moments: dict[UUID, set[datetime]] = defaultdict(set)
    for finding, moment in wanted:
        moments[finding].add(moment)
    changes = FindingChange.objects.filter(tenant=tenant, finding_id__any_of=list(moments), at__lte=at)
    found = {}
    rows = changes.order_by("finding", "at", "id").values_list("finding", "at", "after_observed")
    for finding, changed_at, observed in rows.iterator(chunk_size=2000):
        for moment in moments[finding]:
            if changed_at <= moment:
                found[finding, moment] = digest(observed or {})
    return found


def _events(tenant: Tenant, *kinds: str) -> QuerySet[TreatmentEvent]:
    return TreatmentEvent.objects.filter(tenant=tenant, kind__in=kinds)
