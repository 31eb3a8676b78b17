"""Determine whether alert processing rules remove or add action groups of an alert. An alert without action groups
notifies nobody. Pure functions.

The action of a processing rule is RemoveAllActionGroups or AddActionGroups. The rule acts if all of its conditions
match. Removing has priority over adding. Source:
https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-processing-rules
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial

from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View

# Times of a schedule are local, in a named Windows time zone. Surety reads them as UTC and adds a margin of one day: no
# time zone differs from UTC by more than a day.
_ANY_ZONE = timedelta(days=1)
_REMOVES, _ADDS = "removeallactiongroups", "addactiongroups"
_OPERATORS = frozenset({"equals", "notequals", "contains", "doesnotcontain"})
# https://learn.microsoft.com/rest/api/monitor/alert-processing-rules (2021-08-08)
_FIELDS = frozenset(
    {
        "alertcontext",
        "alertruleid",
        "alertrulename",
        "description",
        "monitorcondition",
        "monitorservice",
        "severity",
        "signaltype",
        "targetresource",
        "targetresourcegroup",
        "targetresourcetype",
    }
)
# The monitor service of alerts about administrative operations. These alerts are stateless, so their monitor condition
# is always Fired. https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview
_SERVICE = "activitylogadministrative"
# The only severity of activity log alerts. Source (Microsoft's Azure Monitor Baseline Alerts):
# https://azure.github.io/azure-monitor-baseline-alerts/patterns/alz/HowTo/deploy/parameterConfiguration
_SEVERITY = "sev4"


class Reach(IntEnum):
    """When an alert processing rule removes or adds action groups.

    NEVER: the rule does not act on the alert. SOMETIMES: the rule acts at some times or for some alerts, or Surety
    cannot know when it acts. ALWAYS: the rule acts now, for every alert, even if the rule ends later.
    """

    NEVER = 0
    SOMETIMES = 1
    ALWAYS = 2


def suppression(rule: View, alert: View, operation: str, scope: str, now: datetime) -> Reach:
    """Return when a processing rule removes the action groups of an activity log alert rule.

    `scope` is the subscription (`/subscriptions/<guid>`) whose `operation` the alert rule reports. If the processing
    rule's scopes, its schedule or one of its conditions exclude any effect, return NEVER, even if another of them is
    unreadable. Otherwise, raise Unreadable if a deciding property is unreadable.
    """
    return _reach(rule, alert, operation, scope, now, _REMOVES)


def addition(rule: View, alert: View, operation: str, scope: str, now: datetime) -> Reach:
    """Return when a processing rule adds action groups to an activity log alert rule. The arguments and errors are
    the same as in `suppression`.
    """
    return _reach(rule, alert, operation, scope, now, _ADDS)


def added_groups(rule: View) -> list[str]:
    """Return the ids of the action groups that a processing rule adds, in the rule's spelling and order."""
    return [
        identifier
        for action in rule.object("properties").items("actions")
        if action.choice("actionType", {_REMOVES, _ADDS}) == _ADDS
        for identifier in action.texts("actionGroupIds")
    ]


def _reach(rule: View, alert: View, operation: str, scope: str, now: datetime, wanted: str) -> Reach:
    properties = rule.object("properties")
    if not properties.flag("enabled", default=True):
        return Reach.NEVER
    actions = [action.choice("actionType", {_REMOVES, _ADDS}) for action in properties.items("actions")]
    if wanted not in actions:
        return Reach.NEVER
    reach, problem = Reach.ALWAYS, None
    for part in (
        partial(_scope, properties, scope),
        partial(_schedule, properties, now),
        partial(_conditions, properties, alert, operation),
    ):
        try:
            reach = min(reach, part())
        except Unreadable as error:
            problem = problem or error
        if reach is Reach.NEVER:
            return reach
    if problem:
        raise problem
    return reach


def _scope(properties: View, scope: str) -> Reach:
    whole = fold(scope).strip("/")
    scopes = [fold(one).strip("/") for one in properties.texts("scopes")]
    if whole in scopes:
        return Reach.ALWAYS
    inside = any(one.startswith(whole + "/") for one in scopes)
    return Reach.SOMETIMES if inside else Reach.NEVER


def _schedule(properties: View, now: datetime) -> Reach:
    if not properties.has("schedule"):
        return Reach.ALWAYS
    schedule = properties.object("schedule")
    has_end, has_start = schedule.has("effectiveUntil"), schedule.has("effectiveFrom")
    if has_end and now - schedule.time("effectiveUntil") > _ANY_ZONE:
        return Reach.NEVER
    has_begun = not has_start or now - schedule.time("effectiveFrom") > _ANY_ZONE
    stays_open = not has_end or schedule.time("effectiveUntil") - now > _ANY_ZONE
    if has_begun and stays_open and not schedule.items("recurrences", default=[]):
        return Reach.ALWAYS
    return Reach.SOMETIMES


def _conditions(properties: View, alert: View, operation: str) -> Reach:
    reach, problem = Reach.ALWAYS, None
    for condition in properties.items("conditions", default=[]):
        try:
            reach = min(reach, _condition(condition, alert, operation))
        except Unreadable as error:
            problem = problem or error
    if problem and reach is not Reach.NEVER:
        raise problem
    return reach


def _condition(condition: View, alert: View, operation: str) -> Reach:
    """Return when a condition of a processing rule is true for alerts about an operation: ALWAYS, NEVER, or SOMETIMES.
    If Surety cannot know, return SOMETIMES.
    """
    operator = condition.choice("operator", _OPERATORS)
    values = [fold(value) for value in condition.texts("values")]
    match condition.choice("field", _FIELDS):
        case "alertruleid":
            # In conditions, ids may lack the leading slash. So compare the ids without it.
            owns = [_known(alert, "id", alert.id).lstrip("/")]
            values = [value.lstrip("/") if value.startswith("/subscriptions/") else value for value in values]
        case "alertrulename":
            owns = [_known(alert, "name", alert.name)]
        case "monitorservice":
            # Compare only the letters: the API spells the service "ActivityLog Administrative", the documentation
            # "Activity Log – Administrative".
            owns, values = [_SERVICE], ["".join(filter(str.isalpha, value)) for value in values]
            if _SERVICE not in values and any("activitylog" in value for value in values):
                return Reach.SOMETIMES
        case "monitorcondition":
            owns = ["fired"]
        case "severity":
            owns = [_SEVERITY]
        case "description":
            owns = [fold(alert.object("properties").text("description", default=""))]
        case "targetresourcetype":
            owns = _resource_types(operation)
        case _:
            return Reach.SOMETIMES
    equal, negated = "equals" in operator, operator in {"notequals", "doesnotcontain"}
    holds = {
        (own in values if equal else any(value in own for value in values)) is not negated for own in owns
    }
    if len(holds) > 1:
        return Reach.SOMETIMES
    return Reach.ALWAYS if holds == {True} else Reach.NEVER


def _resource_types(operation: str) -> list[str]:
    """Return the types of resource that an alert about this operation may name.

    If an operation is about a child resource, the alert may name either the child resource or its parent. Microsoft
    does not document which of the two. So for `Microsoft.Sql/servers/firewallRules/write`, return the types of firewall
    rules and of servers.
    """
    namespace, *kinds = fold(operation).split("/")[:-1]
    return ["/".join([namespace, *kinds[:depth]]) for depth in range(len(kinds), 0, -1)]


def _known(alert: View, name: str, value: str) -> str:
    if not value:
        raise alert.unreadable(name, "absent")
    return fold(value)
