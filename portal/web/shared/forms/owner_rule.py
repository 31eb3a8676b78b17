"""The form of an owner rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from portal.treatment.actions.owners.rules import MAX_NAME
from portal.treatment.matching import FIELDS
from portal.web.components.form_parts import offer_stored, set_choices
from portal.web.shared.forms.condition import ConditionForm
from portal.web.shared.forms.treatments import person_choices
from portal.web.shared.stale_forms import Conflict, conflict
from tenants.models import Person
from tenants.values.stale_values import LastChange, Part


class OwnerRuleForm(ConditionForm):
    """A form with name, owner and conditions of a rule. If no condition is set, the rule applies to every finding."""

    name = forms.CharField(
        max_length=MAX_NAME,
        help_text="This name appears in the timelines of the findings that the rule assigns.",
    )
    owner = forms.ChoiceField(error_messages={"required": "Choose an owner."})
    enabled = forms.BooleanField(label="Rule is on", required=False, initial=True)

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(who.pk): who for who in people}
        set_choices(self, "owner", [("", "Choose a person"), *person_choices(people)])
        offer_stored(self, "control", "section", "unit")
        self.order_fields(["name", "owner", *FIELDS, "enabled"])

    def names_of_people(self) -> dict[str, str]:
        """Return {id: name} of the people who can be chosen as owner."""
        return {pk: str(who) for pk, who in self._people.items()}

    def values(self) -> dict[str, Any]:
        """Return the form's values as arguments of the actions that add or change an owner rule."""
        data = self.cleaned_data
        person = self._people[data["owner"]]
        return {"name": data["name"], "owner": person, "enabled": data["enabled"], **self.rule()}

    @property
    def head(self) -> list[forms.BoundField]:
        return [self["name"], self["owner"]]


def rule_conflict(
    form: forms.Form,
    start: Part,
    now: Part,
    typed: Mapping[str, Any],
    *,
    last: LastChange | None,
    people: Mapping[str, str],
    without: Sequence[str] = (),
) -> Conflict:
    """Return the values of an owner rule that somebody else saved in the meantime, and the same values
    merged with the typed values.

    The rule belongs to a customer or a baseline. `people` is {id of an owner: name}.
    """
    fields = [name for name in form.fields if name not in without]
    labels = {name: str(form.fields[name].label or name.replace("_", " ").capitalize()) for name in fields}
    empty = {**dict.fromkeys(fields, ""), "enabled": True}

    def text(name: str, value: Any) -> str:
        if name == "owner":
            return people.get(value) or "A person without access"
        if isinstance(value, bool):
            return "On" if value else "Off"
        choices = dict(getattr(form.fields[name], "choices", ()))
        return str(choices.get(value, value) or "none") if value else "none"

    return conflict(labels, {**empty, **start}, {**empty, **now}, typed, last, text)
