"""Describe the values of baselines in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from assessments.models import Finding
from assessments.timing.schedules import DEFAULT, OFF
from assessments.timing.timetable import parse
from portal.changes.actions.rules import CONDITIONS, FLAGS
from portal.changes.hours import DAYS
from portal.changes.models import ResourceChange
from portal.changes.shipped import SHIPPED
from portal.retention.actions.policy import DEFAULT as DEFAULT_PERIOD
from portal.retention.actions.policy import KEEP
from portal.treatment.matching import FIELDS, describe_rule
from portal.treatment.models import Baseline, OwnerRule
from portal.treatment.selectors.baseline_parts import shipped_rule_part
from portal.web.shared import stale_forms
from portal.web.shared.forms.watch_rule import WatchRuleForm
from tenants.models import Organization, Person


def schedule_label(text: str) -> str:
    """Return a schedule in words."""
    words = {OFF: "No scheduled assessments", DEFAULT: "Organization default"}
    return words[text] if text in words else parse(text).label


def period_label(text: str) -> str:
    """Return a retention period in words."""
    return {KEEP: "Without limit", DEFAULT_PERIOD: "Organization default"}.get(text, f"{text} days")


def owners_of(values: Iterable[Mapping[str, Any]]) -> dict[str, Person]:
    """Return {id: person} of the people to whom owner rules with these values assign findings."""
    ids = {value["owner"] for value in values if "owner" in value}
    return {str(person.pk): person for person in Person.objects.filter(pk__in=ids)}


def rule_text(value: Mapping[str, Any], people: Mapping[str, Person]) -> str:
    """Describe the value of an owner rule: its owner, its conditions and whether it is off."""
    owner = people.get(value["owner"])
    means = describe_rule(OwnerRule(**{name: value.get(name, "") for name in FIELDS}), places={})
    off = "" if value["enabled"] else " (turned off)"
    return f"{owner or 'A deleted account'}: {means}{off}"


def watch_rule_text(value: Mapping[str, Any]) -> str:
    """Describe the value of a watch rule: its severity, its conditions and whether it is off."""
    severity = str(Finding.Severity(value["severity"]).label)
    conditions = [_condition_text(name, value[name]) for name in CONDITIONS if value.get(name)]
    off = "" if value["enabled"] else " (turned off)"
    return "; ".join([severity, *conditions]) + off


def _condition_text(name: str, value: Any) -> str:
    if name in FLAGS:
        return str(WatchRuleForm.base_fields[name].label).replace("Only", "only", 1)
    label = (WatchRuleForm.base_fields[name].label or name.capitalize()).lower()
    if not isinstance(value, list):
        return f"{label}: {value}"
    choices: dict[str, Mapping[Any, str]] = {"kinds": dict(ResourceChange.Kind.choices), "days": DAYS}
    words = choices.get(name, {})
    return f"{label}: {', '.join(str(words.get(one, one)) for one in value)}"


def watch_rule_rows(organization: Organization, baseline: Baseline) -> list[dict[str, Any]]:
    """Return the baseline's own watch rules as rows of its page. Rules that Surety ships are left out."""
    return [
        {
            "name": rule["name"],
            "text": watch_rule_text(rule),
            "url": reverse("baseline-watch-rule", args=[organization.slug, baseline.pk, number]),
        }
        for number, rule in enumerate(own_watch_rules(baseline))
    ]


def own_watch_rules(baseline: Baseline) -> list[dict[str, Any]]:
    """Return the watch rules of a baseline, without the rules that Surety ships."""
    return [rule for rule in baseline.watch_rules if "name" in rule]


def shipped_rule_rows(baseline: Baseline) -> list[dict[str, Any]]:
    """Return the shipped watch rules with their values in a baseline, for the page of the baseline.

    `status` is “on”, “off”, or empty if each customer decides. `start` is for the form's hidden field
    (`shared.stale_forms`).
    """
    rows = []
    for key, shipped in SHIPPED.items():
        part = shipped_rule_part(baseline, key)
        rows.append(
            {
                "key": key,
                "rule": shipped,
                "severity": part.get("severity", shipped.severity),
                "status": ("on" if part["enabled"] else "off") if part else "",
                "start": stale_forms.write_start(part),
            }
        )
    return rows
