"""Generate alert rules on the activity log, their action groups, and alert processing rules.

Format: Microsoft.Insights activityLogAlerts 2020-10-01, actionGroups 2023-01-01; Microsoft.AlertsManagement actionRules
2021-08-08.
Expected verdicts: monitoring-alert-*.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

OPERATIONS = {
    "policy-assignment-write": "Microsoft.Authorization/policyAssignments/write",
    "nsg-write": "Microsoft.Network/networkSecurityGroups/write",
    "nsg-delete": "Microsoft.Network/networkSecurityGroups/delete",
    "nsg-rule-write": "Microsoft.Network/networkSecurityGroups/securityRules/write",
    "nsg-rule-delete": "Microsoft.Network/networkSecurityGroups/securityRules/delete",
    "sql-firewall-write": "Microsoft.Sql/servers/firewallRules/write",
    "sql-firewall-delete": "Microsoft.Sql/servers/firewallRules/delete",
    "security-solution-write": "Microsoft.Security/securitySolutions/write",
    "security-solution-delete": "Microsoft.Security/securitySolutions/delete",
    "security-policy-write": "Microsoft.Security/policies/write",
    "policy-assignment-delete": "Microsoft.Authorization/policyAssignments/delete",
    "pip-write": "Microsoft.Network/publicIPAddresses/write",
    "pip-delete": "Microsoft.Network/publicIPAddresses/delete",
}
# Random choices for these operations come from a separate random source (branch), so that these choices do not change
# other parts of the estate.
_ADDED = frozenset({"policy-assignment-delete", "pip-write", "pip-delete"})
_GOOD = (
    "equals",
    "equals",
    "containsAny",
    "anyOf",
    "slash",
    "upper case",
    "no enabled",
    "equals",
    "own type",
)
_BAD = (
    "missing",
    "missing",
    "disabled",
    "group scope",
    "security category",
    "no action group",
    "by group",
    "by caller",
    "other operation",
)
# Forms of alert rules that have a further condition on the caller or on the status. With such a condition, it is not
# certain that the rule covers all events of the operation.
_NARROWED = ("by caller", "accepted only", "status")
# The levels of administrative events. https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
_LEVELS = ("Critical", "Error", "Warning", "Informational")
_GROUP = "rg-monitoring"
# Forms of alert processing rules. A form in _SUPPRESSING removes the action groups from all alerts of an alert rule, so
# the alert rule notifies nobody. With a form in _HARMLESS, the alert rule still notifies somebody. The forms `nights`
# and `group` remove the action groups from some alerts, and so add a remark to the verdict.
_SUPPRESSING = ("by id", "by name", "name contains")
_HARMLESS = ("nights", "group", "off", "ended", "another rule", "another subscription", "adds a group")


def write_alerts(sub: Subscription) -> None:
    """Write a subscription's action groups, and an alert rule for each operation or one rule for all operations."""
    sub.write_group(_GROUP, sub.regions[0], {"owner": f"operations@{sub.mail_domain}"})
    groups = {f"ag-{label}": sub.rng.faulty() for label in ("operations", "security")}
    used: set[str] = set()
    if not sub.rng.faulty() and sub.rng.chance(0.1):
        group = sub.rng.pick(list(groups))
        scope, levels = _harmless(sub, sub.rng.branch("rare/everything"))
        _rule(sub, "alert-everything", [_leaf("category", "Administrative"), *levels], group, scope=scope)
        for slug in OPERATIONS:
            sub.expect(f"monitoring-alert-{slug}", sub.id, "pass")
        used.add(group)
    else:
        for slug, operation in OPERATIONS.items():
            rng = sub.rng.branch(f"operation/{slug}") if slug in _ADDED else sub.rng
            group = rng.pick(list(groups))
            wrong = rng.faulty()
            processing = sub.rng.branch(f"processing/{slug}")
            suppressed = not wrong and processing.faulty() and processing.chance(0.5)
            form = rng.pick(_BAD if wrong else _GOOD)
            if form == "by caller":
                form = processing.pick(_NARROWED)
            _alert(sub, slug, operation, group, form)
            if suppressed or (not wrong and processing.chance(0.25)):
                form = processing.pick(_SUPPRESSING if suppressed else _HARMLESS)
                _processing_rule(sub, f"alert-{slug}", form)
            sub.expect_failure_if(f"monitoring-alert-{slug}", sub.id, wrong or suppressed)
            if not wrong:
                used.add(group)
    with sub.branch("service health"):
        used |= _service_health(sub, list(groups))
    for name, wrong in groups.items():
        group_id = _action_group(sub, name, wrong)
        if name in used:
            sub.expect_failure_if("monitoring-alert-recipients", group_id, wrong)


def _service_health(sub: Subscription, groups: list[str]) -> set[str]:
    """Write an alert rule for service health. Return a set with the name of the rule's action group.

    The set is empty if the rule fails the control or has no action group.

    Format of the conditions:
    https://learn.microsoft.com/azure/azure-monitor/alerts/resource-manager-alerts-service-health
    """
    wrong = sub.rng.often_faulty()
    sub.expect_failure_if("monitoring-alert-service-health", sub.id, wrong)
    bad = ("missing", "disabled", "maintenance only", "no action group", "by caller")
    form = sub.rng.pick(bad if wrong else ("all", "all", "incidents", "any of", "services"))
    if form == "missing":
        return set()
    conditions: list[Json] = [_leaf("category", "ServiceHealth")]
    kind = "properties.incidentType"
    if form in ("incidents", "maintenance only"):
        conditions.append(_leaf(kind, "Incident" if form == "incidents" else "Maintenance"))
    elif form == "any of":
        kinds = ("Incident", "Maintenance", "Informational", "ActionRequired", "Security")
        conditions.append({"anyOf": [_leaf(kind, one) for one in kinds]})
    elif form == "services":
        field = "properties.impactedServices[*].ServiceName"
        conditions.append({"field": field, "containsAny": ["Storage", "Virtual Machines"]})
    elif form == "by caller":
        conditions.append(_leaf("caller", f"admin@{sub.mail_domain}"))
    group = None if form == "no action group" else sub.rng.pick(groups)
    _rule(sub, "service-health", conditions, group, enabled=form != "disabled")
    return set() if wrong or group is None else {group}


def _leaf(field: str, value: str) -> Json:
    return {"field": field, "equals": value}


def _alert(sub: Subscription, slug: str, operation: str, group: str, form: str) -> None:
    if form == "missing":
        return
    category = _leaf("category", "Security" if form == "security category" else "Administrative")
    named: Json = _leaf("operationName", operation)
    others = ["Microsoft.Compute/virtualMachines/write", operation, "Microsoft.KeyVault/vaults/delete"]
    if form == "containsAny":
        named = {"field": "operationName", "containsAny": others}
    elif form == "anyOf":
        named = {"anyOf": [_leaf("operationName", o) for o in others]}
    elif form == "upper case":
        named = _leaf("operationName", operation.upper())
    elif form == "other operation":
        named = _leaf("operationName", "Microsoft.Compute/virtualMachines/write")
    extra = {
        "status": [_leaf("status", "Succeeded")],
        "own type": [_leaf("resourceType", operation.rsplit("/", 1)[0].lower())],
        "by group": [_leaf("resourceGroup", "rg-billing-prod-001")],
        "accepted only": [_leaf("status", "Accepted")],
        "by caller": [_leaf("caller", f"admin@{sub.mail_domain}")],
    }.get(form, [])
    scope = {
        "slash": f"{sub.id}/",
        "upper case": sub.id.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/"),
        "group scope": f"{sub.id}/resourceGroups/{_GROUP}",
    }.get(form, sub.id)
    rare = sub.rng.branch(f"rare/{slug}")
    if form in _BAD or form in _NARROWED:
        if rare.rare():
            scope, extra = _narrow(sub, rare)
    elif scope == sub.id:
        scope, levels = _harmless(sub, rare)
        extra = [*extra, *levels]
    enabled = {"no enabled": None, "disabled": False}.get(form, True)
    chosen = None if form == "no action group" else group
    _rule(sub, f"alert-{slug}", [category, named, *extra], chosen, scope=scope, enabled=enabled)


def _all_levels(rng: RandomSource) -> Json:
    """Return a condition on the level that excludes no event, because it lists all levels."""
    if rng.chance(0.5):
        return {"anyOf": [_leaf("level", level) for level in _LEVELS]}
    return {"field": "level", "containsAny": [level.lower() for level in _LEVELS]}


def _harmless(sub: Subscription, rng: RandomSource) -> tuple[str, list[Json]]:
    """Return (scope, further conditions) of an alert rule that excludes no event of the subscription.

    Rarely, the scope has an unusual spelling. For example, Microsoft's example
    ActivityLogAlertRule_ListBySubscriptionId (2020-10-01) lacks the leading slash.
    """
    if not rng.rare():
        return sub.id, []
    scope = rng.pick((sub.id, sub.id.upper(), sub.id.replace("/subscriptions/", "/Subscriptions/")))
    if rng.chance(0.7):
        scope = scope.removeprefix("/")
    return scope, [_all_levels(rng)] if rng.chance(0.5) else []


def _narrow(sub: Subscription, rng: RandomSource) -> tuple[str, list[Json]]:
    """Return (scope, further conditions) of an alert rule that excludes some events of the operation."""
    scope = sub.id.removeprefix("/")
    form = rng.pick(("resource group", "one level", "severe levels"))
    if form == "resource group":
        return f"{scope}/resourceGroups/{_GROUP}", []
    if form == "one level":
        return scope, [_leaf("level", "Error")]
    return scope, [{"field": "level", "containsAny": list(_LEVELS[:3])}]


def _rule(
    sub: Subscription,
    name: str,
    conditions: list[Json],
    group: str | None,
    *,
    scope: str | None = None,
    enabled: bool | None = True,
) -> None:
    actions = (
        []
        if group is None
        else [
            {
                "actionGroupId": sub.id_of(_GROUP, "microsoft.insights/actionGroups", group),
                "webhookProperties": {},
            }
        ]
    )
    properties: Json = {
        "scopes": [scope or sub.id],
        "condition": {"allOf": conditions},
        "actions": {"actionGroups": actions},
        "description": "Tells the operators of a change.",
    }
    if enabled is not None:
        properties["enabled"] = enabled
    sub.write(_GROUP, "Microsoft.Insights/activityLogAlerts", name, properties, location="Global", tags={})


def _condition(field: str, operator: str, *values: str) -> Json:
    return {"field": field, "operator": operator, "values": list(values)}


def _processing_rule(sub: Subscription, alert: str, form: str) -> None:
    """Write an alert processing rule of this form for an alert rule.

    Source: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-processing-rules
    """
    alert_id = sub.id_of(_GROUP, "Microsoft.Insights/activityLogAlerts", alert)
    condition = {
        "by id": _condition("AlertRuleId", "Equals", alert_id),
        "name contains": _condition("AlertRuleName", "Contains", alert.upper()),
        "another rule": _condition("AlertRuleName", "Equals", "cpu-of-batch-machines"),
    }.get(form, _condition("AlertRuleName", "Equals", alert))
    conditions = [condition]
    if form == "group":
        conditions.append(_condition("TargetResourceGroup", "Equals", f"{sub.id}/resourceGroups/rg-batch"))
    schedule: Json = {}
    if form == "nights":
        recurrence = {"recurrenceType": "Daily", "startTime": "20:00:00", "endTime": "06:00:00"}
        schedule = {"timeZone": "UTC", "recurrences": [recurrence]}
    elif form == "ended":
        ended = sub.rng.branch(f"ended/{alert}").time_ago(5, 90)
        schedule = {"effectiveUntil": ended.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}
    action: Json = {"actionType": "RemoveAllActionGroups"}
    if form == "adds a group":
        group = sub.id_of(_GROUP, "microsoft.insights/actionGroups", "ag-operations")
        action = {"actionType": "AddActionGroups", "actionGroupIds": [group]}
    another = f"/subscriptions/{sub.rng.branch(alert).guid()}"
    properties: Json = {
        "scopes": [another if form == "another subscription" else sub.id],
        "conditions": conditions,
        "actions": [action],
        "enabled": form != "off",
        **({"schedule": schedule} if schedule else {}),
    }
    name = f"quiet-{alert}"
    sub.write(_GROUP, "Microsoft.AlertsManagement/actionRules", name, properties, location="Global", tags={})


_RECEIVERS = (
    "emailReceivers",
    "smsReceivers",
    "webhookReceivers",
    "eventHubReceivers",
    "itsmReceivers",
    "azureAppPushReceivers",
    "automationRunbookReceivers",
    "voiceReceivers",
    "logicAppReceivers",
    "azureFunctionReceivers",
    "armRoleReceivers",
)


def _action_group(sub: Subscription, name: str, wrong: bool) -> str:
    rng = sub.rng
    form = (
        rng.pick(("gone", "disabled", "nobody", "unsubscribed"))
        if wrong
        else rng.pick(("mail", "sms", "role"))
    )
    if form == "gone":
        return sub.id_of(_GROUP, "microsoft.insights/actionGroups", name)
    properties: Json = {
        "groupShortName": name[3:15],
        "enabled": form != "disabled",
        **{r: [] for r in _RECEIVERS},
    }
    if form in ("mail", "disabled", "unsubscribed"):
        properties["emailReceivers"] = [
            {
                "name": "operators",
                "emailAddress": f"alerts@{sub.mail_domain}",
                "useCommonAlertSchema": True,
                "status": "Disabled" if form == "unsubscribed" else "Enabled",
            }
        ]
    elif form == "sms":
        properties["smsReceivers"] = [
            {"name": "on call", "countryCode": "1", "phoneNumber": "5550100", "status": "Enabled"}
        ]
    elif form == "role":
        properties["armRoleReceivers"] = [
            {"name": "owners", "roleId": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "useCommonAlertSchema": True}
        ]
    return sub.write(_GROUP, "microsoft.insights/actionGroups", name, properties, location="Global", tags={})
