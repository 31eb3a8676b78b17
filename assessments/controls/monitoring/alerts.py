"""monitoring-alert-*: one evaluator, an alert rule for each operation that should be noticed."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Parameter, References, per_scope
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.alerts import Match, match
from assessments.estate.collections.monitoring import (
    ACTIVITY_LOG_ALERTS,
    OTHER_SUBSCRIPTION_ALERTS,
    VISIBLE_SUBSCRIPTIONS,
)
from assessments.estate.cross_subscription import MAX_OTHER_SUBSCRIPTIONS, other_subscriptions
from assessments.estate.ids import subscription_of
from assessments.estate.view import Unreadable, View

_DOC = """Alert on: {title}.

Judged: the subscription's activity log alert rules: one has to be enabled, cover the whole
subscription, ask for the category Administrative and the operation {operation} (or for the category
alone, which is a remark), narrow it by nothing else, and have an action group. Where they leave an
operation out, the rules kept in up to {others} other subscriptions of the directory count as well.
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
    problem: str
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
        "create or update a policy assignment",
        "No alert when a policy assignment is created or changed", _POLICY, Severity.HIGH,
        "5.2.1", "6.2.1", "7.1.2.1", "6.1.2.1", "AU-6* SI-4* CM-3*",
    ),
    Watched(
        "monitoring-alert-nsg-write", "Microsoft.Network/networkSecurityGroups/write",
        "create or update a network security group",
        "No alert when a network security group is created or changed", _NSG, Severity.HIGH,
        "5.2.3", "6.2.3", "7.1.2.3", "6.1.2.3",
    ),
    Watched(
        "monitoring-alert-nsg-delete", "Microsoft.Network/networkSecurityGroups/delete",
        "delete a network security group",
        "No alert when a network security group is deleted", _NSG, Severity.HIGH,
        "5.2.4", "6.2.4", "7.1.2.4", "6.1.2.4",
    ),
    Watched(
        "monitoring-alert-nsg-rule-write", "Microsoft.Network/networkSecurityGroups/securityRules/write",
        "create or update a network security rule",
        "No alert when a network security rule is created or changed", _NSG, Severity.HIGH,
    ),
    Watched(
        "monitoring-alert-nsg-rule-delete", "Microsoft.Network/networkSecurityGroups/securityRules/delete",
        "delete a network security rule",
        "No alert when a network security rule is deleted", _NSG, Severity.HIGH,
    ),
    Watched(
        "monitoring-alert-sql-firewall-write", "Microsoft.Sql/servers/firewallRules/write",
        "create or update a SQL firewall rule",
        "No alert when a SQL firewall rule is created or changed", _SQL, Severity.MEDIUM,
        "5.2.7", "6.2.7", "7.1.2.7", "6.1.2.7",
    ),
    Watched(
        "monitoring-alert-sql-firewall-delete", "Microsoft.Sql/servers/firewallRules/delete",
        "delete a SQL firewall rule",
        "No alert when a SQL firewall rule is deleted", _SQL, Severity.MEDIUM,
        "5.2.8", "6.2.8", "7.1.2.8", "6.1.2.8",
    ),
    Watched(
        "monitoring-alert-security-solution-write", "Microsoft.Security/securitySolutions/write",
        "create or update a security solution",
        "No alert when a security solution is created or changed", _SOLUTION, Severity.MEDIUM,
        "5.2.5", "6.2.5", "7.1.2.5", "6.1.2.5",
    ),
    Watched(
        "monitoring-alert-security-solution-delete", "Microsoft.Security/securitySolutions/delete",
        "delete a security solution",
        "No alert when a security solution is deleted", _SOLUTION, Severity.MEDIUM,
        "5.2.6", "6.2.6", "7.1.2.6", "6.1.2.6",
    ),
    Watched(
        "monitoring-alert-security-policy-write", "Microsoft.Security/policies/write",
        "change the security policy",
        "No alert when the security policy is changed", _POLICY, Severity.HIGH,
    ),
)  # fmt: skip


def _declare(watched: Watched) -> Control:
    @per_scope(
        needs=[ACTIVITY_LOG_ALERTS],
        optional=[VISIBLE_SUBSCRIPTIONS, OTHER_SUBSCRIPTION_ALERTS],
        slug=watched.slug,
        problem=watched.problem,
        doc=_DOC.format(
            title=watched.title, operation=watched.operation, why=watched.why, others=MAX_OTHER_SUBSCRIPTIONS
        ),
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
    related, problem = _related(rules, operation, ctx)
    if related and related[0].fires:
        return _passed(related[0])
    abroad, _ = _related(ctx.partial(OTHER_SUBSCRIPTION_ALERTS)[0], operation, ctx)
    if abroad and abroad[0].fires:
        return _passed(abroad[0])
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if problem:
        raise problem
    remarks = _not_looked_at(ctx)
    if not related:
        return failed(f"no alert rule watches {operation}", remarks=remarks, nearest=None)
    nearest = related[0]
    but = " and ".join(nearest.misses)
    return failed(
        f"no alert rule tells of {operation}; the nearest is {nearest.rule.name}, but {but}",
        remarks=remarks,
        nearest=nearest.rule.id,
        misses=list(nearest.misses),
    )


def _related(rules: list[View], operation: str, ctx: Context) -> tuple[list[Match], Unreadable | None]:
    """Rules about the operation, the nearest first, and what could not be read."""
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
    return related, problem


def _not_looked_at(ctx: Context) -> list[str]:
    """A remark where a rule of another subscription could be one that was not seen."""
    if not ctx.estate.was_asked(VISIBLE_SUBSCRIPTIONS.name):
        return []
    count = len(other_subscriptions(ctx.estate))
    if count > MAX_OTHER_SUBSCRIPTIONS:
        return [f"a rule kept in another subscription was not looked for: there are {count} others"]
    if ctx.first_gap(VISIBLE_SUBSCRIPTIONS) or ctx.first_gap(OTHER_SUBSCRIPTION_ALERTS):
        return ["not every other subscription's alert rules could be read, where a rule may be kept"]
    return []


def _passed(found: Match) -> Verdict:
    rule = found.rule
    remarks = (
        ["the rule covers every administrative operation, so this one may drown"] if found.catch_all else []
    )
    where = subscription_of(rule.id)
    kept = f" (kept in subscription {where})" if rule.collection == OTHER_SUBSCRIPTION_ALERTS.name else ""
    return passed(f"the alert rule {rule.name}{kept} tells of it", remarks=remarks, rule=rule.id)


CONTROLS = tuple(_declare(watched) for watched in WATCHED)
