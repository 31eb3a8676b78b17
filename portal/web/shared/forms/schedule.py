"""Define the form of a schedule, for a customer's settings, an organization's default and the registration of a
customer.

Templates include `shared/_schedule_fields.html` with the form as `form`.
"""

from __future__ import annotations

from datetime import time
from typing import Any, Final

from django import forms

from assessments.timing.schedules import DEFAULT, OFF, default_rule
from assessments.timing.timetable import (
    DEFAULT_WINDOW,
    EXAMPLE,
    MAX_TIMES,
    MAX_WINDOW,
    NAMES,
    Timetable,
    parse,
    parse_time,
    timetable,
)
from portal.web.components.form_parts import set_choices
from tenants.models import Tenant

OWN: Final = "own"


class ScheduleForm(forms.Form):
    """A form that chooses whether and when assessments start.

    `choice` is the stored schedule: “off”, “default” or a timetable. `wanted` returns the chosen schedule as one of
    these texts. In the form of a customer, `default` is the organization's default schedule in words. In the form of
    the default schedule itself, `default` is None.
    """

    choice = forms.ChoiceField(label="Scheduled assessments", widget=forms.RadioSelect)
    weekdays = forms.MultipleChoiceField(
        label="Weekdays",
        required=False,
        choices=[(str(number), name) for number, name in enumerate(NAMES)],
        widget=forms.CheckboxSelectMultiple,
    )
    times = forms.CharField(
        label="Times",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Local times in the customer’s time zone, separated by commas: 02:00, 14:00",
    )
    window = forms.IntegerField(
        label="Window in minutes",
        required=False,
        min_value=0,
        max_value=MAX_WINDOW,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=(
            "If several customers have the same times, Surety starts their assessments at different times within this"
            " number of minutes. Each customer always starts with the same delay. With 0, all customers start exactly"
            " at the scheduled time."
        ),
    )

    def __init__(self, *args: Any, choice: str, default: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _initial(choice), **kwargs})
        follow = [] if default is None else [(DEFAULT, f"Default of the organization: {default}")]
        own = "At these times" if default is None else "Own schedule of this customer"
        set_choices(self, "choice", [*follow, (OWN, own), (OFF, "No scheduled assessments")])
        self.fields["choice"].error_messages["required"] = "Choose whether assessments are scheduled."

    def clean_times(self) -> tuple[time, ...]:
        words = [word.strip() for word in self.cleaned_data["times"].replace(";", ",").split(",")]
        try:
            found = tuple(parse_time(word) for word in words if word)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if len(found) > MAX_TIMES:
            raise forms.ValidationError(f"Enter at most {MAX_TIMES} times.")
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("choice") == OWN:
            if not data.get("weekdays") and "weekdays" not in self.errors:
                self.add_error("weekdays", "Choose at least one weekday.")
            if not data.get("times") and "times" not in self.errors:
                self.add_error("times", "Enter at least one time, such as 02:00.")
        return data

    def wanted(self) -> str:
        """Return the choice of a valid form: “off”, “default” or the timetable."""
        data = self.cleaned_data
        return data["choice"] if data["choice"] != OWN else str(self.timetable())

    def timetable(self) -> Timetable:
        """Return the timetable of a valid form in which the person chose an own schedule."""
        data = self.cleaned_data
        window = DEFAULT_WINDOW if data["window"] is None else data["window"]
        return timetable(map(int, data["weekdays"]), data["times"], window)


def default_label(tenant: Tenant) -> str:
    """Return the organization's default schedule in words, for a `ScheduleForm` of this customer."""
    rule = default_rule(tenant)
    return parse(rule).label if rule else "no scheduled assessments"


def schedule_text(tenant: Tenant, choice: str) -> str:
    """Return a customer's schedule (“off”, “default” or a timetable) in words.

    A text that is none of these is returned unchanged.
    """
    if choice == OFF:
        return "No scheduled assessments"
    if choice == DEFAULT:
        return f"Default of the organization: {default_label(tenant)}"
    try:
        return parse(choice).label
    except ValueError:
        return choice


def _initial(choice: str) -> dict[str, Any]:
    """Return the values of the form's fields for a stored schedule. The schedules “off” and “default” have no
    timetable, so the fields for weekdays and times show an example.
    """
    table = parse(EXAMPLE if choice in (OFF, DEFAULT) else choice)
    return {
        "choice": choice if choice in (OFF, DEFAULT) else OWN,
        "weekdays": [str(day) for day in sorted(table.weekdays)],
        "times": ", ".join(f"{at:%H:%M}" for at in table.times),
        "window": table.window,
    }
