"""Build the message for a person whose form of a baseline is out of date: somebody else changed the same values after
the form was opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.controls.declare import Control
from assessments.models import Finding
from portal.notify.selectors import channel_part
from portal.treatment.models import Baseline, BaselineChannel
from portal.treatment.selectors.baseline_parts import (
    last_change,
    parameters_part,
    policy_part,
    rule_part,
    watch_rule_part,
)
from portal.treatment.selectors.baselines import complete
from portal.web.baselines.forms import BaselineForm, BaselineRuleForm
from portal.web.baselines.texts import owners_of, period_label, schedule_label
from portal.web.shared import stale_forms
from portal.web.shared.forms import channel as channel_form
from portal.web.shared.forms import owner_rule as owner_rule_form
from portal.web.shared.forms import parameter as parameter_form
from portal.web.shared.forms.watch_rule import WatchRuleForm
from portal.web.shared.stale_forms import Conflict
from tenants.values.stale_values import LastChange, Part

_OWN: Final = "Each customer’s own"
_EMPTY: Final[Part] = {"tag_name": "", "tag_value": "", "hours": "", "worsened": False, "unapproved": False}
"""{condition of a watch rule: its value if the condition is not set}. For all other conditions, the value is []."""
_DUE: Final = tuple(f"due_{severity}" for severity in Finding.Severity.values)


def policy_conflict(baseline: Baseline, start: Part, typed: Mapping[str, Any]) -> Conflict:
    now = policy_part(baseline)
    labels = {name: str(field.label or name.capitalize()) for name, field in BaselineForm().fields.items()}
    last = last_change(
        baseline,
        lambda details: (
            [details.get(key) for key in ("name", "label", "schedule", "exception_cap_days")]
            + [details.get("due_days"), details.get("retention", {})]
        ),
    )
    return stale_forms.conflict(labels, start, now, typed, last, _policy_text)


def rule_conflict(
    baseline: Baseline, form: BaselineRuleForm, start: Part, typed: Mapping[str, Any]
) -> Conflict:
    now = rule_part(baseline, start["name"])
    # `start` comes from the browser, so a forged request could contain the id of any person as owner. To reveal no
    # other names, show only the names of the stored owner and of people who may become owner.
    people = {pk: str(who) for pk, who in owners_of([now]).items()} | form.names_of_people()
    last = last_change(
        baseline,
        lambda details: [one for one in details.get("owner_rules", []) if one["name"] == start["name"]],
    )
    return owner_rule_form.rule_conflict(form, start, now, typed, last=last, people=people, without=["name"])


def watch_rule_conflict(
    baseline: Baseline, form: WatchRuleForm, start: Part, typed: Mapping[str, Any]
) -> Conflict:
    now = watch_rule_part(baseline, start["name"])
    last = last_change(
        baseline,
        lambda details: [one for one in details.get("watch_rules", []) if one.get("name") == start["name"]],
    )
    fields = {name: field for name, field in form.fields.items() if name != "name"}
    labels = {name: str(field.label or name.capitalize()) for name, field in fields.items()}
    empty: Part = {name: _EMPTY.get(name, []) for name in fields}
    if "days" in typed:
        typed = {**typed, "days": [int(day) for day in typed["days"]]}

    def text(name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "On" if value else "Off"
        choices = {str(key): label for key, label in getattr(fields[name], "choices", ())}
        entries = value if isinstance(value, list) else [value]
        return ", ".join(str(choices.get(str(one), one)) for one in entries if one) or "none"

    return stale_forms.conflict(labels, {**empty, **start}, {**empty, **now}, typed, last, text)


def channel_conflict(channel: BaselineChannel, start: Part, typed: Mapping[str, Any]) -> Conflict:
    now = channel_part(channel)
    last = last_change(
        channel.baseline,
        lambda details: [one for one in details.get("channels", []) if one["name"] == channel.name],
    )
    if (start.get("host"), start.get("kinds")) == (now["host"], now["kinds"]):
        # The host and the events are the same as when the form was opened, so only the rest of the URL has changed. The
        # journal does not record URLs, so name the person who changed the baseline last.
        last = LastChange(str(channel.baseline.changed_by), channel.baseline.changed_at)
    return channel_form.channel_conflict(start, now, typed, last=last, without=["name"])


def parameters_conflict(
    baseline: Baseline, control: Control, start: Part, typed: Mapping[str, Any] | None
) -> Conflict:
    """Compare a control's parameters as the form showed them (`start`), as they are stored now, and as the person typed
    them.

    `typed` is None if the person chose that each customer sets its own values.
    """
    now = parameters_part(baseline, control.slug)
    names = [parameter.name for parameter in control.parameters]
    given = dict.fromkeys(names) if typed is None else complete(control.slug, typed)
    last = last_change(baseline, lambda details: details.get("parameters", {}).get(control.slug))
    others, merged = parameter_form.parameters_conflict(control, start, now, given, last=last, missing=_OWN)
    return others, {name: value for name, value in merged.items() if value is not None}


def _policy_text(name: str, value: Any) -> str:
    if value in (None, ""):
        return "All customers" if name == "label" else _OWN
    if name == "schedule":
        return schedule_label(str(value))
    if name.startswith("retention_"):
        return period_label(str(value))
    if name in (*_DUE, "exception_cap_days"):
        return f"{value} day{'' if value == 1 else 's'}"
    return str(value)
