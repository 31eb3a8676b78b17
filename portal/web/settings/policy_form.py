"""Define the form of a tenant's policy: name, time zone, labels, due dates and the maximum length of exceptions."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Self

from django import forms

from assessments.models import Finding
from portal.web.shared import stale_forms
from tenants.actions.organizations import MAX_DAYS
from tenants.models import Tenant
from tenants.models.tenant import DUE_DAYS, EXCEPTION_CAP_DAYS

_WHOLE_DAYS: Final = f"Enter whole days from 1 to {MAX_DAYS}."
_DAY_ERRORS: Final = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _WHOLE_DAYS)
ZONES_ID: Final = "time-zones"
# The tenant's columns that the page changes.
COLUMNS: Final[Mapping[str, str]] = {
    "name": "Name",
    "timezone": "Time zone",
    "labels": "Labels",
    "exception_cap_days": "Maximum length of exceptions",
    "due_days": "Due dates",
}


@lru_cache(maxsize=1)
def time_zones() -> list[str]:
    """Return the IANA names of time zones in alphabetical order."""
    return sorted(zoneinfo.available_timezones())


def _days(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=1,
        max_value=MAX_DAYS,
        error_messages=_DAY_ERRORS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def due_name(severity: str) -> str:
    """Return the name of the field with the due days of a severity."""
    return f"due_{severity}"


class PolicyForm(forms.Form):
    """A form with the policy. The form checks only formats.

    `values` and `fields_of` convert between form fields and the tenant's columns.
    """

    name = forms.CharField(max_length=200)
    timezone = forms.CharField(
        label="Time zone",
        max_length=64,
        widget=forms.TextInput(attrs={"list": ZONES_ID, "autocomplete": "off", "spellcheck": "false"}),
        help_text="Type a part of the name of the time zone, such as Berlin. Schedules, planned changes and the hours"
        " of watch rules use this time zone. Digests use it too, unless the recipient has chosen another time zone.",
    )
    labels = forms.CharField(
        max_length=2000,
        required=False,
        help_text="Words for filtering customers, separated by commas.",
    )
    exception_cap_days = _days(
        "Maximum length of exceptions",
        "The maximum number of days from the start to the end of an exception.",
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant
        for severity, label in Finding.Severity.choices:
            self.fields[due_name(severity)] = _days(label)
        # If fields have errors, the first of these fields gets the focus. So the order of the fields must be their
        # order on the page.
        self.order_fields([*map(due_name, Finding.Severity.values), "exception_cap_days"])

    @classmethod
    def of(cls, tenant: Tenant, columns: Mapping[str, Any]) -> Self:
        """Return an unbound form that shows the values of `columns`."""
        return cls(tenant=tenant, initial=fields_of(columns))

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[due_name(severity)] for severity in Finding.Severity.values]

    @property
    def place(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "timezone", "labels")]

    def clean_timezone(self) -> str:
        """Return the name of the time zone in IANA's spelling. The stored time zone is accepted even if IANA no longer
        lists it.
        """
        name: str = self.cleaned_data["timezone"]
        known = {zone.casefold(): zone for zone in (*time_zones(), self.tenant.timezone)}
        found = known.get(name.casefold().replace(" ", "_"))
        if found is None:
            raise forms.ValidationError(f"There is no time zone “{name}”. Choose a time zone from the list.")
        return found

    def values(self) -> dict[str, Any]:
        """Return the values of the form as the tenant's columns. Due days of severities that have no field do not
        change.
        """
        data = self.cleaned_data
        due = {severity: data[due_name(severity)] for severity in Finding.Severity.values}
        others = {key: days for key, days in self.tenant.due_days.items() if key in DUE_DAYS}
        return {
            "name": data["name"],
            "timezone": data["timezone"],
            "labels": [word for word in data["labels"].split(",") if word.strip()],
            "exception_cap_days": data["exception_cap_days"],
            "due_days": {**DUE_DAYS, **others, **due},
        }


def fields_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the form's fields for the given columns of a tenant."""
    due: Mapping[str, int] = columns["due_days"]
    return {
        "name": columns["name"],
        "timezone": columns["timezone"],
        "labels": ", ".join(columns["labels"]),
        "exception_cap_days": columns["exception_cap_days"],
        **{due_name(severity): due.get(severity) for severity in Finding.Severity.values},
    }


def columns_of(tenant: Tenant) -> dict[str, Any]:
    """Return the present values of the tenant's columns that the page changes."""
    return {column: getattr(tenant, column) for column in COLUMNS}


def default_days() -> dict[str, int]:
    """Return the default values of the fields with a number of days."""
    due = {due_name(severity): DUE_DAYS[severity] for severity in Finding.Severity.values}
    return {**due, "exception_cap_days": EXCEPTION_CAP_DAYS}


def read_start(text: str) -> dict[str, Any] | None:
    """Parse a text that `stale_forms.write_start` wrote from a tenant's columns. Return None for any other text."""
    found = stale_forms.read_object(text)
    if found is None or set(found) != set(COLUMNS):
        return None
    labels = found["labels"]
    if not isinstance(found["due_days"], dict) or not isinstance(labels, list):
        return None
    return found if all(isinstance(word, str) for word in labels) else None
