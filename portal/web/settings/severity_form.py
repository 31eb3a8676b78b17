"""Define the form of the rules that change severities by the context of a resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from django import forms

from assessments.actions.profiles import MAX_TAG
from assessments.context_severity import INTERNET, SECRETS, TAG

_STEPS: Final = [("", "As the control says"), ("1", "One level more severe"), ("-1", "One level less severe")]


class SeverityForm(forms.Form):
    """A form that sets how public access, secrets and up to two tags of a resource change severities."""

    internet = forms.ChoiceField(
        label="If public networks can reach the resource", choices=_STEPS, required=False
    )
    secrets = forms.ChoiceField(
        label="If the resource holds secrets (key vaults)", choices=_STEPS, required=False
    )
    tag = forms.CharField(label="First tag", max_length=MAX_TAG, required=False, help_text="Name of the tag")
    values = forms.CharField(
        label="Values of the first tag",
        max_length=1000,
        required=False,
        help_text="Separate the values with commas. If this field is empty, any value of the tag matches.",
    )
    tag_step = forms.ChoiceField(label="If the resource has the first tag", choices=_STEPS, required=False)
    other_tag = forms.CharField(label="Second tag", max_length=MAX_TAG, required=False)
    other_values = forms.CharField(label="Values of the second tag", max_length=1000, required=False)
    other_step = forms.ChoiceField(label="If the resource has the second tag", choices=_STEPS, required=False)

    @classmethod
    def of(cls, rules: Iterable[Mapping[str, Any]]) -> Self:
        """Return a form that shows the stored rules."""
        initial: dict[str, Any] = {}
        tags = iter((("tag", "values", "tag_step"), ("other_tag", "other_values", "other_step")))
        for rule in rules:
            if rule["when"] != TAG:
                initial[rule["when"]] = str(rule["step"])
            elif names := next(tags, None):
                given = (rule["tag"], ", ".join(rule["values"]), str(rule["step"]))
                initial |= dict(zip(names, given, strict=True))
        return cls(initial=initial)

    def clean(self) -> dict[str, Any]:
        """Add an error if a tag has no change of severity, or a change of severity has no tag."""
        found: dict[str, Any] = super().clean() or {}
        for tag, step in (("tag", "tag_step"), ("other_tag", "other_step")):
            if bool(found.get(tag)) != bool(found.get(step)):
                self.add_error(
                    step if found.get(tag) else tag,
                    "Enter the name of the tag, and choose how the tag changes the severity.",
                )
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules that the valid form contains."""
        data = self.cleaned_data
        found: list[dict[str, Any]] = [
            {"when": name, "step": int(data[name])} for name in (INTERNET, SECRETS) if data[name]
        ]
        for tag, values, step in (("tag", "values", "tag_step"), ("other_tag", "other_values", "other_step")):
            if data[tag]:
                given = [value.strip() for value in data[values].split(",")]
                found.append({"when": TAG, "step": int(data[step]), "tag": data[tag], "values": given})
        return found
