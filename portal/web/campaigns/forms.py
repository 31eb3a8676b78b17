"""Define the forms of a campaign. The action that stores the campaign also checks what the fields do not check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from portal.treatment.actions.campaigns import MAX_NOTE
from portal.web.components.form_parts import ScrollingBoxes, day_input, set_choices
from tenants.models import Person


class CampaignForm(forms.Form):
    """The form for the owner and the due date of a campaign."""

    owner = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        label="Owner",
        empty_label=None,
        help_text=(
            "This person gets a reminder a week before the due date. If findings are still open after the due date,"
            " the person gets another reminder."
        ),
    )
    due_on = forms.DateField(label="Due", widget=day_input())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = people
        owner.label_from_instance = lambda who: who.get_full_name() or who.email  # type: ignore[method-assign,assignment]


class _CustomersField(forms.MultipleChoiceField):
    """A field with the ids of the chosen customers. It takes less time than Django's field, which compares each chosen
    id with all choices.
    """

    def validate(self, value: list[str]) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        assert isinstance(self.choices, list)
        known = {key for key, _ in self.choices}
        for one in value:
            if one not in known:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": one}
                )


class StartForm(CampaignForm):
    """The form for a new campaign, with the customers that take part."""

    note = forms.CharField(
        label="Note",
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The owners of the findings get this text in their notification.",
    )
    customers = _CustomersField(
        label="Customers",
        widget=ScrollingBoxes,
        error_messages={"required": "Choose at least one customer."},
    )

    field_order = ("owner", "due_on", "note", "customers")

    def __init__(self, *args: Any, customers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "customers", list(customers))

    def due(self) -> date:
        day: date = self.cleaned_data["due_on"]
        return day
