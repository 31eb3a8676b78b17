"""The form that switches off a control."""

from __future__ import annotations

from collections.abc import Collection

from django import forms
from django.http import QueryDict

from assessments.actions.profiles import MAX_REASON
from assessments.controls.registry import known_controls


class SwitchOffForm(forms.Form):
    """A form with the control that should not be evaluated, and the reason."""

    control = forms.ChoiceField(label="Control")
    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Every report of this customer shows the reason and your name.",
    )

    def __init__(self, data: QueryDict | None = None, *, off: Collection[str]) -> None:
        super().__init__(data)
        self.fields["control"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a control"),
            *((slug, f"{one.title} ({slug})") for slug, one in known_controls().items() if slug not in off),
        ]
