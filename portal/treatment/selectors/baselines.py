"""The values that the baselines of an organization set for its customers, and the customers that deviate.

A baseline for a label has priority over the baseline for all customers. If a customer has several labels, their
baselines apply in the order of the labels. A setting gets its value from the first baseline with a value for this
setting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from assessments.controls.registry import catalogue
from assessments.models import ControlSetting
from portal.treatment.models import Baseline
from tenants.models import Organization, Tenant

# Names of settings. The name of a parameter setting is the prefix and the control's slug.
DUE_DAYS: Final = "due_days"
EXCEPTION_CAP: Final = "exception_cap_days"
PARAMETERS: Final = "parameters:"

type Values = dict[str, Any]
"""{setting: value}; due dates and parameters are complete, with the defaults where nothing else is set."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A setting of a customer that differs from the baseline."""

    tenant: Tenant
    baseline: Baseline
    setting: str
    value: Any
    wanted: Any


def baselines(organization: Organization) -> list[Baseline]:
    """Return the baselines of an organization in the order in which they apply."""
    rows = Baseline.objects.filter(organization=organization).select_related("changed_by")
    return sorted(rows, key=lambda row: (not row.label, row.label.casefold()))


def applies_to(baseline: Baseline, tenant: Tenant) -> bool:
    """Return whether a customer has the label of the baseline, or the baseline is for all customers."""
    labels = {label.casefold() for label in tenant.labels}
    return not baseline.label or baseline.label.casefold() in labels


def settings_of(baseline: Baseline) -> Values:
    """Return the settings for which the baseline has a value. Parameters of removed controls are not included."""
    found: Values = {}
    if baseline.due_days:
        found[DUE_DAYS] = dict(baseline.due_days)
    if baseline.exception_cap_days is not None:
        found[EXCEPTION_CAP] = baseline.exception_cap_days
    for control, values in baseline.parameters.items():
        if control in catalogue():
            found[PARAMETERS + control] = complete(control, values)
    return found


def complete(control: str, values: Mapping[str, Any]) -> Values:
    """Return all parameters of a control: the given values, and defaults for the other parameters."""
    return {
        parameter.name: values.get(parameter.name, parameter.default)
        for parameter in catalogue()[control].parameters
    }


def wanted(tenant: Tenant, ordered: Iterable[Baseline]) -> dict[str, tuple[Any, Baseline]]:
    """Return {setting: (value, baseline with this value)} for a customer."""
    found: dict[str, tuple[Any, Baseline]] = {}
    for baseline in ordered:
        if applies_to(baseline, tenant):
            for setting, value in settings_of(baseline).items():
                found.setdefault(setting, (value, baseline))
    return found


def parameter_values(tenant_ids: Collection[UUID]) -> dict[tuple[UUID, str], dict[str, Any]]:
    """Return {(tenant, control): own values} of these tenants."""
    rows = ControlSetting.objects.filter(tenant_id__any_of=tenant_ids)
    return {(row.tenant_id, row.control): row.values for row in rows}


def current(tenant: Tenant, setting: str, own: Mapping[tuple[UUID, str], Mapping[str, Any]]) -> Any:
    """Return the value that a setting of a customer has now."""
    if setting == DUE_DAYS:
        return dict(tenant.due_days)
    if setting == EXCEPTION_CAP:
        return tenant.exception_cap_days
    control = setting.removeprefix(PARAMETERS)
    return complete(control, own.get((tenant.pk, control), {}))


def is_met(setting: str, value: Any, expected: Any) -> bool:
    """Return whether a value equals the baseline's value.

    Severities for which the baseline has no value are ignored.
    """
    if setting == DUE_DAYS:
        return all(value.get(severity) == days for severity, days in expected.items())
    return bool(value == expected)


def deviations(tenants: Sequence[Tenant], ordered: Sequence[Baseline]) -> list[Deviation]:
    """Return the settings that deviate from the baselines, by customer."""
    own = parameter_values([tenant.pk for tenant in tenants])
    found = []
    for tenant in tenants:
        for setting, (value, baseline) in wanted(tenant, ordered).items():
            present = current(tenant, setting, own)
            if not is_met(setting, present, value):
                found.append(Deviation(tenant, baseline, setting, present, value))
    return found
