"""Alert processing rules, which can remove the action groups of alerts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.monitoring.cases_alerts import (
    ADMINISTRATIVE,
    ALERTS,
    BOTH,
    GROUP,
    MAIL,
    SLUG,
    alert,
    leaf,
)

PROCESSING = f"{RG}/providers/Microsoft.AlertsManagement/actionRules"


def processing(name: str = "mute", **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "enabled": True,
        "scopes": [SUB],
        "conditions": [],
        "actions": [{"actionType": "RemoveAllActionGroups"}],
        **changes,
    }
    return doc(f"{PROCESSING}/{name}", {key: value for key, value in body.items() if value is not ...})


def condition(field: str, operator: str, *values: str) -> dict[str, Any]:
    return {"field": field, "operator": operator, "values": list(values)}


def muted(name: str, *rules: dict[str, Any], expect: str, text: str = "", alerts: Any = None) -> Case:
    docs = {
        "activity_log_alerts": {SUB: alerts or [alert(*BOTH)]},
        "alert_processing_rules": {SUB: list(rules)},
    }
    shown = {"remark": text} if expect == "pass" else {"reason": text}
    return Case(SLUG, f"processing rules: {name}", docs, {SUB: expect}, **(shown if text else {}))


def adding(name: str = "notify", groups: Any = (GROUP,), **changes: Any) -> dict[str, Any]:
    return processing(
        name, actions=[{"actionType": "AddActionGroups", "actionGroupIds": list(groups)}], **changes
    )


def added(
    name: str, *rules: dict[str, Any], expect: str, gaps: Any = (), alerts: Any = None, **more: Any
) -> Case:
    """A case of rules that add action groups to alerts. By default, the alert rule itself has no action group."""
    docs = {
        "activity_log_alerts": {SUB: alerts or [alert(*BOTH, groups=())]},
        "alert_processing_rules": {SUB: list(rules)},
    }
    return Case(SLUG, f"added groups: {name}", docs, {SUB: expect}, list(gaps), **more)


RULE_WRITE = "monitoring-alert-nsg-rule-write"
RULE_OPERATION = "Microsoft.Network/networkSecurityGroups/securityRules/write"
NSG_TYPE = "microsoft.network/networksecuritygroups"


def of_type(operator: str, *types: str) -> dict[str, Any]:
    return condition("TargetResourceType", operator, *types)


def _period(begins: str, ends: str | None = None) -> dict[str, Any]:
    return {"effectiveFrom": begins, "timeZone": "UTC"} | ({"effectiveUntil": ends} if ends else {})


ON_ALERT = condition("AlertRuleId", "Equals", f"{ALERTS}/A")
CASES = [
    muted("none", expect="pass"),
    muted(
        "suppresses all", processing(), expect="fail", text="processing rule mute removes its action groups"
    ),
    muted("enabled and conditions absent", processing(enabled=..., conditions=...), expect="fail"),
    muted("another spelling", processing(scopes=[SUB.upper().lstrip("/")]), expect="fail"),
    muted("switched off", processing(enabled=False), expect="pass"),
    muted(
        "adds action groups",
        processing(actions=[{"actionType": "AddActionGroups", "actionGroupIds": [GROUP]}]),
        expect="pass",
    ),
    muted(
        "of a resource group",
        processing(scopes=[RG]),
        expect="pass",
        text="mute removes the action groups from some",
    ),
    muted("of another subscription", processing(scopes=[SUB.replace("1", "3")]), expect="pass"),
    muted(
        "on a schedule",
        processing(schedule={"recurrences": [{"recurrenceType": "Daily"}]}),
        expect="pass",
        text="some alerts of the alert rule",
    ),
    muted("ended", processing(schedule={"effectiveUntil": "2018-12-10T22:05:09"}), expect="pass"),
    muted(
        "ends today",
        processing(schedule={"effectiveUntil": "2026-11-25T09:00:00"}),
        expect="pass",
        text="some alerts of the alert rule",
    ),
    muted("since a day, without end", processing(schedule=_period("2025-01-01T00:00:00")), expect="fail"),
    muted(
        "since a day, without recurrences",
        processing(schedule={**_period("2025-01-01T00:00:00"), "recurrences": []}),
        expect="fail",
    ),
    muted(
        "in a period that is open",
        processing(schedule=_period("2025-01-01T00:00:00", "2099-01-01T00:00:00")),
        expect="fail",
    ),
    muted(
        "in a period that recurs",
        processing(
            schedule={
                **_period("2025-01-01T00:00:00", "2099-01-01T00:00:00"),
                "recurrences": [{"recurrenceType": "Daily", "startTime": "18:00:00", "endTime": "06:00:00"}],
            }
        ),
        expect="pass",
        text="some alerts of the alert rule",
    ),
    muted(
        "in a period that begins today in some time zones",
        processing(schedule=_period("2026-11-25T06:00:00", "2099-01-01T00:00:00")),
        expect="pass",
        text="some alerts of the alert rule",
    ),
    muted(
        "in a period that will begin",
        processing(schedule=_period("2027-01-01T00:00:00", "2099-01-01T00:00:00")),
        expect="pass",
        text="some alerts of the alert rule",
    ),
    muted(
        "for the type of the resource", processing(conditions=[of_type("Equals", NSG_TYPE)]), expect="fail"
    ),
    muted(
        "for all types but another one",
        processing(conditions=[of_type("NotEquals", "Microsoft.Compute/virtualMachines")]),
        expect="fail",
    ),
    muted(
        "for another type",
        processing(conditions=[of_type("Equals", "Microsoft.Compute/virtualMachines")]),
        expect="pass",
    ),
    muted(
        "for all types but the resource's",
        processing(conditions=[of_type("NotEquals", NSG_TYPE)]),
        expect="pass",
    ),
    muted(
        "of another subscription with an unreadable condition",
        processing(scopes=[SUB.replace("1", "3")], conditions=[condition("Severity", "Above", "Sev1")]),
        expect="pass",
    ),
    muted(
        "ended, with an unreadable condition",
        processing(
            schedule={"effectiveUntil": "2018-12-10T22:05:09"},
            conditions=[condition("Severity", "Above", "Sev1")],
        ),
        expect="pass",
    ),
    muted(
        "for another alert rule, with an unreadable condition",
        processing(
            conditions=[
                condition("Severity", "Above", "Sev1"),
                condition("AlertRuleId", "Equals", f"{ALERTS}/b"),
            ]
        ),
        expect="pass",
    ),
    muted("for this alert rule", processing(conditions=[ON_ALERT]), expect="fail"),
    muted(
        "for another alert rule",
        processing(conditions=[condition("AlertRuleId", "Equals", f"{ALERTS}/b")]),
        expect="pass",
    ),
    *(
        muted(
            f"for this alert rule, spelt {how}",
            processing(conditions=[condition("AlertRuleId", operator, spelt)]),
            expect=expect,
        )
        for how, operator, spelt, expect in (
            ("without a leading slash", "Equals", f"{ALERTS}/a".lstrip("/"), "fail"),
            ("in capitals without a leading slash", "Equals", f"{ALERTS}/A".upper().lstrip("/"), "fail"),
            ("with slashes around", "Equals", f"{ALERTS}/a/", "fail"),
            ("as the end of the id", "Contains", "/activityLogAlerts/a", "fail"),
            ("as the start of the id", "Contains", f"{RG}/", "fail"),
            ("without a leading slash, negated", "NotEquals", f"{ALERTS}/a".lstrip("/"), "pass"),
            ("as the start of another id", "Contains", f"{RG}-2", "pass"),
        )
    ),
    muted(
        "one that cannot be read and one that suppresses all",
        processing("odd", actions="all"),
        processing(),
        expect="fail",
        text="processing rule mute removes its action groups",
    ),
    muted(
        "one that suppresses all and one that cannot be read",
        processing(),
        processing("odd", conditions=[condition("Severity", "Above", "Sev1")]),
        expect="fail",
    ),
    muted(
        "one that cannot be read and one for some alerts",
        processing("odd", actions="all"),
        processing(scopes=[RG]),
        expect="unknown",
    ),
    muted(
        "for all alert rules but this one",
        processing(conditions=[condition("AlertRuleName", "NotEquals", "a")]),
        expect="pass",
    ),
    muted(
        "for names that contain the rule's",
        processing(conditions=[condition("AlertRuleId", "Contains", "activitylogalerts/a")]),
        expect="fail",
    ),
    muted(
        "for names that do not contain the rule's",
        processing(conditions=[condition("AlertRuleName", "DoesNotContain", "x")]),
        expect="fail",
    ),
    muted(
        "for another service",
        processing(conditions=[condition("MonitorService", "Equals", "Platform", "Application Insights")]),
        expect="pass",
    ),
    muted(
        "for the activity log",
        processing(
            conditions=[condition("MonitorService", "Equals", "Platform", "ActivityLog Administrative")]
        ),
        expect="fail",
    ),
    muted(
        "for the activity log as the documentation writes it",
        processing(conditions=[condition("MonitorService", "Equals", "Activity Log – Administrative")]),
        expect="fail",
    ),
    muted(
        "for every service but the activity log",
        processing(conditions=[condition("MonitorService", "NotEquals", "ActivityLog Administrative")]),
        expect="pass",
    ),
    muted(
        "for another part of the activity log",
        processing(conditions=[condition("MonitorService", "Equals", "ActivityLog Security")]),
        expect="pass",
        text="some alerts of the alert rule",
    ),
    muted(
        "for fired alerts",
        processing(conditions=[condition("MonitorCondition", "Equals", "Fired")]),
        expect="fail",
    ),
    muted(
        "for resolved alerts",
        processing(conditions=[condition("MonitorCondition", "Equals", "Resolved")]),
        expect="pass",
    ),
    muted(
        "for the severity of activity log alerts",
        processing(conditions=[condition("Severity", "Equals", "Sev0", "Sev4")]),
        expect="fail",
    ),
    muted(
        "for other severities",
        processing(conditions=[condition("Severity", "Equals", "Sev0", "Sev1")]),
        expect="pass",
    ),
    muted(
        "for the description of the alert rule",
        processing(conditions=[condition("Description", "Contains", "baseline")]),
        expect="fail",
        alerts=[alert(*BOTH, description="Baseline: security group changed")],
    ),
    muted(
        "for another description",
        processing(conditions=[condition("Description", "Contains", "baseline")]),
        expect="pass",
    ),
    muted(
        "for some resource groups",
        processing(conditions=[condition("TargetResourceGroup", "Equals", RG)]),
        expect="pass",
        text="some alerts of the alert rule",
    ),
    muted(
        "one of two alert rules",
        processing(conditions=[ON_ALERT]),
        expect="pass",
        alerts=[alert(*BOTH), alert(*BOTH, name="b")],
    ),
    *(
        Case(
            RULE_WRITE,
            f"processing rules: for types, {name}",
            {
                "activity_log_alerts": {SUB: [alert(ADMINISTRATIVE, leaf("operationName", RULE_OPERATION))]},
                "alert_processing_rules": {SUB: [processing(conditions=[rule])]},
            },
            {SUB: expect},
            remark=remark,
        )
        for name, rule, expect, remark in (
            (
                "the child resource",
                of_type("Equals", f"{NSG_TYPE}/securityRules"),
                "pass",
                "some alerts of the alert rule",
            ),
            ("the parent", of_type("Equals", NSG_TYPE), "pass", "some alerts of the alert rule"),
            ("both", of_type("Contains", NSG_TYPE), "fail", ""),
            ("neither", of_type("Equals", "Microsoft.Sql/servers"), "pass", ""),
        )
    ),
    muted("actions unreadable", processing(actions="all"), expect="unknown"),
    added("none", expect="fail", reason="it has no action group", no_remark="adds"),
    added("to all alerts", adding(), expect="pass", remark="rule notify adds action groups to its alerts"),
    added(
        "to all severities",
        adding(conditions=[condition("Severity", "Equals", "Sev0", "Sev1", "Sev2", "Sev3", "Sev4")]),
        expect="pass",
    ),
    added(
        "to another severity",
        adding(conditions=[condition("Severity", "Equals", "Sev1")]),
        expect="fail",
        no_remark="adds",
    ),
    added("of another subscription", adding(scopes=[SUB.replace("1", "3")]), expect="fail"),
    added("switched off", adding(enabled=False), expect="fail"),
    added(
        "in a resource group",
        adding(scopes=[RG]),
        expect="fail",
        remark="rule notify adds action groups to some alerts of the alert rule",
    ),
    added("and removed", adding(), processing(), expect="fail", reason="rule mute removes its action groups"),
    added("unreadable", processing(actions="all"), expect="unknown"),
    added("forbidden", expect="unknown", gaps=[gap("alert_processing_rules")]),
    added("to a rule that is off", adding(), expect="fail", alerts=[alert(*BOTH, groups=(), enabled=False)]),
    added(
        "to an unreadable rule", adding(), expect="unknown", alerts=[alert(*BOTH, groups=(), enabled="maybe")]
    ),
    added(
        "beside a rule with a group",
        adding(scopes=[SUB.replace("1", "3")]),
        expect="pass",
        no_remark="adds",
        alerts=[alert(*BOTH, groups=()), alert(*BOTH, name="b")],
    ),
    *(
        Case(
            "monitoring-alert-recipients",
            f"added groups: {name}",
            {
                "activity_log_alerts": [alert(*BOTH, groups=())],
                "alert_processing_rules": [rule],
                "action_groups": [doc(GROUP, {"enabled": True, "emailReceivers": MAIL})],
            },
            expect,
        )
        for name, rule, expect in (
            ("reached", adding(), {GROUP: "pass"}),
            ("missing", adding(groups=(f"{GROUP}-2",)), {f"{GROUP}-2": "fail"}),
            ("for some alerts", adding(scopes=[RG]), {SUB: "not_applicable"}),
            ("unreadable", processing(actions="all"), {SUB: "unknown"}),
        )
    ),
    muted(
        "a new operator", processing(conditions=[condition("Severity", "Above", "Sev1")]), expect="unknown"
    ),
    Case(
        SLUG,
        "processing rules: forbidden",
        {"activity_log_alerts": {SUB: [alert(*BOTH)]}},
        {SUB: "pass"},
        [gap("alert_processing_rules")],
        remark="It is not known whether an alert processing rule suppresses the alert",
    ),
]
