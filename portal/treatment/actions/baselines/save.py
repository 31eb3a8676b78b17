"""Create, change and delete baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction

from assessments.actions.schedules import normalized
from portal.treatment.actions._text import clean_title
from portal.treatment.actions.baselines.change import (
    MAX_NAME,
    current_baseline,
    journal_target,
    lock_baselines,
    save_and_apply,
    wanted_by_all,
)
from portal.treatment.actions.baselines.retention import changed_periods
from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import policy_part, versions
from tenants import journal
from tenants.actions.organizations import clean_labels, valid_days
from tenants.errors import invalid
from tenants.models import Organization, Person, Tenant
from tenants.values.stale_values import Part, check_unchanged

MAX_BASELINES: Final = 100


@transaction.atomic
def save_baseline(
    *,
    organization: Organization,
    by: Person,
    tenants: Sequence[Tenant],
    baseline: Baseline | None = None,
    name: str,
    label: str,
    due_days: Mapping[str, int],
    exception_cap_days: int | None,
    schedule: str = "",
    retention: Mapping[str, str] | None = None,
    expected: Part | None = None,
) -> Baseline:
    """Create a baseline, or change its name, label, policy, schedule and retention periods. Customers that do not
    deviate get the new values.

    `tenants` are all customers of the organization. `schedule` is “off”, “default”, a timetable, or empty if each
    customer has its own schedule. `retention` is {kind of data: days, “keep” or “default”}. For kinds that `retention`
    does not contain, each customer has its own period.

    Raises InvalidInput for an empty name, a label that another baseline has, or an invalid schedule or number of days.
    Raises PermissionDenied if a retention period changes and the person may not change periods. Raises Conflict if a
    customer cannot get a value, or the baseline was deleted.
    """
    tenants = lock_baselines(organization, tenants)
    before = wanted_by_all(organization, tenants)
    row = current_baseline(baseline) if baseline else Baseline(organization=organization)
    present = policy_part(row)
    row.name = clean_title(name, MAX_NAME, present=row.name)
    row.label = clean_labels([label])[0] if label.strip() else ""
    others = Baseline.objects.filter(organization=organization).exclude(pk=row.pk)
    if others.filter(label__iexact=row.label).exists():
        raise invalid(
            "label",
            "Another baseline already has this label. Change that baseline, or enter another label."
            if row.label
            else "Another baseline already applies to all customers. Change that baseline, or enter a label.",
            code="taken",
        )
    if others.count() >= MAX_BASELINES:
        raise invalid(
            "name",
            f"An organization can have at most {MAX_BASELINES} baselines. Delete a baseline first.",
            code="too_many",
        )
    row.due_days = {severity: valid_days("due_days", days) for severity, days in due_days.items()}
    row.exception_cap_days = (
        None if exception_cap_days is None else valid_days("exception_cap_days", exception_cap_days)
    )
    row.schedule = normalized(schedule) if schedule.strip() else ""
    row.retention = changed_periods(row, retention or {})
    check_unchanged(expected, present, policy_part(row))
    return save_and_apply(row, by, tenants, before, "baseline.changed" if baseline else "baseline.created")


@transaction.atomic
def delete_baseline(*, baseline: Baseline, by: Person, expected: Part | None = None) -> None:
    """Delete a baseline. Customers keep their current values. Raises Conflict if somebody else has deleted the
    baseline.

    `expected` is the baseline's version (`baseline_parts.versions`).
    """
    lock_baselines(baseline.organization, [])
    baseline = current_baseline(baseline)
    check_unchanged(expected, versions([baseline]), {})
    journal.record(
        organization=baseline.organization,
        actor=by,
        action="baseline.deleted",
        target=journal_target(baseline),
    )
    baseline.delete()
