"""The form with a person's answer to a manual control."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from assessments.controls.declare import Answer
from portal.treatment.actions.attestations.attest import MAX_DAYS, MAX_STATEMENT
from portal.web.components.form_parts import FilesField, day_input, last_day
from tenants.values.days import end_of_day


class AttestForm(forms.Form):
    """The form for an answer: whether the control is met, what was checked, and until when the answer is valid.

    `seen` is the hash of the observed value that the page showed, so that nobody attests an unseen value.
    """

    met = forms.TypedChoiceField(
        label="Is the control met?",
        choices=[("yes", "Yes, it is met"), ("no", "No, it is not met")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the control is met."},
    )
    statement = forms.CharField(
        max_length=MAX_STATEMENT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="State what you checked, when, and what you found. Auditors read this text.",
        error_messages={"required": "Enter what you checked and what you found."},
    )
    valid_until = forms.DateField(
        label="Valid until", error_messages={"required": "Choose the last day on which the answer is valid."}
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
            f"The answer is valid through this day (UTC). Choose {self.latest:%Y-%m-%d} or an earlier day, because an"
            f" answer is valid for at most {MAX_DAYS} days. After the chosen day, the control counts as failing until"
            " someone answers again."
        )
        if answer.bound:
            field.help_text += " If the observed value changes earlier, a new answer is needed."
        self.fields["files"] = FilesField()

    def renewed(self, seen: str, problem: str) -> AttestForm:
        """Return a new form with the values that the person typed, the hash `seen` of the current observed value, and
        the error `problem`.
        """
        form = AttestForm(self.answer, seen, {**dict(self.data.items()), "seen": seen})
        form.add_error(None, problem)
        return form

    def clean_valid_until(self) -> datetime:
        day: date = self.cleaned_data["valid_until"]
        if day > self.latest:
            raise forms.ValidationError(
                f"An answer is valid for at most {MAX_DAYS} days. Choose {self.latest:%Y-%m-%d} or an earlier day."
            )
        if end_of_day(day) <= timezone.now():
            raise forms.ValidationError("The last day must not be in the past. Choose a later day.")
        return end_of_day(day)
