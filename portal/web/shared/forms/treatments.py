"""Forms that assign, acknowledge and comment on findings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from portal.treatment.actions.acknowledge import MAX_PLAN
from portal.treatment.actions.comments import MAX_CHARACTERS
from tenants.models import Person

UNASSIGNED = ("", "Unassigned")


def person_choices(people: Iterable[Person]) -> list[tuple[str, str]]:
    """Return these people as choices of a form field: (id, name with email address)."""
    return [
        (str(person.pk), f"{person.name} <{person.email}>" if person.name else person.email)
        for person in people
    ]


class OwnerForm(forms.Form):
    """A form that chooses one of `people` as owner, or “Unassigned”."""

    owner = forms.ChoiceField(label="Owner", required=False)

    def __init__(self, *args: object, people: list[Person], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._people = {str(person.pk): person for person in people}
        self.fields["owner"] = forms.ChoiceField(
            label="Owner", required=False, choices=[UNASSIGNED, *person_choices(people)]
        )

    def chosen(self) -> Person | None:
        """Return the chosen owner. Return None for “Unassigned”."""
        return self._people.get(self.cleaned_data["owner"])


class AcknowledgeForm(forms.Form):
    """The form that acknowledges a finding. A plan for its correction is optional."""

    plan = forms.CharField(
        label="Plan",
        required=False,
        max_length=MAX_PLAN,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The steps with which you will correct the failure.",
    )
    planned_for = forms.DateField(
        label="Planned for",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: date | None = None, **kwargs: Any) -> None:
        """`today` is the earliest planned date that the browser accepts. The action that saves the plan also checks the
        date.
        """
        super().__init__(*args, **kwargs)
        if today is not None:
            self.fields["planned_for"].widget.attrs["min"] = today.isoformat()


class CommentForm(forms.Form):
    """A form with the text of a comment."""

    body = forms.CharField(
        label="Comment",
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Type @name@example.com to mention a person who sees this finding. The person is notified.",
    )
