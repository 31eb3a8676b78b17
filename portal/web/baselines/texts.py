"""Values of baselines in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.schedules import DEFAULT, OFF
from assessments.timetable import parse
from portal.retention.actions.policy import DEFAULT as DEFAULT_PERIOD
from portal.retention.actions.policy import KEEP
from portal.treatment.matching import FIELDS, describe_rule
from portal.treatment.models import OwnerRule
from tenants.models import Person


def schedule_label(text: str) -> str:
    """Return a schedule in words."""
    words = {OFF: "No scheduled assessments", DEFAULT: "Organization default"}
    return words[text] if text in words else parse(text).label


def period_label(text: str) -> str:
    """Return a retention period in words."""
    return {KEEP: "Without limit", DEFAULT_PERIOD: "Organization default"}.get(text, f"{text} days")


def owners_of(values: Iterable[Mapping[str, Any]]) -> dict[str, Person]:
    """Return {id: owner} of the owners in these values of owner rules."""
    ids = {value["owner"] for value in values if "owner" in value}
    return {str(person.pk): person for person in Person.objects.filter(pk__in=ids)}


def rule_text(value: Mapping[str, Any], people: Mapping[str, Person]) -> str:
    """Describe the value of an owner rule: its owner, its conditions and whether it is off."""
    owner = people.get(value["owner"])
    means = describe_rule(OwnerRule(**{name: value.get(name, "") for name in FIELDS}), places={})
    off = "" if value["enabled"] else " (turned off)"
    return f"{owner or 'A deleted account'}: {means}{off}"
