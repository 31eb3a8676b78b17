"""The forms of a campaign. The action that stores the campaign checks what the fields do not check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.treatment.actions.campaigns import MAX_NOTE
from portal.web.components.form_parts import day_input
from tenants.models import Person


class CampaignForm(forms.Form):
    """The form for the owner and the due date of a campaign."""

    owner = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        label="Owner",
        empty_label=None,
        help_text=(
            "This person is reminded a week before the due date, and again after it if findings are still open."
        ),
    )
    due_on = forms.DateField(label="Due", widget=day_input())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = people
        owner.label_from_instance = lambda who: who.get_full_name() or who.email  # type: ignore[method-assign,assignment]


class _CustomerBoxes(forms.CheckboxSelectMultiple):
    """Check boxes with the markup of Django's widget, but without its templates, which take a second for 2,000
    customers.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = {**self.attrs, **(attrs or {})}
        base, css = given.pop("id", f"id_{name}"), given.pop("class", "")
        chosen = {str(one) for one in value or ()}
        more = flatatt(given)
        boxes = (
            (f"{base}_{number}", name, key, more, " checked" if str(key) in chosen else "", label)
            for number, (key, label) in enumerate(self.choices)
        )
        box = '<input type="checkbox" name="{1}" value="{2}" id="{0}"{3}{4}>'
        return format_html(
            '<div id="{}" class="{}">{}</div>',
            base,
            css,
            format_html_join("\n", f'<div><label for="{{0}}">{box} {{5}}</label></div>', boxes),
        )


class _CustomersField(forms.MultipleChoiceField):
    """A field with the ids of the chosen customers. It validates them faster than Django's field, which
    compares each id with all choices.
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
        widget=_CustomerBoxes(attrs={"class": "scrolling"}),
        error_messages={"required": "Choose at least one customer."},
    )

    field_order = ("owner", "due_on", "note", "customers")

    def __init__(self, *args: Any, customers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["customers"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = list(customers)

    def due(self) -> date:
        """Return the chosen day."""
        day: date = self.cleaned_data["due_on"]
        return day
