"""The control monitoring-alert-service-health: An alert is sent when Azure services have problems.

Source: https://learn.microsoft.com/azure/service-health/alerts-activity-log-service-notifications-arm. A rule can have
conditions on the kind of event, the service and the region. A rule without these conditions reports every event.
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_scope
from assessments.controls.monitoring._variables import ACTION_GROUP_ID, ALERT_GROUP
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.monitoring import ACTIVITY_LOG_ALERTS
from assessments.estate.logs.health_alerts import INCIDENT, INCIDENT_TYPES, HealthRule, health_rule
from assessments.estate.view import Unreadable
from assessments.fixes.declare import Fix, command

_FIX: Final = Fix(
    command(
        "az monitor activity-log alert create --resource-group {alert_group} --name surety-service-health"
        " --scope /subscriptions/{subscription} --condition category=ServiceHealth --action-group {action_group_id}"
        " --subscription {subscription}"
    ),
    portal="Azure portal › Service Health › Health alerts › Add service health alert",
    portal_source="https://learn.microsoft.com/azure/service-health/alerts-activity-log-service-notifications-portal",
    cost="The rule is free of charge. Azure bills text messages and phone calls of the action group.",
    effects="Everybody in the action group is notified of each event of Azure that concerns the subscription.",
    variables=[ALERT_GROUP, ACTION_GROUP_ID],
)


@per_scope(
    needs=(ACTIVITY_LOG_ALERTS,),
    severity=Severity.LOW,
    expects={"misses": ()},
    fix=_FIX,
    references=References(c4="7.1.2.11", c5="6.1.2.11", c6="6.1.2.11", mcsb="IR-4*", nist="IR-4*"),
)
def alert_service_health(ctx: Context) -> Verdict:
    """An alert is sent when Azure services have problems.

    Problem: No alert when Azure services have problems
    Expected: An enabled alert rule for service health in the whole subscription, with an action group
    Judged: The activity log alert rules of the subscription. A rule counts if it is enabled, covers the whole
    subscription, has an action group and asks for the category ServiceHealth. A rule without a condition on
    `properties.incidentType` reports all kinds of events. Passes if at least one rule reports service issues
    (Incident); a remark names other kinds of events that no rule reports. Conditions on services or regions add a
    remark. A rule with any other condition does not count. Rules of other subscriptions cannot report events of this
    one. Whether an alert processing rule removes the action groups is not judged.
    Why: Without an alert, nobody learns in time that Azure has an outage, plans maintenance or found a weakness.
    """
    rules, gaps = ctx.partial(ACTIVITY_LOG_ALERTS)
    found: list[HealthRule] = []
    problem: Unreadable | None = None
    for rule in rules:
        try:
            if (health := health_rule(rule, ctx.scope_id)) is not None:
                found.append(health)
        except Unreadable as error:
            problem = problem or error
    firing = [health for health in found if not health.misses]
    reported = frozenset[str]().union(*(health.incidents for health in firing))
    if INCIDENT in reported:
        rules_found = sorted(health.rule.id for health in firing)
        missing = sorted(INCIDENT_TYPES[kind] for kind in INCIDENT_TYPES.keys() - reported)
        remarks = [f"Kinds of events that no rule reports: {', '.join(missing)}"] if missing else []
        limits = _limits(firing)
        remarks += (
            [f"Alert rules report service issues only for these services or regions: {', '.join(limits)}"]
            if limits
            else []
        )
        return passed("An alert rule reports problems of Azure services", remarks=remarks, rules=rules_found)
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if problem is not None:
        raise problem
    if firing:
        return failed(
            "No alert rule reports service issues (Incident)",
            rules=sorted(health.rule.id for health in firing),
        )
    if not found:
        return failed("No alert rule reports problems of Azure services", nearest=None)
    closest = min(found, key=lambda health: (len(health.misses), health.rule.id.casefold()))
    return failed(
        f"No alert rule reports problems of Azure services; the closest one is {closest.rule.name}, but"
        f" {' and '.join(closest.misses)}",
        nearest=closest.rule.id,
        misses=list(closest.misses),
    )


def _limits(firing: list[HealthRule]) -> list[str]:
    """Return the services and regions to which the rules about service issues are limited. Return an empty list if one
    of these rules has no limit.
    """
    about = [health for health in firing if INCIDENT in health.incidents]
    if any(not health.limits for health in about):
        return []
    return sorted({limit for health in about for limit in health.limits})
