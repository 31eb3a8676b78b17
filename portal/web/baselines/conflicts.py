"""What the forms of a baseline show if somebody else has changed the same values meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.http import HttpRequest

from assessments.controls.declare import Control
from assessments.models import Finding
from portal.treatment.models import Baseline, BaselineChannel
from portal.treatment.selectors.baseline_parts import (
    LastChange,
    Part,
    channel_part,
    last_change,
    parameters_part,
    policy_part,
    rule_part,
)
from portal.treatment.selectors.baselines import complete
from portal.web.baselines.forms import BaselineForm, BaselineRuleForm
from portal.web.baselines.texts import owners_of, schedule_label
from portal.web.shared import meanwhile
from portal.web.shared.channel_form import EVENTS
from portal.web.shared.parameter_form import parameter_text

type Conflict = tuple[dict[str, Any], dict[str, Any]]
"""What `shared/_meanwhile.html` shows, and the merged values of the form."""

_EVENTS: Final = dict(EVENTS)
_DUE: Final = tuple(f"due_{severity}" for severity in Finding.Severity.values)


def start_of(request: HttpRequest, form: forms.Form, stored: Part) -> Part:
    """Return the values that the sent form was opened with. If they are missing, the form has an error."""
    found = meanwhile.read_start(request.POST.get("start", ""))
    if found is None:
        form.add_error(None, meanwhile.MISSING)
        return stored
    return found


def policy_conflict(baseline: Baseline, start: Part, typed: Mapping[str, Any]) -> Conflict:
    now = policy_part(baseline)
    labels = {name: str(field.label or name.capitalize()) for name, field in BaselineForm().fields.items()}
    last = last_change(
        baseline,
        lambda details: (
            [details.get(key) for key in ("name", "label", "schedule", "exception_cap_days")]
            + [details.get("due_days")]
        ),
    )
    return _conflict(labels, start, now, typed, last, _policy_text)


def rule_conflict(
    baseline: Baseline, form: BaselineRuleForm, start: Part, typed: Mapping[str, Any]
) -> Conflict:
    now = rule_part(baseline, start["name"])
    fields = [name for name in form.fields if name != "name"]
    labels = {name: str(form.fields[name].label or name.capitalize()) for name in fields}
    empty = {**dict.fromkeys(fields, ""), "enabled": True}
    people = owners_of([start, now, typed])

    def text(name: str, value: Any) -> str:
        if name == "owner":
            return str(people.get(value) or "A deleted account")
        if isinstance(value, bool):
            return "On" if value else "Off"
        choices = dict(getattr(form.fields[name], "choices", ()))
        return str(choices.get(value, value) or "none") if value else "none"

    last = last_change(
        baseline,
        lambda details: [one for one in details.get("owner_rules", []) if one["name"] == start["name"]],
    )
    return _conflict(labels, {**empty, **start}, {**empty, **now}, typed, last, text)


def channel_conflict(channel: BaselineChannel, start: Part, typed: Mapping[str, Any]) -> Conflict:
    now = channel_part(channel)
    given: dict[str, Any] = {"kinds": sorted(typed["kinds"])} if typed else {}
    if typed.get("address"):
        given["address"] = "typed"

    def text(name: str, value: Any) -> str:
        if name == "address":
            return {start.get("address"): "Previous address", now["address"]: "Another address"}.get(
                value, "Your new address"
            )
        if name == "kinds":
            return ", ".join(str(_EVENTS.get(kind, kind)) for kind in value or []) or "none"
        return str(value)

    last = last_change(
        channel.baseline,
        lambda details: [one for one in details.get("channels", []) if one["name"] == channel.name],
    )
    if (start.get("host"), start.get("kinds")) == (now["host"], now["kinds"]):
        # The journal does not contain addresses.
        last = LastChange(str(channel.baseline.changed_by), channel.baseline.changed_at)
    labels = {"host": "Host", "address": "Address", "kinds": "Events"}
    return _conflict(labels, start, now, given, last, text)


def parameters_conflict(
    baseline: Baseline, control: Control, start: Part, typed: Mapping[str, Any] | None
) -> Conflict:
    """Compare a control's parameters as the form was opened (`start`), as they are stored now, and as they were typed.

    `typed` is None if the person chose that each customer sets its own values.
    """
    now = parameters_part(baseline, control.slug)
    names = [parameter.name for parameter in control.parameters]
    labels = {name: name.replace("_", " ").capitalize() for name in names}
    given = dict.fromkeys(names) if typed is None else complete(control.slug, typed)

    def text(name: str, value: Any) -> str:
        if value is None:
            return "Each customer’s own"
        return parameter_text(value)

    last = last_change(baseline, lambda details: details.get("parameters", {}).get(control.slug))
    others, merged = _conflict(labels, start, now, given, last, text)
    return others, {name: value for name, value in merged.items() if value is not None}


def _conflict(
    labels: Mapping[str, str],
    start: Part,
    now: Part,
    typed: Mapping[str, Any],
    last: LastChange,
    text: Any,
) -> Conflict:
    rows = meanwhile.compare(labels, start, now, typed, text)
    return {"rows": rows, "who": last.who, "at": last.at}, meanwhile.merge(start, now, typed)


def _policy_text(name: str, value: Any) -> str:
    if value in (None, ""):
        return "All customers" if name == "label" else "Each customer’s own"
    if name == "schedule":
        return schedule_label(str(value))
    if name in (*_DUE, "exception_cap_days"):
        return f"{value} day{'' if value == 1 else 's'}"
    return str(value)
