"""The form of an exclusion rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms

from portal.web.components.form_parts import day_input, last_day
from tenants.actions.exclusion_rules import MAX_GROUP, MAX_NAME, MAX_TAG
from tenants.actions.subscriptions import MAX_REASON_LENGTH
from tenants.values.days import end_of_day
from tenants.values.stale_values import Part


class ExclusionRuleForm(forms.Form):
    """A form with the name, conditions, reason and end of a rule. The form checks only formats. The action that saves
    the rule checks everything else.
    """

    name = forms.CharField(
        max_length=MAX_NAME, help_text="Pages show this name with the subscriptions that the rule excludes."
    )
    management_group = forms.CharField(
        label="Below the management group",
        max_length=MAX_GROUP,
        required=False,
        widget=forms.TextInput(attrs={"list": "groups", "autocomplete": "off"}),
        help_text="The ID of the management group. The rule excludes subscriptions at any level below this group.",
    )
    tag = forms.CharField(
        label="With the tag",
        max_length=MAX_TAG,
        required=False,
        widget=forms.TextInput(attrs={"list": "tags", "autocomplete": "off"}),
        help_text="The tag in the form name=value, such as environment=sandbox.",
    )
    reason = forms.CharField(
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown in settings and reports.",
    )
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=day_input(),
        help_text="The last day of the rule, in UTC. After this day, the subscriptions are included again. Leave"
        " this field empty for a rule without an end.",
    )

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [self["management_group"], self["tag"]]

    def values(self, stored: str = "") -> dict[str, Any]:
        """Return the form's values as arguments of the actions that add and change a rule.

        `stored` is the stored end of the rule. The form shows only the day of this end. If the person leaves the day
        unchanged, the result has the stored end, with its time of day.
        """
        data = self.cleaned_data
        return {**data, "until": end_from(data["until"], stored)}


def end_from(day: Any, stored: str) -> datetime | None:
    """Return the time at which `day` ends in UTC. If the form shows the stored end as `day`, return the stored end."""
    if day is None:
        return None
    before = _moment(stored)
    return before if before is not None and last_day(before) == day else end_of_day(day)


def initial_of(part: Part) -> dict[str, Any]:
    """Return the initial values of the form. `part` has the stored values of a rule, as `rule_part` returns them."""
    return {**part, "until": shown_day(part.get("until"))}


def shown_day(until: Any) -> str:
    """Return the last whole day (UTC) before the end of a rule, as YYYY-MM-DD.

    If the rule has no end, return an empty text.
    """
    found = _moment(until)
    return f"{last_day(found):%Y-%m-%d}" if found is not None else ""


def _moment(text: Any) -> datetime | None:
    """Return the end of a rule as a time, or None if `text` is not a time.

    The browser sends the stored end back with the form, so `text` can be any text.
    """
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
        last_day(found)
    except (TypeError, ValueError, OverflowError):
        return None
    return found


LABELS: Mapping[str, str] = {
    "name": "Name",
    "management_group": "Management group",
    "tag": "Tag",
    "reason": "Reason",
    "until": "Last day",
}
