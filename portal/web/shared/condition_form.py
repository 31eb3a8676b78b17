"""The conditions by which a rule says which findings it means, as fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from assessments.controls.registry import SECTIONS, catalogue
from assessments.models import Finding
from portal.treatment.matching import FIELDS

ANY: Final = ("", "Any")


class ConditionForm(forms.Form):
    """All conditions that are set must hold. `names` are the tenant's units: scope id -> name."""

    control = forms.ChoiceField(required=False)
    section = forms.ChoiceField(required=False, choices=[ANY, *SECTIONS.items()])
    severity = forms.ChoiceField(required=False, choices=[ANY, *Finding.Severity.choices])
    unit = forms.ChoiceField(label="Subscription or directory", required=False)
    resource_group = forms.CharField(
        label="Resource group",
        max_length=200,
        required=False,
        help_text="* stands for any text, ? for one character.",
    )
    resource_pattern = forms.CharField(
        label="Resource id",
        max_length=500,
        required=False,
        help_text="As Azure spells the whole id, such as */storageAccounts/logs*.",
    )
    tag_name = forms.CharField(label="Tag", max_length=512, required=False)
    tag_value = forms.CharField(
        label="Tag’s value", max_length=256, required=False, help_text="Empty: any value of that tag."
    )

    def __init__(self, *args: Any, names: Mapping[str, str], **given: Any) -> None:
        super().__init__(*args, **given)
        controls = sorted(
            ((slug, found.title) for slug, found in catalogue().items()), key=lambda pair: pair[1]
        )
        units = sorted(names.items(), key=lambda pair: pair[1])
        for name, choices in (("control", controls), ("unit", units)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [ANY, *choices]

    def rule(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [self[name] for name in FIELDS]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in FIELDS]
