"""What the page of the policy says: what a change would mean, what it was, and what somebody else made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from assessments.models import Finding
from portal.treatment.selectors.policy import foresee
from portal.web.components.vocabulary import SEVERITIES
from portal.web.settings.policy_form import COLUMNS, PolicyForm, due_name, fields_of
from tenants.models import JournalEntry, Tenant

# Field -> (label, unit)
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    **{due_name(key): (SEVERITIES[key].label, " days") for key in Finding.Severity.values},
    "exception_cap_days": (COLUMNS["exception_cap_days"], " days"),
    **{key: (COLUMNS[key], "") for key in ("name", "timezone", "labels")},
}


def preview(tenant: Tenant, form: PolicyForm) -> dict[str, Any]:
    """What the days as typed would mean now; of those that cannot be used it says so."""
    typed: Mapping[str, Any] = form.initial
    if form.is_bound:
        form.is_valid()  # what is wrong is then not among its cleaned data
        typed = form.cleaned_data
    days = {key: typed.get(due_name(key)) for key in Finding.Severity.values}
    seen = foresee(tenant, due_days=days, cap_days=typed.get("exception_cap_days"), now=timezone.now())
    rows = [
        {
            "severity": row.severity,
            "open": row.open,
            "overdue": row.overdue,
            "would_be": row.would_be,
            "more": None if row.would_be is None else row.would_be - row.overdue,
        }
        for row in seen.by_severity
    ]
    whole = all(row.would_be is not None for row in seen.by_severity)
    return {
        "rows": rows,
        "open": sum(row.open for row in seen.by_severity),
        "overdue": sum(row.overdue for row in seen.by_severity),
        "would_be": sum(row.would_be or 0 for row in seen.by_severity) if whole else None,
        "running": seen.running,
        "waiting": seen.waiting,
        "cap": typed.get("exception_cap_days"),
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """(field, label, before, after) of the form's fields that differ between two sets of columns."""
    old, new = fields_of(before), fields_of(after)
    return [
        (key, label, _shown(old[key], unit), _shown(new[key], unit))
        for key, (label, unit) in _FIELDS.items()
        if old[key] != new[key]
    ]


def in_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What changed, in a sentence."""
    return "; ".join(f"{label}: {old} → {new}" for _, label, old, new in changes(before, after))


def meanwhile(
    tenant: Tenant, start: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]
) -> dict[str, Any]:
    """What somebody else changed since the form was opened, beside what is typed in it."""
    old, mine = fields_of(start), fields_of(typed)
    rows = [
        {
            "label": label,
            "before": before,
            "theirs": after,
            "yours": _shown(mine[key], _FIELDS[key][1]) if mine[key] != old[key] else "",
        }
        for key, label, before, after in changes(start, now)
    ]
    last = JournalEntry.objects.filter(tenant=tenant, action="tenant.changed").order_by("-sequence").first()
    # As `tenants.actors.describe` writes a person, without the id.
    who = last.actor.partition(" (person:")[0] if last else ""
    return {"rows": rows, "who": who, "at": last.at if last else None}


def together(start: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields: what was typed where something was changed in the form, else what is there now."""
    old, current, mine = fields_of(start), fields_of(now), fields_of(typed)
    return {key: mine[key] if mine[key] != old[key] else current[key] for key in current}


def _shown(value: Any, unit: str) -> str:
    if value in (None, ""):
        return "none"
    return f"{value}{unit.removesuffix('s') if value == 1 else unit}"
