"""Determine whether an activity log alert rule reports events of Azure Service Health. Pure functions.

Sources: https://learn.microsoft.com/azure/service-health/alerts-activity-log-service-notifications-arm and
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema (the kinds of events)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assessments.estate.logs.alerts import Leaf, leaves_of, other_misses
from assessments.estate.view import Unreadable, View

INCIDENT: Final = "incident"
INCIDENT_TYPES: Final = {
    name.casefold(): name
    for name in ("Incident", "Maintenance", "Informational", "ActionRequired", "Security")
}
"""The kinds of events, `properties.incidentType`, by their name in lower case."""
_TYPE: Final = "properties.incidenttype"
# The fields of conditions that limit a rule to certain services or regions begin with these texts. An index may follow:
# `[*]` or `[]`.
_LIMITS: Final = ("properties.impactedservices", "properties.region", "properties.service")


@dataclass(frozen=True, slots=True)
class HealthRule:
    """An alert rule for events of the category ServiceHealth.

    - `misses`: the reasons why the rule does not count as a Service Health alert
    - `incidents`: the kinds of events that the rule reports, in lower case
    - `limits`: the services and regions to which the rule is limited
    """

    rule: View
    misses: tuple[str, ...]
    incidents: frozenset[str]
    limits: tuple[str, ...]


def health_rule(rule: View, scope: str) -> HealthRule | None:
    """Return which events an alert rule for Azure Service Health reports. Return None if the rule is for another
    category of events.

    `scope` is the subscription to cover, `/subscriptions/<guid>`. Raise Unreadable if a deciding property is missing,
    or if the rule names an unknown kind of event, but not Incident.
    """
    properties = rule.object("properties")
    members = [leaves_of(member) for member in properties.object("condition").items("allOf")]
    if not any(_is_category(leaf) for member in members for leaf in member):
        return None
    misses, problem = other_misses(properties, scope)
    incidents = frozenset(INCIDENT_TYPES)
    limits: list[str] = []
    for member in members:
        if any(_is_category(leaf) for leaf in member):
            continue
        if all(leaf.field == _TYPE for leaf in member):
            incidents &= _kinds(rule, member)
        elif all(leaf.field.startswith(_LIMITS) for leaf in member):
            limits += [value for leaf in member for value in leaf.spelt_values]
        else:
            misses += [f"it is narrowed by {leaf.spelt}" for leaf in member]
    if problem and not misses:
        raise problem
    return HealthRule(rule, tuple(dict.fromkeys(misses)), incidents, tuple(limits))


def _is_category(leaf: Leaf) -> bool:
    return leaf.field == "category" and "servicehealth" in leaf.values


def _kinds(rule: View, member: list[Leaf]) -> frozenset[str]:
    named = frozenset(value for leaf in member for value in leaf.values)
    unknown = sorted(named - INCIDENT_TYPES.keys())
    # Verdicts depend only on whether a rule reports service issues (the kind Incident). So if the rule names this kind,
    # it does not matter that another kind is unknown.
    if unknown and INCIDENT not in named:
        reason = f"Surety does not know the kind of event {unknown[0]!r} in the alert rule {rule.name}"
        raise Unreadable(rule.id, "properties.condition", "an unknown kind of event", reason)
    return named & INCIDENT_TYPES.keys()
