"""Whether alert processing rules remove the action groups of an alert. Pure functions.

A rule with the action RemoveAllActionGroups leaves an alert that notifies nobody. All its conditions must match.
Source: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-processing-rules
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum

from assessments.estate.ids import fold
from assessments.estate.view import View

# `effectiveUntil` is a local time in a named Windows time zone. A day later it has passed in every zone.
_ANY_ZONE = timedelta(days=1)
_ACTIONS = frozenset({"removeallactiongroups", "addactiongroups"})
_OPERATORS = frozenset({"equals", "notequals", "contains", "doesnotcontain"})
# Alerts for administrative operations come from this service, and all alerts of the activity log are stateless: their
# condition is always Fired. https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview
_SERVICE = "activitylogadministrative"


class Suppression(IntEnum):
    """When a rule removes the action groups of an alert. SOMETIMES: at some times, for some alerts, or perhaps."""

    NEVER = 0
    SOMETIMES = 1
    ALWAYS = 2


def suppression(rule: View, alert: View, scope: str, now: datetime) -> Suppression:
    """Return when a processing rule removes the action groups of an activity log alert rule.

    `scope` is `/subscriptions/<guid>`, whose operations the alert rule reports. Raise Unreadable.
    """
    properties = rule.object("properties")
    if not properties.flag("enabled", default=True):
        return Suppression.NEVER
    actions = [action.choice("actionType", _ACTIONS) for action in properties.items("actions")]
    if "removeallactiongroups" not in actions:
        return Suppression.NEVER
    reach = min(_scope(properties, scope), _schedule(properties, now))
    for condition in properties.items("conditions", default=[]):
        reach = min(reach, _condition(condition, alert))
    return reach


def _scope(properties: View, scope: str) -> Suppression:
    whole = fold(scope).strip("/")
    scopes = [fold(one).strip("/") for one in properties.texts("scopes")]
    if whole in scopes:
        return Suppression.ALWAYS
    inside = any(one.startswith(whole + "/") for one in scopes)
    return Suppression.SOMETIMES if inside else Suppression.NEVER


def _schedule(properties: View, now: datetime) -> Suppression:
    if not properties.has("schedule"):
        return Suppression.ALWAYS
    schedule = properties.object("schedule")
    if schedule.has("effectiveUntil") and now - schedule.time("effectiveUntil") > _ANY_ZONE:
        return Suppression.NEVER
    return Suppression.SOMETIMES


def _condition(condition: View, alert: View) -> Suppression:
    """Return whether a condition holds for the alerts of a rule. SOMETIMES: the rule does not tell."""
    operator = condition.choice("operator", _OPERATORS)
    values = [fold(value) for value in condition.texts("values")]
    match condition.text("field").casefold():
        case "alertruleid":
            own = _known(alert, "id", alert.id)
        case "alertrulename":
            own = _known(alert, "name", alert.name)
        case "monitorservice":
            # The API writes "ActivityLog Administrative", the page above "Activity Log – Administrative".
            own, values = _SERVICE, ["".join(filter(str.isalpha, value)) for value in values]
            if own not in values and any("activitylog" in value for value in values):
                return Suppression.SOMETIMES
        case "monitorcondition":
            own = "fired"
        case _:
            return Suppression.SOMETIMES
    equal = "equals" in operator
    holds = own in values if equal else any(value in own for value in values)
    negated = operator in {"notequals", "doesnotcontain"}
    return Suppression.ALWAYS if holds is not negated else Suppression.NEVER


def _known(alert: View, name: str, value: str) -> str:
    if not value:
        raise alert.unreadable(name, "absent")
    return fold(value)
