"""The form that answers a manual control."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from assessments.controls.declare import Answer
from portal.treatment.actions.attestations import MAX_DAYS, MAX_STATEMENT
from portal.web.components.form_parts import FilesField, day_input, end_of, last_day


class AttestForm(forms.Form):
    """Met or not met, what was looked at, and until when the answer holds.

    `seen` is the hash of what the page showed as observed, so that nothing is vouched for unseen.
    """

    met = forms.TypedChoiceField(
        label="Is the control met?",
        choices=[("yes", "Yes, it is met"), ("no", "No, it is not met")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the control is met."},
    )
    statement = forms.CharField(
        max_length=MAX_STATEMENT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What you looked at, when, and what you found. An auditor reads it.",
        error_messages={"required": "Say what you looked at and what you found."},
    )
    valid_until = forms.DateField(
        label="Valid until", error_messages={"required": "Give the day until which the answer holds."}
    )

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, answer: Answer, seen: str, data: Any = None, files: Any = None) -> None:
        now = timezone.now()
        ends = (now + timedelta(days=answer.days)).date()
        super().__init__(data, files, initial={"valid_until": ends, "seen": seen})
        self.answer = answer
        self.latest = last_day(now + timedelta(days=MAX_DAYS))
        field = self.fields["valid_until"]
        field.widget = day_input(min=f"{now:%Y-%m-%d}", max=f"{self.latest:%Y-%m-%d}")
        field.help_text = (
            f"At most {MAX_DAYS} days: {self.latest:%Y-%m-%d}. It ends with that day (UTC); from then on it "
            "counts as a failure until somebody answers again."
        )
        if answer.bound:
            field.help_text += " It is about what is observed now: when that changes, it is asked anew."
        self.fields["files"] = FilesField()

    def anew(self, seen: str, problem: str) -> AttestForm:
        """The same as typed, for what is observed now."""
        form = AttestForm(self.answer, seen, {**dict(self.data.items()), "seen": seen})
        form.add_error(None, problem)
        return form

    def clean_valid_until(self) -> datetime:
        day: date = self.cleaned_data["valid_until"]
        if day > self.latest:
            raise forms.ValidationError(
                f"An answer holds for at most {MAX_DAYS} days: choose {self.latest:%Y-%m-%d} or earlier."
            )
        if end_of(day) <= timezone.now():
            raise forms.ValidationError("The end must be in the future.")
        return end_of(day)
