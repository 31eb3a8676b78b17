"""Build parts of the policy page, such as the preview and the conflicts with changes by other people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from assessments.models import Finding
from portal.treatment.selectors.policy import preview_policy
from portal.treatment.selectors.scores import standings
from portal.web.components.vocabulary import SEVERITIES
from portal.web.settings.policy_form import COLUMNS, PolicyForm, due_name, fields_of
from tenants.models import JournalEntry, Tenant

# {field: (label, unit)}
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    **{due_name(key): (SEVERITIES[key].label, " days") for key in Finding.Severity.values},
    "exception_cap_days": (COLUMNS["exception_cap_days"], " days"),
    **{key: (COLUMNS[key], "") for key in ("name", "timezone", "labels")},
}


def preview(tenant: Tenant, form: PolicyForm) -> dict[str, Any]:
    """Return the effect of the entered due days, and of the entered maximum length of exceptions.

    For invalid due days, the new number of overdue findings (`would_be`) is None.
    """
    typed: Mapping[str, Any] = form.initial
    if form.is_bound:
        form.is_valid()  # Validation fills cleaned_data with the valid fields.
        typed = form.cleaned_data
    days = {key: typed.get(due_name(key)) for key in Finding.Severity.values}
    seen = preview_policy(tenant, due_days=days, cap_days=typed.get("exception_cap_days"), now=timezone.now())
    rows = [
        {
            "severity": row.severity,
            "failing": row.failing,
            "overdue": row.overdue,
            "would_be": row.would_be,
            "more": 0 if row.would_be is None else max(row.would_be - row.overdue, 0),
            "fewer": 0 if row.would_be is None else max(row.overdue - row.would_be, 0),
        }
        for row in seen.by_severity
    ]
    all_valid = all(row.would_be is not None for row in seen.by_severity)
    failing = sum(row.failing for row in seen.by_severity)
    return {
        "rows": rows,
        # If all verdicts are unknown, the page shows no numbers, because 0 failing findings would look like a pass.
        "is_known": bool(failing) or standings([tenant], by_section=False)[tenant.pk].is_known,
        "failing": failing,
        "overdue": sum(row.overdue for row in seen.by_severity),
        "would_be": sum(row.would_be or 0 for row in seen.by_severity) if all_valid else None,
        "running": seen.running,
        "waiting": seen.waiting,
        "cap": typed.get("exception_cap_days"),
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Compare two states of a tenant's columns. Return (field, label, value before, value after) for each form field
    whose value differs.
    """
    old, new = fields_of(before), fields_of(after)
    return [
        (key, label, _format(old[key], unit), _format(new[key], unit))
        for key, (label, unit) in _FIELDS.items()
        if old[key] != new[key]
    ]


def describe_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the changes in one line: ``High: 30 days → 14 days``."""
    return "; ".join(f"{label}: {old} → {new}" for _, label, old, new in changes(before, after))


def conflict(
    tenant: Tenant, start: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the author and time of the last change, and a row for each value that was changed since the form was
    opened.

    The row has the earlier value, the saved value, and the value that the signed-in person entered.
    """
    old, mine = fields_of(start), fields_of(typed)
    rows = [
        {
            "label": label,
            "before": before,
            "theirs": after,
            "yours": _format(mine[key], _FIELDS[key][1]) if mine[key] != old[key] else "",
        }
        for key, label, before, after in changes(start, now)
    ]
    last = JournalEntry.objects.filter(tenant=tenant, action="tenant.changed").order_by("-sequence").first()
    # `tenants.actors.describe` writes a person as "<email> (person:<id>)".
    who = last.actor.partition(" (person:")[0] if last else ""
    return {"rows": rows, "who": who, "at": last.at if last else None}


def merge(start: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merged values of the fields. A field that the person changed has the entered value. Any other field
    has the saved value.
    """
    old, current, mine = fields_of(start), fields_of(now), fields_of(typed)
    return {key: mine[key] if mine[key] != old[key] else current[key] for key in current}


def _format(value: Any, unit: str) -> str:
    if value in (None, ""):
        return "none"
    return f"{value}{unit.removesuffix('s') if value == 1 else unit}"
