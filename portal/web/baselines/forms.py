"""Define the form of a baseline. The action that saves the baseline checks what the fields do not check."""

from __future__ import annotations

from typing import Any

from django import forms

from assessments.models import Finding
from portal.retention.kinds import CUSTOMER_KINDS
from portal.treatment.matching import FIELDS
from portal.web.shared.forms.owner_rule import OwnerRuleForm
from tenants.actions.organizations import MAX_DAYS

_SEVERITIES = dict(Finding.Severity.choices)


def _days(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=MAX_DAYS, help_text=help_text
    )


class BaselineForm(forms.Form):
    """The form for a baseline's name, customers and policy. If the field for a number is empty, each customer sets
    its own value.

    If `may_retain` is false, the form shows the retention periods, but people cannot change them.
    """

    name = forms.CharField(max_length=120)
    label = forms.CharField(
        label="Customers with the label",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "labels", "autocomplete": "off"}),
        help_text=(
            "Leave this field empty to apply the baseline to all customers. For customers with a label, the baseline"
            " for this label has priority. Values that the baseline for the label does not set come from the baseline"
            " for all customers."
        ),
    )
    schedule = forms.CharField(
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=(
            "Enter “off” for no scheduled assessments, “default” for the default schedule, or days and times. For"
            " example, with “Mon-Fri 02:00 within 120”, assessments start within 120 minutes after 02:00. If this field"
            " is empty, each customer has its own schedule."
        ),
    )
    exception_cap_days = _days(
        "Maximum length of exceptions",
        "The maximum number of days from the start to the end of an exception.",
    )

    def __init__(self, *args: Any, may_retain: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for severity, label in _SEVERITIES.items():
            self.fields[f"due_{severity}"] = _days(f"Due dates: {label.lower()}")
        for kind in CUSTOMER_KINDS:
            help_text = (
                f"Enter how many days to keep the data after {kind.age} (at least {kind.minimum}), “keep” for no limit,"
                " or “default” for the default of the organization."
            )
            if not may_retain:
                help_text = "Only administrators of the organization can change this period."
            self.fields[f"retention_{kind.key}"] = forms.CharField(
                label=f"Retention: {kind.label.lower()}",
                max_length=12,
                required=False,
                disabled=not may_retain,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                help_text=help_text,
            )

    @property
    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Return the groups of fields that follow `first_fields`, as (title, hint, fields)."""
        return [
            (
                "Days until a finding is due",
                "Counted from the time at which the finding began to fail",
                self._group("due_"),
            ),
            ("Retention", "", self._group("retention_")),
        ]

    def _group(self, prefix: str) -> list[forms.BoundField]:
        """Return the fields of a group. The part of each label before the colon is removed, because the title of the
        group says the same.
        """
        fields = [self[name] for name in self.fields if name.startswith(prefix)]
        for one in fields:
            one.label = str(one.field.label).partition(": ")[2].capitalize()
        return fields

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """The fields that belong to no group."""
        grouped = {one.name for _, _, fields in self.groups for one in fields}
        return [self[name] for name in self.fields if name not in grouped]

    def values(self) -> dict[str, Any]:
        """Return the form's values as arguments of `save_baseline`."""
        data = self.cleaned_data
        due = {severity: data[f"due_{severity}"] for severity in _SEVERITIES}
        return {
            "name": data["name"],
            "label": data["label"],
            "schedule": data["schedule"],
            "exception_cap_days": data["exception_cap_days"],
            "due_days": {severity: days for severity, days in due.items() if days is not None},
            "retention": {kind.key: data[f"retention_{kind.key}"] for kind in CUSTOMER_KINDS},
        }


class BaselineRuleForm(OwnerRuleForm):
    """The form of an owner rule of a baseline. It has no field for a subscription or directory, because the
    rule is for many customers.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, names={}, **kwargs)
        del self.fields["unit"]

    def rule(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in FIELDS if name in self.fields}
