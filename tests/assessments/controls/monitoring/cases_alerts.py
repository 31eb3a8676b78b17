"""Activity log alerts for operations, and the recipients of alerts."""

from __future__ import annotations

from typing import Any

from assessments.controls.monitoring.alerts import WATCHED
from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ALERTS = f"{RG}/providers/Microsoft.Insights/activityLogAlerts"
GROUP = f"{RG}/providers/Microsoft.Insights/actionGroups/Ops"
FOREIGN = GROUP.replace("10000000", "20000000")
SLUG, OPERATION = "monitoring-alert-nsg-write", "Microsoft.Network/networkSecurityGroups/write"

ADMINISTRATIVE = {"field": "category", "equals": "Administrative"}
SECURITY = {"field": "category", "equals": "Security"}
HEALTH = {"field": "category", "equals": "ServiceHealth"}
NAMED = {"field": "operationName", "equals": OPERATION}


def leaf(field: str, *values: str) -> dict[str, Any]:
    return (
        {"field": field, "equals": values[0]}
        if len(values) == 1
        else {"field": field, "containsAny": list(values)}
    )


def alert(
    *members: dict[str, Any], name: str = "a", groups: Any = (GROUP,), **properties: Any
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "enabled": True,
        "scopes": [SUB],
        "condition": {"allOf": list(members)},
        "actions": {"actionGroups": [{"actionGroupId": group} for group in groups]},
    }
    body = {key: value for key, value in (body | properties).items() if value is not ...}
    return doc(f"{ALERTS}/{name}", body)


BOTH = (ADMINISTRATIVE, NAMED)
# (name, rules, outcome, text of the reason or a remark)
TABLE: list[tuple[str, list[dict[str, Any]], str, str]] = [
    ("rule names the operation", [alert(*BOTH)], "pass", "a reports the operation"),
    (
        "another spelling",
        [
            alert(
                leaf("Category", "administrative"),
                leaf("operationname", OPERATION.upper()),
                scopes=[SUB.upper() + "/"],
            )
        ],
        "pass",
        "",
    ),
    ("enabled absent", [alert(*BOTH, enabled=...)], "pass", ""),
    ("contains any", [alert(ADMINISTRATIVE, leaf("operationName", "a/b/write", OPERATION))], "pass", ""),
    ("any of", [alert(ADMINISTRATIVE, {"anyOf": [leaf("operationName", "a/b/write"), NAMED]})], "pass", ""),
    ("succeeded", [alert(*BOTH, leaf("status", "Succeeded"))], "fail", "narrowed by status"),
    (
        "every status of a completed operation",
        [alert(*BOTH, leaf("status", "Started", "Succeeded"))],
        "fail",
        "narrowed by status",
    ),
    (
        "status beside one without",
        [alert(*BOTH, leaf("status", "Started")), alert(*BOTH, name="b")],
        "pass",
        "",
    ),
    # Not every operation has an event with the status Accepted, because only some resource providers answer 202.
    ("accepted alone", [alert(*BOTH, leaf("status", "Accepted"))], "fail", "narrowed by status"),
    ("in progress alone", [alert(*BOTH, leaf("status", "In Progress"))], "fail", "narrowed by status"),
    # An event has only one status, so no event meets both conditions.
    (
        "started and succeeded",
        [alert(*BOTH, leaf("status", "Started"), leaf("status", "Succeeded"))],
        "fail",
        "narrowed by status",
    ),
    (
        "a substatus, which is never the status",
        [alert(*BOTH, leaf("subStatus", "Started", "Succeeded"))],
        "fail",
        "narrowed by subStatus",
    ),
    (
        "narrowed to its own type and provider",
        [
            alert(
                *BOTH,
                leaf("resourceType", "microsoft.network/networksecuritygroups"),
                leaf("resourceProvider", "Microsoft.Network"),
            )
        ],
        "pass",
        "",
    ),
    (
        "second rule",
        [alert(ADMINISTRATIVE, leaf("operationName", "a/b/write")), alert(*BOTH, name="b")],
        "pass",
        "",
    ),
    ("scope without a leading slash", [alert(*BOTH, scopes=[SUB.lstrip("/")])], "pass", ""),
    (
        "every level",
        [alert(*BOTH, leaf("level", "Critical", "Error", "Warning", "Informational"))],
        "pass",
        "",
    ),
    (
        "any of every level",
        [
            alert(
                *BOTH,
                {
                    "anyOf": [
                        leaf("level", level) for level in ("critical", "error", "warning", "informational")
                    ]
                },
            )
        ],
        "pass",
        "",
    ),
    ("errors only", [alert(*BOTH, leaf("level", "Error", "Critical"))], "fail", "narrowed by level"),
    ("two scopes", [alert(*BOTH, scopes=[RG, SUB])], "pass", ""),
    ("disabled", [alert(*BOTH, enabled=False)], "fail", "disabled"),
    ("resource group", [alert(*BOTH, scopes=[RG])], "fail", "scope"),
    ("another subscription", [alert(*BOTH, scopes=[SUB.replace("1000", "2000")])], "fail", "scope"),
    ("no action group", [alert(*BOTH, groups=())], "fail", "no action group"),
    ("category Security", [alert(SECURITY, NAMED)], "fail", "category is Security"),
    ("no category", [alert(NAMED)], "fail", "names no category"),
    ("two categories", [alert(*BOTH, leaf("category", "Policy"))], "fail", "narrowed by category"),
    ("failed operations only", [alert(*BOTH, leaf("status", "Failed"))], "fail", "narrowed by status"),
    ("one caller", [alert(*BOTH, leaf("caller", "x@example.com"))], "fail", "narrowed by caller"),
    ("one resource group", [alert(*BOTH, leaf("resourceGroup", "rg"))], "fail", "narrowed by resourceGroup"),
    (
        "another resource type",
        [alert(*BOTH, leaf("resourceType", "Microsoft.Compute/disks"))],
        "fail",
        "resourceType",
    ),
    (
        "two operations",
        [alert(*BOTH, leaf("operationName", "a/b/write"))],
        "fail",
        "operationName",
    ),
    (
        "other operation",
        [alert(ADMINISTRATIVE, leaf("operationName", "a/b/write"))],
        "fail",
        "No alert rule reports",
    ),
    (
        "resource type without operation and without action group",
        [alert(ADMINISTRATIVE, leaf("resourceType", "microsoft.network/networksecuritygroups"), groups=())],
        "fail",
        "the closest one is a, but it has no action group",
    ),
    (
        "another resource type without operation",
        [alert(ADMINISTRATIVE, leaf("resourceType", "Microsoft.Compute/disks"))],
        "fail",
        f"No alert rule reports {OPERATION}",
    ),
    (
        "resource type without category",
        [alert(leaf("resourceType", "microsoft.network/networksecuritygroups"))],
        "fail",
        f"No alert rule reports {OPERATION}",
    ),
    (
        "closest of two rules",
        [alert(*BOTH, enabled=False, groups=()), alert(*BOTH, name="b", scopes=[RG])],
        "fail",
        "is b,",
    ),
    ("no rule", [], "fail", "No alert rule reports"),
    ("scopes absent", [alert(*BOTH, scopes=...)], "unknown", "scopes"),
    ("actions absent", [alert(*BOTH, actions=...)], "unknown", "actions"),
    ("group without id", [alert(*BOTH, actions={"actionGroups": [{}]})], "unknown", "actionGroupId"),
    ("condition absent", [alert(condition=...)], "unknown", "condition"),
    ("leaf without values", [alert(ADMINISTRATIVE, {"field": "operationName"})], "unknown", ""),
    ("enabled is text", [alert(*BOTH, enabled="true")], "unknown", "enabled"),
    ("unreadable but disabled", [alert(condition=..., enabled=False)], "fail", "No alert rule reports"),
    ("one unreadable, one matching", [alert(condition=...), alert(*BOTH, name="b")], "pass", ""),
]

STATUS: list[tuple[str, list[dict[str, Any]], str]] = [
    ("succeeded", [leaf("status", "Succeeded")], "pass"),
    ("started or accepted", [leaf("status", "Started", "Accepted")], "pass"),
    ("started or succeeded", [{"anyOf": [leaf("status", "Failed"), leaf("status", "Succeeded")]}], "pass"),
    (
        "two conditions that both include succeeded",
        [leaf("status", "Started", "Succeeded"), leaf("status", "Succeeded", "Failed")],
        "pass",
    ),
    ("accepted alone", [leaf("status", "Accepted")], "fail"),
]

EVALUATOR = [
    *(
        Case(SLUG, name, {"activity_log_alerts": rules}, {SUB: outcome}, reason=text)
        for name, rules, outcome, text in TABLE
    ),
    Case(
        SLUG,
        "catch-all",
        {"activity_log_alerts": [alert(ADMINISTRATIVE)]},
        {SUB: "pass"},
        remark="names no operation",
    ),
    *(
        Case(
            SLUG,
            f"catch-all with every {member['field']} of the operation",
            {"activity_log_alerts": [alert(ADMINISTRATIVE, member)]},
            {SUB: "pass"},
            remark="names no operation",
        )
        for member in (
            leaf("resourceType", "microsoft.network/networksecuritygroups"),
            leaf("resourceProvider", "Microsoft.Network"),
            leaf("level", "Critical", "Error", "Warning", "Informational"),
        )
    ),
    Case(
        SLUG,
        "catch-all of a resource type not accepted",
        {
            "activity_log_alerts": [
                alert(ADMINISTRATIVE, leaf("resourceType", "microsoft.network/networksecuritygroups"))
            ]
        },
        {SUB: "fail"},
        params={"accept_catch_all": False},
        reason="names no operation, which is not accepted",
    ),
    Case(
        SLUG,
        "catch-all not accepted",
        {"activity_log_alerts": [alert(ADMINISTRATIVE)]},
        {SUB: "fail"},
        params={"accept_catch_all": False},
        reason="not accepted",
    ),
    *(
        Case(
            SLUG,
            f"accepted: {name}",
            {"activity_log_alerts": [alert(*BOTH, *members)]},
            {SUB: outcome},
            params={"accept_status": True},
        )
        for name, members, outcome in STATUS
    ),
    Case(SLUG, "forbidden", {}, {SUB: "unknown"}, [gap("activity_log_alerts")]),
    Case(
        SLUG,
        "second page forbidden",
        {"activity_log_alerts": [alert(*BOTH)]},
        {SUB: "pass"},
        [gap("activity_log_alerts")],
    ),
]

FAMILY = [
    case
    for watched in WATCHED
    for case in (
        Case(
            watched.slug,
            "rule for this operation only",
            {"activity_log_alerts": [alert(ADMINISTRATIVE, leaf("operationName", watched.operation))]},
            {SUB: "pass"},
        ),
        Case(
            watched.slug,
            "rules for the other operations only",
            {
                "activity_log_alerts": [
                    alert(
                        ADMINISTRATIVE,
                        leaf(
                            "operationName", *[other.operation for other in WATCHED if other is not watched]
                        ),
                    )
                ]
            },
            {SUB: "fail"},
        ),
        Case(watched.slug, "rules forbidden", {}, {SUB: "unknown"}, [gap("activity_log_alerts")]),
    )
]


OTHER_SUB = SUB.replace("1000", "2000")
IN_SIGHT = {"/subscriptions": [{"id": SUB, "tenantId": "t"}, {"id": OTHER_SUB, "tenantId": "t"}]}


def in_other_subscription(*rules: dict[str, Any], own: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """Alert rules in another subscription, and alert rules in this subscription."""
    moved = [{**rule, "id": rule["id"].replace(SUB, OTHER_SUB)} for rule in rules]
    return {
        "activity_log_alerts": list(own),
        "visible_subscriptions": IN_SIGHT,
        "alerts_elsewhere": {OTHER_SUB: moved},
    }


MANY = {"/subscriptions": [{"id": f"/subscriptions/{n}", "tenantId": "t"} for n in range(130)]}

ELSEWHERE = [
    Case(
        SLUG,
        "rule in another subscription",
        in_other_subscription(alert(*BOTH)),
        {SUB: "pass"},
        reason="a in subscription",
    ),
    Case(
        SLUG,
        "own rule before one of another subscription",
        in_other_subscription(alert(*BOTH, name="b"), own=(alert(*BOTH),)),
        {SUB: "pass"},
        reason="The alert rule a reports",
    ),
    Case(
        SLUG,
        "rule for another subscription only",
        in_other_subscription(alert(*BOTH, scopes=[OTHER_SUB])),
        {SUB: "fail"},
    ),
    Case(
        SLUG,
        "disabled in another subscription",
        in_other_subscription(alert(*BOTH, enabled=False)),
        {SUB: "fail"},
    ),
    Case(
        SLUG,
        "unreadable in another subscription",
        in_other_subscription(alert(condition=...)),
        {SUB: "unknown"},
        reason="condition",
    ),
    Case(
        SLUG,
        "wrong types in another subscription",
        in_other_subscription(alert(*BOTH, scopes="x", actions=7)),
        {SUB: "unknown"},
    ),
    Case(
        SLUG,
        "unreadable in another subscription, and for that subscription only",
        in_other_subscription(alert(condition=..., scopes=[OTHER_SUB])),
        {SUB: "fail"},
    ),
    Case(
        SLUG,
        "unreadable in another subscription, and a readable rule",
        in_other_subscription(alert(condition=...), alert(*BOTH, name="b")),
        {SUB: "pass"},
    ),
    Case(
        SLUG,
        "own rules forbidden, rule in another subscription",
        in_other_subscription(alert(*BOTH)),
        {SUB: "pass"},
        [gap("activity_log_alerts")],
    ),
    Case(
        SLUG,
        "rules of another subscription forbidden",
        {"visible_subscriptions": IN_SIGHT},
        {SUB: "fail"},
        [gap("alerts_elsewhere", OTHER_SUB)],
        remark="Not all other subscriptions could be checked",
    ),
    Case(
        SLUG,
        "subscriptions forbidden",
        {},
        {SUB: "fail"},
        [gap("visible_subscriptions", "/subscriptions")],
        remark="Not all other subscriptions could be checked",
    ),
    Case(
        SLUG,
        "too many subscriptions",
        {"visible_subscriptions": MANY},
        {SUB: "fail"},
        remark="too many other subscriptions (130)",
    ),
]


def group(identifier: str = GROUP, **properties: Any) -> dict[str, Any]:
    return doc(identifier, {"enabled": True, **properties})


def alert_with_groups(*groups: dict[str, Any], **rule: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"activity_log_alerts": [alert(*BOTH, **rule)]}
    return found | {"action_groups": list(groups)} if groups else found


MAIL = [{"name": "ops", "emailAddress": "ops@example.com", "status": "Enabled"}]
WHO = "monitoring-alert-recipients"
RECIPIENTS = [
    Case(WHO, "e-mail receiver", alert_with_groups(group(emailReceivers=MAIL)), {GROUP: "pass"}),
    Case(
        WHO,
        "another spelling",
        alert_with_groups(group(emailReceivers=MAIL), groups=(GROUP.upper(),)),
        {GROUP: "pass"},
    ),
    Case(
        WHO,
        "webhook receiver",
        alert_with_groups(group(emailReceivers=[], webhookReceivers=[{"name": "w"}])),
        {GROUP: "pass"},
    ),
    Case(
        WHO,
        "role receiver",
        alert_with_groups(group(armRoleReceivers=[{"name": "owners", "roleId": "x"}])),
        {GROUP: "pass"},
    ),
    Case(
        WHO,
        "no receiver",
        alert_with_groups(group(emailReceivers=[])),
        {GROUP: "fail"},
        reason="reaches nobody",
    ),
    Case(
        WHO,
        "unsubscribed",
        alert_with_groups(group(emailReceivers=[MAIL[0] | {"status": "Disabled"}])),
        {GROUP: "fail"},
    ),
    Case(
        WHO,
        "never subscribed",
        alert_with_groups(group(emailReceivers=[MAIL[0] | {"status": "NotSpecified"}])),
        {GROUP: "fail"},
    ),
    Case(
        WHO,
        "disabled",
        alert_with_groups(group(enabled=False, emailReceivers=MAIL)),
        {GROUP: "fail"},
        reason="disabled",
    ),
    Case(WHO, "deleted group", alert_with_groups(), {GROUP: "fail"}, reason="does not exist"),
    Case(
        WHO,
        "group in another subscription",
        {
            "activity_log_alerts": [alert(*BOTH, groups=(FOREIGN,))],
            "foreign_action_groups": [group(FOREIGN, emailReceivers=MAIL)],
        },
        {FOREIGN: "pass"},
    ),
    Case(
        WHO,
        "group in another subscription forbidden",
        {"activity_log_alerts": [alert(*BOTH, groups=(FOREIGN,))]},
        {FOREIGN: "unknown"},
        [gap("foreign_action_groups", FOREIGN)],
    ),
    Case(
        WHO,
        "two groups",
        alert_with_groups(group(emailReceivers=MAIL), groups=(GROUP, FOREIGN)),
        {GROUP: "pass", FOREIGN: "fail"},
    ),
    Case(
        WHO, "status absent", alert_with_groups(group(emailReceivers=[{"name": "ops"}])), {GROUP: "unknown"}
    ),
    Case(
        WHO, "enabled absent", alert_with_groups(group(enabled=None, emailReceivers=MAIL)), {GROUP: "unknown"}
    ),
    Case(WHO, "receivers is text", alert_with_groups(group(emailReceivers="ops")), {GROUP: "unknown"}),
    Case(WHO, "rule without effect", alert_with_groups(group(), enabled=False), {SUB: "not_applicable"}),
    Case(WHO, "no rule", {}, {SUB: "not_applicable"}),
    *(
        Case(WHO, f"service health, {name}", {"activity_log_alerts": [alert(*members, **changes)]}, expect)
        for name, members, changes, expect in (
            ("every kind", (HEALTH,), {}, {GROUP: "fail"}),
            ("service issues", (HEALTH, leaf("properties.incidentType", "Incident")), {}, {GROUP: "fail"}),
            (
                "maintenance",
                (HEALTH, leaf("properties.incidentType", "Maintenance")),
                {},
                {SUB: "not_applicable"},
            ),
            ("disabled", (HEALTH,), {"enabled": False}, {SUB: "not_applicable"}),
            ("a new kind", (HEALTH, leaf("properties.incidentType", "Rumour")), {}, {SUB: "unknown"}),
        )
    ),
    Case(
        WHO,
        "service health, a receiver",
        {"activity_log_alerts": [alert(HEALTH)], "action_groups": [group(emailReceivers=MAIL)]},
        {GROUP: "pass"},
    ),
    Case(
        WHO,
        "service health, rule in another subscription",
        {**in_other_subscription(alert(HEALTH)), "action_groups": [group(emailReceivers=MAIL)]},
        {SUB: "not_applicable"},
    ),
    Case(WHO, "unreadable rule", {"activity_log_alerts": [alert(condition=...)]}, {SUB: "unknown"}),
    Case(
        WHO,
        "group of a rule in another subscription",
        {**in_other_subscription(alert(*BOTH)), "action_groups": [group(emailReceivers=[])]},
        {GROUP: "fail"},
    ),
    Case(WHO, "rules forbidden", {}, {SUB: "unknown"}, [gap("activity_log_alerts")]),
    Case(
        WHO,
        "groups forbidden",
        alert_with_groups(),
        {GROUP: "unknown"},
        [gap("action_groups"), gap("foreign_action_groups", GROUP, Reason.FORBIDDEN)],
    ),
]

CASES = [*EVALUATOR, *FAMILY, *ELSEWHERE, *RECIPIENTS]

ABSENCE_PASSES = [
    (r"monitoring-alert-.*", r"properties\.enabled", "an alert rule is enabled by default"),
    (
        r"monitoring-alert-.*",
        r"properties\.description",
        "a rule without a description matches no filter on it",
    ),
    (
        r"monitoring-alert-.*",
        r"properties\.conditions",
        "a processing rule without a filter is about all alerts",
    ),
]
OFFICIAL_VERDICTS = """
monitoring-alert-nsg-delete fail: unit
monitoring-alert-nsg-rule-delete fail: unit
monitoring-alert-nsg-rule-write fail: unit
monitoring-alert-nsg-write fail: unit
monitoring-alert-pip-delete fail: unit
monitoring-alert-pip-write fail: unit
monitoring-alert-policy-assignment-delete fail: unit
monitoring-alert-policy-assignment-write fail: unit
monitoring-alert-recipients not_applicable: unit
monitoring-alert-security-policy-write fail: unit
monitoring-alert-security-solution-delete fail: unit
monitoring-alert-security-solution-write fail: unit
monitoring-alert-sql-firewall-delete fail: unit
monitoring-alert-sql-firewall-write fail: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Monitor › Alerts › Create › Alert rule › Scope: {subscription} › Signal: Activity log",
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/alerts/includes/alerts-wizard-access.md",
            "752723628db9079f1cc7739d4c6a4cb1775f9caf",
            "select Monitor",
            "select Alerts",
            "Select + Create > Alert rule",
            "The scope of the alert rule",
        ),
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/alerts/alerts-create-activity-log-alert-rule.md",
            "3682c786d63b638748b2a3fa67beaf371f0353fa",
            "Signal type",
            "select Activity log",
        ),
    ),
    ComparedPath(
        "Azure portal › Monitor › Alerts › Action groups › {action_group} › Notifications",
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/alerts/action-groups.md",
            "0fbb3c9ea74ddab08806408ecebc570e9aae89f4",
            "From the Monitor page, select Alerts",
            "Select Action groups",
            "the Notifications tab",
        ),
    ),
]
