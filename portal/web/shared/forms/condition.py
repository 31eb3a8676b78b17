"""Form fields for the conditions of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from assessments.controls.registry import SECTIONS, known_controls
from assessments.models import Finding
from portal.treatment.matching import FIELDS
from portal.web.components.form_parts import set_choices

ANY: Final = ("", "Any")


class ConditionForm(forms.Form):
    """A form with the conditions of a rule. A finding must meet all conditions that are set.

    `names` maps ids of subscriptions and directories to their names.
    """

    control = forms.ChoiceField(required=False)
    section = forms.ChoiceField(required=False, choices=[ANY, *SECTIONS.items()])
    severity = forms.ChoiceField(required=False, choices=[ANY, *Finding.Severity.choices])
    unit = forms.ChoiceField(label="Subscription or directory", required=False)
    resource_group = forms.CharField(
        label="Resource group",
        max_length=200,
        required=False,
        help_text="* matches any text, ? one character.",
    )
    resource_pattern = forms.CharField(
        label="Resource id",
        max_length=500,
        required=False,
        help_text="A pattern of the whole Azure id, such as */storageAccounts/logs*.",
    )
    tag_name = forms.CharField(label="Tag", max_length=512, required=False)
    tag_value = forms.CharField(
        label="Tag value", max_length=256, required=False, help_text="Leave empty for any value."
    )

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        controls = sorted(
            ((slug, found.title) for slug, found in known_controls().items()), key=lambda pair: pair[1]
        )
        units = sorted(names.items(), key=lambda pair: pair[1])
        set_choices(self, "control", [ANY, *controls])
        set_choices(self, "unit", [ANY, *units])

    def rule(self) -> dict[str, str]:
        """Return the conditions as {field of a rule: value}."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def conditions(self) -> list[forms.BoundField]:
        """The fields of the form that are conditions."""
        return [self[name] for name in FIELDS]

    @property
    def others(self) -> list[forms.BoundField]:
        """Return the fields of the form that are not conditions."""
        return [self[name] for name in self.fields if name not in FIELDS]
