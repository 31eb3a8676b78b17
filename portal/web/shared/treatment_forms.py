"""Forms of what people do about a finding."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from portal.treatment.actions.acknowledge import MAX_PLAN
from portal.treatment.actions.comments import MAX_CHARACTERS
from tenants.models import Person

UNASSIGNED = ("", "Unassigned")


def person_choices(people: Iterable[Person]) -> list[tuple[str, str]]:
    return [(str(who.pk), f"{who.name} <{who.email}>" if who.name else who.email) for who in people]


class OwnerForm(forms.Form):
    """Owner picker, limited to eligible members."""

    owner = forms.ChoiceField(label="Owner", required=False)

    def __init__(self, *args: object, people: list[Person], **given: object) -> None:
        super().__init__(*args, **given)  # type: ignore[arg-type]
        self._people = {str(who.pk): who for who in people}
        self.fields["owner"] = forms.ChoiceField(
            label="Owner", required=False, choices=[UNASSIGNED, *person_choices(people)]
        )

    def chosen(self) -> Person | None:
        return self._people.get(self.cleaned_data["owner"])


class AcknowledgeForm(forms.Form):
    plan = forms.CharField(
        label="Plan",
        required=False,
        max_length=MAX_PLAN,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you will do about it.",
    )
    planned_for = forms.DateField(
        label="Planned for",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class CommentForm(forms.Form):
    body = forms.CharField(
        label="Comment",
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="@name@example.com mentions a person who sees this finding, and tells them.",
    )
