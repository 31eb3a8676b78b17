"""The form of a tenant's policy: its name and place, days until findings are due, the longest exception."""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Self

from django import forms

from assessments.models import Finding
from tenants.actions.organizations import MOST_DAYS
from tenants.models import Tenant
from tenants.models.tenant import DUE_DAYS, EXCEPTION_CAP_DAYS

_WHOLE_DAYS: Final = f"Give whole days from 1 to {MOST_DAYS}."
_DAY_ERRORS: Final = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _WHOLE_DAYS)
ZONES_ID: Final = "time-zones"
# What of the tenant the page changes, as columns.
COLUMNS: Final[Mapping[str, str]] = {
    "name": "Name",
    "timezone": "Time zone",
    "labels": "Labels",
    "exception_cap_days": "Exceptions last at most",
    "due_days": "Due dates",
}


@lru_cache(maxsize=1)
def time_zones() -> list[str]:
    """The IANA names of time zones, in order."""
    return sorted(zoneinfo.available_timezones())


def _days(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=1,
        max_value=MOST_DAYS,
        error_messages=_DAY_ERRORS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def due_name(severity: str) -> str:
    """The name of a severity's field."""
    return f"due_{severity}"


class PolicyForm(forms.Form):
    """Checks shapes; `values` and `fields_of` translate between the fields and the tenant's columns."""

    name = forms.CharField(max_length=200)
    timezone = forms.CharField(
        label="Time zone",
        max_length=64,
        widget=forms.TextInput(attrs={"list": ZONES_ID, "autocomplete": "off", "spellcheck": "false"}),
        help_text="Type a part of its name, such as Berlin. Digests and the days of due dates go by it.",
    )
    labels = forms.CharField(
        max_length=2000,
        required=False,
        help_text="Words to filter customers by, separated by commas.",
    )
    exception_cap_days = _days("An exception may last at most", "Days, from its start to its end.")

    def __init__(self, *args: Any, tenant: Tenant, **given: Any) -> None:
        super().__init__(*args, **given)
        self.tenant = tenant
        for severity, label in Finding.Severity.choices:
            self.fields[due_name(severity)] = _days(label)

    @classmethod
    def of(cls, tenant: Tenant, columns: Mapping[str, Any]) -> Self:
        """The form with these values, not given by anybody yet."""
        return cls(tenant=tenant, initial=fields_of(columns))

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[due_name(severity)] for severity in Finding.Severity.values]

    @property
    def place(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "timezone", "labels")]

    def clean_timezone(self) -> str:
        """As IANA spells it. One that is set and no longer in the list may stay."""
        given: str = self.cleaned_data["timezone"]
        known = {zone.casefold(): zone for zone in (*time_zones(), self.tenant.timezone)}
        found = known.get(given.casefold().replace(" ", "_"))
        if found is None:
            raise forms.ValidationError(f"There is no time zone “{given}”. Choose one of the list.")
        return found

    def values(self) -> dict[str, Any]:
        """The tenant's columns. What the policy says of other severities is left as it is."""
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
    """The form's fields for these columns."""
    due: Mapping[str, int] = columns["due_days"]
    return {
        "name": columns["name"],
        "timezone": columns["timezone"],
        "labels": ", ".join(columns["labels"]),
        "exception_cap_days": columns["exception_cap_days"],
        **{due_name(severity): due.get(severity) for severity in Finding.Severity.values},
    }


def columns_of(tenant: Tenant) -> dict[str, Any]:
    return {column: getattr(tenant, column) for column in COLUMNS}


def default_days() -> dict[str, int]:
    """The fields' values of a tenant that sets none of its own."""
    due = {due_name(severity): DUE_DAYS[severity] for severity in Finding.Severity.values}
    return {**due, "exception_cap_days": EXCEPTION_CAP_DAYS}


def write_start(columns: Mapping[str, Any]) -> str:
    """What the form started from, as its hidden field carries it."""
    return json.dumps(columns, sort_keys=True, separators=(",", ":"))


def read_start(text: str) -> dict[str, Any] | None:
    """The same read back; None where it is not what a page of ours carries."""
    try:
        found = json.loads(text)
        # JSON can name halves of characters, which no page can be written with.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != set(COLUMNS):
        return None
    labels = found["labels"]
    if not isinstance(found["due_days"], dict) or not isinstance(labels, list):
        return None
    return found if all(isinstance(word, str) for word in labels) else None
