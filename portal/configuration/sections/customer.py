"""Compare the settings of a customer with those in a file: name, time zone, labels, policy, schedule, watch, retention
periods, and parameters of controls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from assessments.actions.control_settings import set_control_values
from assessments.actions.schedules import normalized, set_schedule
from assessments.actions.watch.settings import VALUES, WORDS, set_watch
from assessments.controls.registry import catalogue
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from portal.retention.actions.policy import set_periods
from portal.retention.kinds import KINDS as KINDS_OF_DATA
from tenants.actions._inputs import validate_name, validate_timezone
from tenants.actions.organizations import change_tenant, clean_labels
from tenants.actors import Actor
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class CustomerSettings:
    """The stored settings of a customer that are not fields of `Tenant`."""

    schedule: str
    watch: bool | None
    """Whether the customer has switched the watch on (True) or off (False). None means that the organization's setting
    applies.
    """
    retention: Mapping[str, int | str]
    """The retention period of each kind of data: a number of days, “keep” or “default”."""
    parameters: Mapping[str, Mapping[str, Any]]
    """The values of parameters, by control and by parameter. Default values are left out."""


def plan_customer(
    draft: Draft, present: CustomerSettings, tenant: Tenant, wanted: Mapping[str, Any], path: Path
) -> None:
    """Add to the plan the steps that change the customer's own settings."""
    fields: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
        ("name", "name", "Name", partial(validate_name, present=tenant.name)),
        ("time_zone", "timezone", "Time zone", validate_timezone),
        ("labels", "labels", "Labels", clean_labels),
    )
    for key, column, label, clean in fields:
        if key in wanted:
            with draft.refusals((*path, key)):
                _field(draft, tenant, column, label, clean(wanted[key]), (*path, key))
    policy = wanted.get("policy", {})
    if "exception_cap_days" in policy:
        label = "Maximum length of exceptions in days"
        here = (*path, "policy", "exception_cap_days")
        _field(draft, tenant, "exception_cap_days", label, policy["exception_cap_days"], here)
    if "due_days" in policy:
        here = (*path, "policy", "due_days")
        merged = {**tenant.due_days, **policy["due_days"]}
        _field(draft, tenant, "due_days", "Days until findings are due", merged, here)
    if "schedule" in wanted:
        with draft.refusals((*path, "schedule")):
            _schedule(draft, present.schedule, tenant, wanted["schedule"], (*path, "schedule"))
    if "watch" in wanted:
        _watch(draft, WORDS[present.watch], tenant, wanted["watch"], (*path, "watch"))
    if "retention" in wanted:
        run = partial(_set_periods, tenant)
        plan_retention(draft, tenant.name, present.retention, wanted["retention"], (*path, "retention"), run)
    if "parameters" in wanted:
        _parameters(draft, present.parameters, tenant, wanted["parameters"], (*path, "parameters"))


def plan_retention(
    draft: Draft,
    place: str,
    present: Mapping[str, int | str],
    wanted: Mapping[str, int | str],
    path: Path,
    run: Callable[[str, int | str, int | str, Actor], object],
) -> None:
    """Plan a step for each kind of data whose retention period the file changes.

    Each step calls `run` with the key of the kind of data, the new period, the present period, and the actor.
    """
    for key, value in wanted.items():
        if value != present[key]:
            text = f"Retention of {KINDS_OF_DATA[key].label.lower()}: {present[key]} → {value}"
            draft.add(place, (*path, key), Kind.CHANGE, text, partial(run, key, value, present[key]))


def _set_periods(tenant: Tenant, key: str, value: int | str, before: int | str, by: Actor) -> None:
    set_periods(tenant=tenant, by=by, wanted={key: value}, expected={key: str(before)})


def _field(draft: Draft, tenant: Tenant, column: str, label: str, value: Any, path: Path) -> None:
    before = getattr(tenant, column)
    if value == before:
        return
    refresh = tenant.pk if column == "due_days" else None
    text = f"{label}: {_shown(before, value)} → {_shown(value, before)}"
    run = partial(_change, tenant, column, value, before)
    draft.add(tenant.name, path, Kind.CHANGE, text, run, refresh)


def _change(tenant: Tenant, column: str, value: Any, before: Any, by: Actor) -> None:
    change_tenant(by=by, tenant=tenant, expected={column: before}, **{column: value})


def _schedule(draft: Draft, before: str, tenant: Tenant, wanted: str, path: Path) -> None:
    text = normalized(wanted)
    if text != before:
        run = partial(_set_schedule, tenant, text)
        draft.add(tenant.name, path, Kind.CHANGE, f"Schedule: {before} → {text}", run)


def _set_schedule(tenant: Tenant, text: str, by: Actor) -> None:
    set_schedule(tenant=tenant, by=by, wanted=text)


def _watch(draft: Draft, before: str, tenant: Tenant, wanted: str, path: Path) -> None:
    if wanted != before:
        text = f"Watch between assessments: {before} → {wanted}"
        draft.add(tenant.name, path, Kind.CHANGE, text, partial(_set_watch, tenant, wanted))


def _set_watch(tenant: Tenant, wanted: str, by: Actor) -> None:
    set_watch(tenant=tenant, by=by, wanted=VALUES[wanted])


def _parameters(
    draft: Draft,
    stored: Mapping[str, Mapping[str, Any]],
    tenant: Tenant,
    wanted: Mapping[str, Mapping[str, Any]],
    path: Path,
) -> None:
    for slug in sorted({*wanted, *stored}):
        defaults = {parameter.name: parameter.default for parameter in catalogue()[slug].parameters}
        values = {name: value for name, value in wanted.get(slug, {}).items() if value != defaults[name]}
        before = stored.get(slug, {})
        if values == before:
            continue
        changes = ", ".join(
            f"{name} {before.get(name, default)} → {values.get(name, default)}"
            for name, default in defaults.items()
            if before.get(name, default) != values.get(name, default)
        )
        here = (*path, slug) if slug in wanted else path
        text = f"Parameters of {slug}: {changes}"
        draft.add(tenant.name, here, Kind.CHANGE, text, partial(_set_parameters, tenant, slug, values))


def _set_parameters(tenant: Tenant, slug: str, values: Mapping[str, Any], by: Actor) -> None:
    set_control_values(tenant=tenant, by=by, slug=slug, values=values)


def _shown(value: Any, other: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items() if other.get(key) != one)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
