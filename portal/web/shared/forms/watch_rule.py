"""Define the form of a watch rule, which belongs to a customer or to a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from assessments.models import Finding
from portal.changes.actions.rules import CONDITIONS, MAX_NAME, MAX_PATTERNS
from portal.changes.hours import DAYS
from portal.changes.models import ResourceChange, WatchRule
from portal.web.components.form_parts import ScrollingBoxes, set_choices

GLOB_HELP: Final = "* matches any text, ? one character. One entry on each line."
MAX_TEXT: Final = MAX_PATTERNS * 400


class Lines(forms.CharField):
    """A field for several short texts, one on each line. The cleaned value is a list."""

    def __init__(self, *, label: str, help_text: str) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=MAX_TEXT,
            strip=False,
            help_text=help_text,
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        )

    def clean(self, value: Any) -> list[str]:
        """Return the lines of the text that are not empty."""
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """Return a list of texts as a single text for the field. Each text is one line."""
        return "\n".join(value) if isinstance(value, list | tuple) else value


class WatchRuleForm(forms.Form):
    """A form with name, severity and conditions of an own watch rule. A change must meet all conditions that are
    set.
    """

    name = forms.CharField(
        max_length=MAX_NAME, help_text="Pages show this name with the changes that the rule catches."
    )
    severity = forms.ChoiceField(choices=Finding.Severity.choices, initial="medium")
    kinds = forms.MultipleChoiceField(
        label="Changes",
        required=False,
        choices=ResourceChange.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="If you choose no kind of change, the rule applies to all kinds.",
    )
    types = Lines(label="Resource types", help_text=f"Such as microsoft.network/*. {GLOB_HELP}")
    units = forms.MultipleChoiceField(
        label="Subscriptions",
        required=False,
        widget=ScrollingBoxes,
        help_text="If you choose no subscription, the rule applies to all subscriptions.",
    )
    groups = Lines(label="Resource groups", help_text=GLOB_HELP)
    tag_name = forms.CharField(label="Tag", max_length=512, required=False)
    tag_value = forms.CharField(
        label="Tag value", max_length=256, required=False, help_text="Leave empty for any value."
    )
    properties = Lines(label="Properties", help_text=f"Such as properties.securityRules*. {GLOB_HELP}")
    operations = Lines(label="Operations", help_text=f"Such as microsoft.authorization/locks/*. {GLOB_HELP}")
    actors = Lines(label="Actors", help_text=f"User names, or ids of applications. {GLOB_HELP}")
    except_actors = Lines(
        label="Except these actors",
        help_text="The rule does not catch a change if only these actors may have made it.",
    )
    hours = forms.CharField(
        required=False,
        max_length=11,
        help_text="In the customer’s time zone, such as 18:00-07:00. The rule applies to changes that may"
        " have happened in these hours.",
    )
    days = forms.MultipleChoiceField(
        label="Weekdays",
        required=False,
        choices=list(DAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="If you choose no weekday, the rule applies to all weekdays.",
    )
    worsened = forms.BooleanField(label="Only if a finding began to fail", required=False)
    unapproved = forms.BooleanField(
        label="Only if the resource differs from its approved configuration", required=False
    )
    enabled = forms.BooleanField(label="Rule is on", required=False, initial=True)

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "units", subscriptions(names))

    def values(self) -> dict[str, Any]:
        """Return the form's values as arguments of `save_rule`."""
        return dict(self.cleaned_data)

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in CONDITIONS]


def subscriptions(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (id, name) of the subscriptions in `names`, sorted by name, as choices of a field."""
    found = [(key, name or key) for key, name in names.items() if key.startswith("/subscriptions/")]
    return sorted(found, key=lambda pair: pair[1].casefold())


def values_of_rule(rule: WatchRule) -> dict[str, Any]:
    """Return the initial values of the form for a stored rule."""
    fields = ("name", "severity", "enabled", *CONDITIONS)
    return {name: getattr(rule, name) for name in fields}
