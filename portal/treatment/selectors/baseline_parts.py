"""The parts of a baseline that are edited separately, as flat values, and who changed them last.

A form remembers the part that it showed. If the stored part differs when the form is saved, somebody else has changed
it meanwhile (`tenants.errors.Conflict`, code `changed_meanwhile`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple

from assessments.models import Finding
from portal.treatment.models import Baseline, BaselineChannel
from portal.treatment.selectors.baselines import complete
from tenants.models import Organization, OrganizationJournalEntry

type Part = dict[str, Any]
"""{field: value}; values are what JSON can contain."""

ENTRIES_READ: Final = 50
"""How many changes of a baseline are searched for the last one that changed a part."""


class LastChange(NamedTuple):
    """Who changed something last, and when."""

    who: str
    at: datetime


def policy_part(baseline: Baseline) -> Part:
    """Return name, label, schedule and policy; `due_<severity>` is None if the baseline sets no days."""
    due = {f"due_{severity}": baseline.due_days.get(severity) for severity in Finding.Severity.values}
    return {
        "name": baseline.name,
        "label": baseline.label,
        "schedule": baseline.schedule,
        "exception_cap_days": baseline.exception_cap_days,
        **due,
    }


def rule_part(baseline: Baseline, name: str) -> Part:
    """Return the owner rule of this name; empty if the baseline has no such rule."""
    return next((dict(rule) for rule in baseline.owner_rules if rule["name"] == name), {})


def channel_part(channel: BaselineChannel) -> Part:
    """Return what the form shows of a channel.

    `address` is a digest of the encrypted address: it differs after each change, and says nothing about the address.
    """
    digest = hashlib.sha256(bytes(channel.address)).hexdigest()[:16]
    return {"name": channel.name, "host": channel.host, "kinds": sorted(channel.kinds), "address": digest}


def parameters_part(baseline: Baseline, slug: str) -> Part:
    """Return all parameters of the control; empty if each customer sets its own."""
    stored = baseline.parameters.get(slug)
    if stored is None:
        return {}
    values = complete(slug, stored)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def versions(rows: list[Baseline]) -> Part:
    """Return the time of the last change of each baseline."""
    return {str(row.pk): row.changed_at.isoformat() for row in rows}


def last_change(baseline: Baseline, part: Callable[[Mapping[str, Any]], Any]) -> LastChange:
    """Return who changed a part of the baseline last. `part` extracts the part from the details of a journal entry. If
    none of the baseline's last changes is found to have changed the part, return the last change of the baseline: the
    journal does not contain addresses of channels, so a change of an address cannot be found.
    """
    rows = OrganizationJournalEntry.objects.filter(
        organization=baseline.organization,
        action__in=("baseline.created", "baseline.changed"),
        target__startswith=f"baseline:{baseline.pk} ",
    ).order_by("-sequence")[: ENTRIES_READ + 1]
    entries = list(rows)
    for entry, previous in pairwise(entries):
        if part(entry.details) != part(previous.details):
            return _of(entry)
    return LastChange(str(baseline.changed_by), baseline.changed_at)


def last_change_of_any(organization: Organization) -> LastChange | None:
    """Return who changed any baseline of the organization last."""
    rows = OrganizationJournalEntry.objects.filter(organization=organization, action__startswith="baseline.")
    entry = rows.order_by("-sequence").first()
    return _of(entry) if entry else None


def _of(entry: OrganizationJournalEntry) -> LastChange:
    # `tenants.actors.describe` writes a person as "<address> (person:<id>)".
    return LastChange(entry.actor.partition(" (person:")[0], entry.at)
