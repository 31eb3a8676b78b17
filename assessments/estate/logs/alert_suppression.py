"""Whether alert processing rules remove the action groups of an alert, so that it notifies nobody. Pure functions.

The action is RemoveAllActionGroups, and all conditions of a rule must match. Source:
https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-processing-rules
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial

from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View

# Times of a schedule are local, in a named Windows time zone. Surety reads them as UTC with a day's margin, because no
# time zone differs by more.
_ANY_ZONE = timedelta(days=1)
_ACTIONS = frozenset({"removeallactiongroups", "addactiongroups"})
_OPERATORS = frozenset({"equals", "notequals", "contains", "doesnotcontain"})
# The monitor service of alerts about administrative operations. These alerts are stateless, so their monitor condition
# is always Fired. https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview
_SERVICE = "activitylogadministrative"


class Suppression(IntEnum):
    """When an alert processing rule removes the action groups of an alert.

    SOMETIMES: at some times, for some alerts, or Surety cannot know. ALWAYS: now, for every alert, even if the rule
    ends later.
    """

    NEVER = 0
    SOMETIMES = 1
    ALWAYS = 2


def suppression(rule: View, alert: View, operation: str, scope: str, now: datetime) -> Suppression:
    """Return when a processing rule removes the action groups of an activity log alert rule.

    `scope` is the subscription (`/subscriptions/<guid>`) whose `operation` the alert rule reports. If the scope, the
    schedule or a condition of the processing rule never matches, return NEVER, even if other parts of the rule are
    unreadable. Otherwise, raise Unreadable if a part is unreadable.
    """
    properties = rule.object("properties")
    if not properties.flag("enabled", default=True):
        return Suppression.NEVER
    actions = [action.choice("actionType", _ACTIONS) for action in properties.items("actions")]
    if "removeallactiongroups" not in actions:
        return Suppression.NEVER
    reach, problem = Suppression.ALWAYS, None
    for part in (
        partial(_scope, properties, scope),
        partial(_schedule, properties, now),
        partial(_conditions, properties, alert, operation),
    ):
        try:
            reach = min(reach, part())
        except Unreadable as error:
            problem = problem or error
        if reach is Suppression.NEVER:
            return reach
    if problem:
        raise problem
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
    has_end, has_start = schedule.has("effectiveUntil"), schedule.has("effectiveFrom")
    if has_end and now - schedule.time("effectiveUntil") > _ANY_ZONE:
        return Suppression.NEVER
    has_begun = not has_start or now - schedule.time("effectiveFrom") > _ANY_ZONE
    stays_open = not has_end or schedule.time("effectiveUntil") - now > _ANY_ZONE
    if has_begun and stays_open and not schedule.items("recurrences", default=[]):
        return Suppression.ALWAYS
    return Suppression.SOMETIMES


def _conditions(properties: View, alert: View, operation: str) -> Suppression:
    reach, problem = Suppression.ALWAYS, None
    for condition in properties.items("conditions", default=[]):
        try:
            reach = min(reach, _condition(condition, alert, operation))
        except Unreadable as error:
            problem = problem or error
    if problem and reach is not Suppression.NEVER:
        raise problem
    return reach


def _condition(condition: View, alert: View, operation: str) -> Suppression:
    """Return when a condition of a processing rule is true for alerts about an operation: ALWAYS, NEVER, or SOMETIMES.
    If Surety cannot know, return SOMETIMES.
    """
    operator = condition.choice("operator", _OPERATORS)
    values = [fold(value) for value in condition.texts("values")]
    match condition.text("field").casefold():
        case "alertruleid":
            # Ids are also written without a leading slash.
            owns = [_known(alert, "id", alert.id).lstrip("/")]
            values = [value.lstrip("/") if value.startswith("/subscriptions/") else value for value in values]
        case "alertrulename":
            owns = [_known(alert, "name", alert.name)]
        case "monitorservice":
            # The API spells the service "ActivityLog Administrative", the documentation "Activity Log –
            # Administrative".
            owns, values = [_SERVICE], ["".join(filter(str.isalpha, value)) for value in values]
            if _SERVICE not in values and any("activitylog" in value for value in values):
                return Suppression.SOMETIMES
        case "monitorcondition":
            owns = ["fired"]
        case "targetresourcetype":
            owns = _resource_types(operation)
        case _:
            return Suppression.SOMETIMES
    equal, negated = "equals" in operator, operator in {"notequals", "doesnotcontain"}
    holds = {
        (own in values if equal else any(value in own for value in values)) is not negated for own in owns
    }
    if len(holds) > 1:
        return Suppression.SOMETIMES
    return Suppression.ALWAYS if holds == {True} else Suppression.NEVER


def _resource_types(operation: str) -> list[str]:
    """Return the resource types that the resource in an alert about this operation can have.

    If an operation is about a child resource, the alert may name the child resource or its parent; Microsoft does not
    document which one. So for `Microsoft.Sql/servers/firewallRules/write`, return the types of firewall rules and of
    servers.
    """
    namespace, *kinds = fold(operation).split("/")[:-1]
    return ["/".join([namespace, *kinds[:depth]]) for depth in range(len(kinds), 0, -1)]


def _known(alert: View, name: str, value: str) -> str:
    if not value:
        raise alert.unreadable(name, "absent")
    return fold(value)
