"""Build the notes that a customer's settings pages show about baselines.

A note names the baseline that sets a value. Only people who may open the pages of baselines get notes. A baseline
belongs to the organization, so row-level security hides it from people whose only role is in the customer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from assessments.controls.profiles import profile_name
from assessments.estate.quantities import in_days
from assessments.models import Finding
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import (
    DUE_DAYS,
    EXCEPTION_CAP,
    PROFILE,
    SCHEDULE,
    set_by_baselines,
)
from portal.web.shared.forms.schedule import schedule_text
from tenants import scope
from tenants.models import Tenant
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class BaselineNote:
    """A note which says that a baseline sets one of the customer's settings. `url` is the page of the baseline."""

    label: str
    baseline: Baseline
    url: str
    wanted: str
    """The baseline's value in words."""
    follows: bool
    """Whether the customer has the baseline's value."""


def _days_text(_: Tenant, value: Mapping[str, int]) -> str:
    labels = dict(Finding.Severity.choices)
    return ", ".join(f"{labels[name]} {in_days(days)}" for name, days in value.items() if name in labels)


# {setting: (label, function that returns the baseline's value in words)}
_SETTINGS: Final[Mapping[str, tuple[str, Callable[[Tenant, Any], str]]]] = {
    PROFILE: ("profile", lambda _, value: profile_name(value["profile"])),
    SCHEDULE: ("schedule", schedule_text),
    DUE_DAYS: ("due dates", _days_text),
    EXCEPTION_CAP: ("maximum length of exceptions", lambda _, value: in_days(value)),
}


def baseline_notes(tenant: Tenant, *settings: str) -> list[BaselineNote]:
    """Return a note for each of the given settings, if a baseline sets the value of the setting.

    If the person may not open the organization's baselines, the list is empty, and no query is sent.
    """
    if not scope.current().may_in_organization(Capability.ADMINISTER, tenant.organization_id):
        return []
    notes = []
    for one in set_by_baselines(tenant, settings):
        label, text = _SETTINGS[one.setting]
        url = reverse("baseline", args=[tenant.organization.slug, one.baseline.pk])
        notes.append(BaselineNote(label, one.baseline, url, text(tenant, one.wanted), one.is_met))
    return notes
