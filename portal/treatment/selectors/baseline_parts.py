"""Return the parts of a baseline that people edit separately, as flat values, and find out who changed a part last.

A form remembers the part that it showed. If the stored part differs when the form is saved, somebody else has changed
it meanwhile (`tenants.errors.Conflict`, code `changed_meanwhile`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final

from assessments.models import Finding
from portal.retention.kinds import CUSTOMER_KINDS
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import complete
from tenants.models import Organization, OrganizationJournalEntry
from tenants.values.stale_values import LastChange, Part, actor_name

ENTRIES_READ: Final = 50
"""How many of a baseline's newest changes are searched for the last change of a part."""


def policy_part(baseline: Baseline) -> Part:
    """Return the name, label, schedule, maximum length of exceptions, due days and retention periods.

    `due_<severity>` is None if the baseline sets no due days for the severity. `retention_<kind>` is empty if the
    baseline sets no period for the kind of data.
    """
    due = {f"due_{severity}": baseline.due_days.get(severity) for severity in Finding.Severity.values}
    return {
        "name": baseline.name,
        "label": baseline.label,
        "schedule": baseline.schedule,
        "exception_cap_days": baseline.exception_cap_days,
        **due,
        **{f"retention_{kind.key}": baseline.retention.get(kind.key, "") for kind in CUSTOMER_KINDS},
    }


def rule_part(baseline: Baseline, name: str) -> Part:
    """Return the owner rule of this name, or an empty part if the baseline has no such rule."""
    return next((dict(rule) for rule in baseline.owner_rules if rule["name"] == name), {})


def watch_rule_part(baseline: Baseline, name: str) -> Part:
    """Return the watch rule of this name, or an empty part if the baseline has no such rule."""
    return next((dict(rule) for rule in baseline.watch_rules if rule.get("name") == name), {})


def shipped_rule_part(baseline: Baseline, key: str) -> Part:
    """Return the baseline's settings of a shipped watch rule, or an empty part if each customer chooses them."""
    return next((dict(rule) for rule in baseline.watch_rules if rule.get("shipped") == key), {})


def parameters_part(baseline: Baseline, slug: str) -> Part:
    """Return all parameters of the control, or an empty part if each customer sets its own parameters."""
    stored = baseline.parameters.get(slug)
    if stored is None:
        return {}
    values = complete(slug, stored)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def profile_part(baseline: Baseline) -> Part:
    """Return the profile of controls, or an empty part if each customer chooses its own profile."""
    return dict(baseline.profile)


def versions(rows: list[Baseline]) -> Part:
    """Return the time of the last change of each baseline."""
    return {str(row.pk): row.changed_at.isoformat() for row in rows}


def last_change(baseline: Baseline, part: Callable[[Mapping[str, Any]], Any]) -> LastChange:
    """Return who changed a part of the baseline last. `part` extracts the part from the details of a journal entry.

    If the journal shows no change of the part, return the baseline's last change. For example, the journal does not
    contain the URLs of channels, so it never shows that a URL was changed.
    """
    for entry, previous in pairwise(_entries(baseline)):
        if part(entry.details) != part(previous.details):
            return _of(entry)
    return LastChange(str(baseline.changed_by), baseline.changed_at)


def removed_channel(baseline: Baseline, name: str) -> LastChange | None:
    """Return who removed the channel of this name from the baseline, or None if nobody has removed it.

    The result's `details` are {"kind": kind of the channel}.
    """
    present = {channel.name for channel in baseline.channels.all()}
    for entry, previous in pairwise(_entries(baseline)):
        kinds = {one["name"]: one["kind"] for one in previous.details.get("channels", [])}
        if name in kinds and name not in present:
            return _of(entry)._replace(details={"kind": kinds[name]})
        present = set(kinds)
    return None


def last_change_of_any(organization: Organization) -> LastChange | None:
    """Return the last change of the organization's baselines, or None if the journal has no such change."""
    rows = OrganizationJournalEntry.objects.filter(organization=organization, action__startswith="baseline.")
    entry = rows.order_by("-sequence").first()
    return _of(entry) if entry else None


def _entries(baseline: Baseline) -> list[OrganizationJournalEntry]:
    """Return the last journal entries about changes of the baseline, newest first."""
    rows = OrganizationJournalEntry.objects.filter(
        organization=baseline.organization,
        action__in=("baseline.created", "baseline.changed"),
        target__startswith=f"baseline:{baseline.pk} ",
    )
    return list(rows.order_by("-sequence")[: ENTRIES_READ + 1])


def _of(entry: OrganizationJournalEntry) -> LastChange:
    return LastChange(actor_name(entry.actor), entry.at)
