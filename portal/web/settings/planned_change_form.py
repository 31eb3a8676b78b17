"""The form of a planned change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.changes.actions.rules import MAX_NAME
from portal.web.components.form_parts import ScrollingBoxes, set_choices
from portal.web.shared.forms.watch_rule import GLOB_HELP, Lines, subscriptions


class PlannedChangeForm(forms.Form):
    """A form with name, time and scope of a planned change. Times are in the customer's time zone."""

    name = forms.CharField(
        max_length=MAX_NAME,
        help_text="Pages show this name with each change that counts as planned.",
    )
    ticket = forms.CharField(required=False, max_length=MAX_NAME, help_text="Number or name of a ticket.")
    starts_at = forms.DateTimeField(
        label="From", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label="Until", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    units = forms.MultipleChoiceField(
        label="Subscriptions",
        required=False,
        widget=ScrollingBoxes,
        help_text="If you choose no subscription, the planned change applies to all subscriptions. Fill in at least"
        " this field or one of the fields below.",
    )
    groups = Lines(label="Resource groups", help_text=GLOB_HELP)
    types = Lines(label="Resource types", help_text=GLOB_HELP)
    actors = Lines(label="Actors", help_text=f"User names, or ids of applications. {GLOB_HELP}")

    def __init__(self, *args: Any, names: Mapping[str, str], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            self.fields[name].help_text = f"In the time zone {zone}."
        set_choices(self, "units", subscriptions(names))
