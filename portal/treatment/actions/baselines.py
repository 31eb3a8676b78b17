"""Create, change and delete baselines, and apply them again to customers that deviate.

When a baseline changes, a customer gets the new value if its present value is the baseline's previous value. If no
baseline had a value before, a customer gets the new value if its present value is the product's default. Customers with
another value keep their value, and are listed as deviating.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from assessments.actions.control_settings import set_control_values
from assessments.controls.registry import UnknownControl, control
from portal.treatment.actions._text import clean_text
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import (
    DUE_DAYS,
    EXCEPTION_CAP,
    PARAMETERS,
    Deviation,
    Values,
    baselines,
    complete,
    current,
    is_met,
    parameter_values,
    wanted,
)
from portal.treatment.task_names import REFRESH
from tenants import journal
from tenants.actions.organizations import MAX_DAYS, change_tenant, clean_labels, lock_settings
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import invalid
from tenants.models import Organization, Person, Tenant
from tenants.models.tenant import DUE_DAYS as DEFAULT_DUE_DAYS
from tenants.models.tenant import EXCEPTION_CAP_DAYS

MAX_NAME: Final = 120
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
) -> Baseline:
    """Create or change a baseline's name, label and policy. Customers that follow the baseline get the new
    values.

    `tenants` are all customers of the organization. Raises InvalidInput for an empty name, a label that another
    baseline has, or days out of range.
    """
    lock_settings(tenants)
    before = _wanted_by_all(organization, tenants)
    row = baseline or Baseline(organization=organization)
    row.name = clean_text("name", name, MAX_NAME, required=True)
    row.label = clean_labels([label])[0] if label.strip() else ""
    others = Baseline.objects.filter(organization=organization).exclude(pk=row.pk)
    if others.filter(label__iexact=row.label).exists():
        raise invalid(
            "label",
            "Another baseline already applies to these customers. Change that baseline.",
            code="taken",
        )
    if others.count() >= MAX_BASELINES:
        raise invalid("name", f"An organization has at most {MAX_BASELINES} baselines.", code="too_many")
    row.due_days = {severity: _days("due_days", days) for severity, days in due_days.items()}
    row.exception_cap_days = (
        None if exception_cap_days is None else _days("exception_cap_days", exception_cap_days)
    )
    return _save(row, by, tenants, before, "baseline.changed" if baseline else "baseline.created")


@transaction.atomic
def set_baseline_parameters(
    *, baseline: Baseline, by: Person, tenants: Sequence[Tenant], slug: str, values: Mapping[str, Any] | None
) -> Baseline:
    """Set the parameters of one control in a baseline, or remove them (`values` None)."""
    lock_settings(tenants)
    before = _wanted_by_all(baseline.organization, tenants)
    if values is None:
        baseline.parameters.pop(slug, None)
    else:
        try:
            control(slug).values(values)
        except (UnknownControl, ValueError) as error:
            raise invalid("values", str(error).strip("'\"")) from None
        baseline.parameters[slug] = complete(slug, values)
    return _save(baseline, by, tenants, before, "baseline.changed")


@transaction.atomic
def delete_baseline(*, baseline: Baseline, by: Person) -> None:
    """Delete a baseline. Customers keep their current values."""
    journal.record(
        organization=baseline.organization, actor=by, action="baseline.deleted", target=_target(baseline)
    )
    baseline.delete()


@transaction.atomic
def apply_baselines(*, by: Person, found: Iterable[Deviation]) -> int:
    """Set these settings to the values of their baselines; return the number of changed settings."""
    number, found = 0, list(found)
    lock_settings({deviation.tenant for deviation in found})
    for deviation in found:
        _apply(deviation.tenant, by, deviation.setting, deviation.wanted)
        number += 1
    return number


@transaction.atomic
def follow_baselines(*, tenant: Tenant, by: Actor) -> None:
    """Set a new customer's settings to the values of the baselines that apply to it.

    Called at the registration (`SURETY_ON_REGISTRATION`), in the scope of the organization.
    """
    own = parameter_values([tenant.pk])
    for setting, (value, _) in wanted(tenant, baselines(tenant.organization)).items():
        if not is_met(setting, current(tenant, setting, own), value):
            _apply(tenant, by, setting, value)


def _wanted_by_all(organization: Organization, tenants: Iterable[Tenant]) -> dict[Tenant, Values]:
    ordered = baselines(organization)
    return {
        tenant: {setting: value for setting, (value, _) in wanted(tenant, ordered).items()}
        for tenant in tenants
    }


def _save(
    row: Baseline, by: Person, tenants: Sequence[Tenant], before: Mapping[Tenant, Values], action: str
) -> Baseline:
    row.changed_by, row.changed_at = by, timezone.now()
    row.save()
    journal.record(
        organization=row.organization,
        actor=by,
        action=action,
        target=_target(row),
        details={
            "name": row.name,
            "label": row.label,
            "due_days": row.due_days,
            "exception_cap_days": row.exception_cap_days,
            # Fractions are recorded as text, because journal entries cannot contain them (tenants.journal).
            "parameters": {
                slug: {name: str(value) for name, value in values.items()}
                for slug, values in row.parameters.items()
            },
        },
    )
    after = _wanted_by_all(row.organization, tenants)
    own = parameter_values([tenant.pk for tenant in tenants])
    for tenant in tenants:
        for setting, value in after[tenant].items():
            previous = before[tenant].get(setting, _default(setting))
            present = current(tenant, setting, own)
            if is_met(setting, present, previous) and not is_met(setting, present, value):
                _apply(tenant, by, setting, value)
    return row


def _apply(tenant: Tenant, by: Actor, setting: str, value: Any) -> None:
    if setting == DUE_DAYS:
        change_tenant(by=by, tenant=tenant, due_days={**DEFAULT_DUE_DAYS, **tenant.due_days, **value})
        enqueue(REFRESH, tenant.pk)
    elif setting == EXCEPTION_CAP:
        change_tenant(by=by, tenant=tenant, exception_cap_days=value)
    else:
        set_control_values(tenant=tenant, by=by, slug=setting.removeprefix(PARAMETERS), values=value)


def _default(setting: str) -> Any:
    """Return the product's default for a setting."""
    if setting == DUE_DAYS:
        return dict(DEFAULT_DUE_DAYS)
    if setting == EXCEPTION_CAP:
        return EXCEPTION_CAP_DAYS
    return complete(setting.removeprefix(PARAMETERS), {})


def _days(field: str, value: int) -> int:
    if type(value) is not int or not 1 <= value <= MAX_DAYS:
        raise invalid(field, f"Enter a whole number of days from 1 to {MAX_DAYS}.")
    return value


def _target(baseline: Baseline) -> str:
    return f"baseline:{baseline.pk} {baseline.name}"
