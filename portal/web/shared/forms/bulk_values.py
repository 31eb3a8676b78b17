"""The form for the values of a bulk action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from portal.bulk_jobs.bulk_actions.values import Value, ValueType
from tenants.models import Tenant


class BulkValuesForm(forms.Form):
    """A form with a field for each value of a bulk action. A time is in the customer's time zone: the caller activates
    this zone while it validates the form.
    """

    # The selection bar has the forms of all actions in one HTML form, so the browser must not require their fields.
    use_required_attribute = False

    def __init__(self, *args: Any, values: Sequence[Value], tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for value in values:
            field = form_field(value)
            if value.first_day is not None:
                field.widget.attrs["min"] = value.first_day(tenant, timezone.now()).isoformat()
            if value.type == ValueType.TIME:
                field.help_text = f"{field.help_text} In the time zone {tenant.timezone}.".strip()
            self.fields[value.name] = field


def form_field(value: Value) -> forms.Field:
    """Return a form field for a value."""
    shared: dict[str, Any] = {
        "label": value.label,
        "required": value.required,
        "help_text": value.form_help or (value.help and f"{value.help}."),
    }
    match value.type:
        case ValueType.TEXT:
            area = forms.Textarea(attrs={"rows": 3})
            return forms.CharField(max_length=value.max_length, widget=area, **shared)
        case ValueType.DAY:
            day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.DateField(widget=day, **shared)
        case ValueType.TIME:
            time = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            return forms.DateTimeField(widget=time, **shared)
        case ValueType.BOOLEAN:
            return forms.BooleanField(**shared | {"required": False})
        case ValueType.CHOICE:
            empty = [] if value.required else [("", "None")]
            return forms.TypedChoiceField(
                choices=[*empty, *value.choices.items()], empty_value=None, **shared
            )
        case ValueType.EMAIL:
            return forms.EmailField(empty_value=None, **shared)
