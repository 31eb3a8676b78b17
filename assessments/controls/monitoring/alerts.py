"""monitoring-alert-*: one evaluator, an alert rule for each operation that should be noticed."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.controls.context import Context, Unanswered
from assessments.controls.declare import Control, Parameter, References, per_scope
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.alerts import Match, match
from assessments.estate.collections import ACTIVITY_LOG_ALERTS
from assessments.estate.view import Unreadable

_DOC = """Alert on: {title}.

Judged: the subscription's activity log alert rules: one has to be enabled, cover the whole
subscription, ask for the category Administrative and the operation {operation} (or for the category
alone, which is a remark), narrow it by nothing else, and have an action group.
Why: {why}
Fix: az monitor activity-log alert create -g RG -n NAME --scope /subscriptions/ID
--condition category=Administrative and operationName={operation} --action-group ACTION_GROUP_ID
"""

ACCEPT_CATCH_ALL = Parameter(
    "accept_catch_all", True, "Accept a rule that covers every administrative operation of the subscription"
)


@dataclass(frozen=True, slots=True)
class Watched:
    """An operation that an alert should tell of, and its CIS numbers (5.0 and 6.0 are alike)."""

    slug: str
    operation: str
    title: str
    why: str
    severity: Severity = Severity.MEDIUM
    c2: str = ""
    c3: str = ""
    c4: str = ""
    c5: str = ""
    nist: str = "AU-6* SI-4*"


_NSG = "whoever opens a network security group opens the machines behind it."
_SQL = "whoever changes a SQL firewall decides who reaches the data."
_SOLUTION = "a security solution that is changed or removed no longer protects."
_POLICY = "a policy that is changed no longer guards what it did."

WATCHED = (
    Watched(
        "monitoring-alert-policy-assignment-write", "Microsoft.Authorization/policyAssignments/write",
        "create or update a policy assignment", _POLICY, Severity.HIGH,
        "5.2.1", "6.2.1", "7.1.2.1", "6.1.2.1", "AU-6* SI-4* CM-3*",
    ),
    Watched(
        "monitoring-alert-nsg-write", "Microsoft.Network/networkSecurityGroups/write",
        "create or update a network security group", _NSG, Severity.HIGH,
        "5.2.3", "6.2.3", "7.1.2.3", "6.1.2.3",
    ),
    Watched(
        "monitoring-alert-nsg-delete", "Microsoft.Network/networkSecurityGroups/delete",
        "delete a network security group", _NSG, Severity.HIGH, "5.2.4", "6.2.4", "7.1.2.4", "6.1.2.4",
    ),
    Watched(
        "monitoring-alert-nsg-rule-write", "Microsoft.Network/networkSecurityGroups/securityRules/write",
        "create or update a network security rule", _NSG, Severity.HIGH,
    ),
    Watched(
        "monitoring-alert-nsg-rule-delete", "Microsoft.Network/networkSecurityGroups/securityRules/delete",
        "delete a network security rule", _NSG, Severity.HIGH,
    ),
    Watched(
        "monitoring-alert-sql-firewall-write", "Microsoft.Sql/servers/firewallRules/write",
        "create or update a SQL firewall rule", _SQL, Severity.MEDIUM, "5.2.7", "6.2.7", "7.1.2.7", "6.1.2.7",
    ),
    Watched(
        "monitoring-alert-sql-firewall-delete", "Microsoft.Sql/servers/firewallRules/delete",
        "delete a SQL firewall rule", _SQL, Severity.MEDIUM, "5.2.8", "6.2.8", "7.1.2.8", "6.1.2.8",
    ),
    Watched(
        "monitoring-alert-security-solution-write", "Microsoft.Security/securitySolutions/write",
        "create or update a security solution", _SOLUTION, Severity.MEDIUM,
        "5.2.5", "6.2.5", "7.1.2.5", "6.1.2.5",
    ),
    Watched(
        "monitoring-alert-security-solution-delete", "Microsoft.Security/securitySolutions/delete",
        "delete a security solution", _SOLUTION, Severity.MEDIUM, "5.2.6", "6.2.6", "7.1.2.6", "6.1.2.6",
    ),
    Watched(
        "monitoring-alert-security-policy-write", "Microsoft.Security/policies/write",
        "change the security policy", _POLICY, Severity.HIGH,
    ),
)  # fmt: skip


def _declare(watched: Watched) -> Control:
    @per_scope(
        needs=[ACTIVITY_LOG_ALERTS],
        slug=watched.slug,
        doc=_DOC.format(title=watched.title, operation=watched.operation, why=watched.why),
        severity=watched.severity,
        expected=f"an enabled alert rule on {watched.operation} for the subscription, with an action group",
        references=References(
            c2=watched.c2, c3=watched.c3, c4=watched.c4, c5=watched.c5, c6=watched.c5, mcsb="LT-3* IR-3*",
            nist=watched.nist,
        ),
        parameters=[ACCEPT_CATCH_ALL],
    )  # fmt: skip
    def rule(ctx: Context) -> Verdict:
        return _judge(ctx, watched.operation)

    return rule


def _judge(ctx: Context, operation: str) -> Verdict:
    rules, gaps = ctx.partial(ACTIVITY_LOG_ALERTS)
    related: list[Match] = []
    problem: Unreadable | None = None
    for rule in rules:
        try:
            found = match(rule, operation, ctx.scope_id, accept_catch_all=ctx.params["accept_catch_all"])
        except Unreadable as error:
            problem = problem or error
            continue
        if found is not None:
            related.append(found)
    related.sort(key=lambda found: (len(found.misses), found.catch_all, found.rule.id.casefold()))
    if related and related[0].fires:
        return _passed(related[0])
    if gaps:
        raise Unanswered(gaps[0])
    if problem:
        raise problem
    if not related:
        return failed(f"no alert rule watches {operation}", nearest=None)
    nearest = related[0]
    but = " and ".join(nearest.misses)
    return failed(
        f"no alert rule tells of {operation}; the nearest is {nearest.rule.name}, but {but}",
        nearest=nearest.rule.id,
        misses=list(nearest.misses),
    )


def _passed(found: Match) -> Verdict:
    remarks = (
        ["the rule covers every administrative operation, so this one may drown"] if found.catch_all else []
    )
    return passed(f"the alert rule {found.rule.name} tells of it", remarks=remarks, rule=found.rule.id)


CONTROLS = tuple(_declare(watched) for watched in WATCHED)
