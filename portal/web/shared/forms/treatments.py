"""Forms that assign, acknowledge and comment on findings."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from portal.bulk_jobs.bulk_actions.acknowledge import PLAN, PLANNED_FOR
from portal.treatment.actions.comments import MAX_CHARACTERS
from portal.web.shared.forms.bulk_values import form_field
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

    plan = form_field(PLAN)
    planned_for = form_field(PLANNED_FOR)
    # Remove the hint of PLANNED_FOR: it says what an empty field means in a bulk action.
    planned_for.help_text = ""


class CommentForm(forms.Form):
    """A form with the text of a comment."""

    body = forms.CharField(
        label="Comment",
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Type @name@example.com to mention a person who sees this finding. The person is notified.",
    )
