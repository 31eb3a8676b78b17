"""The controls monitoring-alert-*: one control for each operation that an alert rule must report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Parameter, per_scope
from assessments.controls.monitoring._variables import ACTION_GROUP_ID, ALERT_GROUP
from assessments.controls.references import Partly, References, Setting
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.monitoring import (
    ACTIVITY_LOG_ALERTS,
    ALERT_PROCESSING_RULES,
    OTHER_SUBSCRIPTION_ALERTS,
    VISIBLE_SUBSCRIPTIONS,
)
from assessments.estate.gap_texts import describe_gap
from assessments.estate.ids import subscription_of
from assessments.estate.logs.alert_suppression import Reach, addition, suppression
from assessments.estate.logs.alerts import NO_GROUP, Match, match
from assessments.estate.logs.cross_subscription import MAX_OTHER_SUBSCRIPTIONS, other_subscriptions
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_DOC = """An alert is sent when {event}.

Problem: No alert when {event}
Expected: An enabled alert rule for {operation} in the whole subscription, with an action group
Judged: The activity log alert rules of the subscription. Passes if one rule is enabled, covers the whole
subscription, has an action group, asks for the category Administrative and the operation
{operation}, and is not narrowed further. An action group that an alert processing rule adds to every such alert counts
too, with a remark.

A rule with a condition on the status does not count. If `accept_status` is on, it counts if the condition permits
Started or Succeeded. A rule that names no operation, but whose conditions (such as a resource type) permit this one,
passes with a remark if `accept_catch_all` is on, and does not count otherwise. If no rule of the subscription matches,
rules in up to {others} other subscriptions of the directory count as well.

Fails if an alert processing rule removes the action groups of every such alert, even if it does so only in a one-time
period that includes the time of the assessment. Passes with a remark if it removes them at other times or for some
resources, or if alert processing rules could not be read.
Why: {why}
"""

ACCEPT_CATCH_ALL = Parameter(
    "accept_catch_all",
    True,
    "Accept a rule that names no operation, whether it reports all administrative operations or is limited, for example"
    " to a resource type",
    label="Accept rules for all operations",
)
ACCEPT_STATUS = Parameter(
    "accept_status",
    False,
    "Accept a rule that reports only events with certain statuses, if Started or Succeeded is one of these. A"
    " successful operation has one event with the status Started and one with the status Succeeded",
    label="Accept rules with a status condition",
)


@dataclass(frozen=True, slots=True)
class Watched:
    """An operation that an alert rule must report.

    `event` describes the operation in words that follow "when", as in "An alert is sent when …". `c2` to `c5` are the
    numbers of the requirement in the CIS benchmarks 2.0 to 5.0. CIS 6.0 has the same numbers as CIS 5.0.
    """

    slug: str
    operation: str
    event: str
    why: str
    severity: Severity = Severity.MEDIUM
    c2: str = ""
    c3: str = ""
    c4: str = ""
    c5: str = ""
    nist: str = "AU-6* SI-4*"


_NSG = "Anyone who opens a network security group opens the machines behind it."
_SQL = "Anyone who changes a SQL firewall decides who can reach the data."
_SOLUTION = "A security solution that is changed or removed may no longer protect."
_POLICY = "A changed policy may no longer enforce what it enforced before."
_UNASSIGNED = "Without its assignment, a policy enforces nothing and reports nothing."
_ADDRESS = "A public IP address makes a resource reachable from the Internet."
_ADDRESS_GONE = (
    "Anyone who deletes a public IP address can cut off a service, and another customer may get the address."
)

WATCHED = (
    Watched(
        "monitoring-alert-policy-assignment-write", "Microsoft.Authorization/policyAssignments/write",
        "a policy assignment is created or changed", _POLICY, Severity.HIGH,
        "5.2.1", "6.2.1", "7.1.2.1", "6.1.2.1", "AU-6* SI-4* CM-3*",
    ),
    Watched(
        "monitoring-alert-nsg-write", "Microsoft.Network/networkSecurityGroups/write",
        "a network security group is created or changed", _NSG, Severity.HIGH,
        "5.2.3", "6.2.3", "7.1.2.3", "6.1.2.3",
    ),
    Watched(
        "monitoring-alert-nsg-delete", "Microsoft.Network/networkSecurityGroups/delete",
        "a network security group is deleted", _NSG, Severity.HIGH,
        "5.2.4", "6.2.4", "7.1.2.4", "6.1.2.4",
    ),
    Watched(
        "monitoring-alert-nsg-rule-write", "Microsoft.Network/networkSecurityGroups/securityRules/write",
        "a network security rule is created or changed", _NSG, Severity.HIGH,
    ),
    Watched(
        "monitoring-alert-nsg-rule-delete", "Microsoft.Network/networkSecurityGroups/securityRules/delete",
        "a network security rule is deleted", _NSG, Severity.HIGH,
    ),
    Watched(
        "monitoring-alert-sql-firewall-write", "Microsoft.Sql/servers/firewallRules/write",
        "a SQL firewall rule is created or changed", _SQL, Severity.MEDIUM,
        "5.2.7", "6.2.7", "7.1.2.7", "6.1.2.7",
    ),
    Watched(
        "monitoring-alert-sql-firewall-delete", "Microsoft.Sql/servers/firewallRules/delete",
        "a SQL firewall rule is deleted", _SQL, Severity.MEDIUM,
        "5.2.8", "6.2.8", "7.1.2.8", "6.1.2.8",
    ),
    Watched(
        "monitoring-alert-security-solution-write", "Microsoft.Security/securitySolutions/write",
        "a security solution is created or changed", _SOLUTION, Severity.MEDIUM,
        "5.2.5", "6.2.5", "7.1.2.5", "6.1.2.5",
    ),
    Watched(
        "monitoring-alert-security-solution-delete", "Microsoft.Security/securitySolutions/delete",
        "a security solution is deleted", _SOLUTION, Severity.MEDIUM,
        "5.2.6", "6.2.6", "7.1.2.6", "6.1.2.6",
    ),
    Watched(
        "monitoring-alert-security-policy-write", "Microsoft.Security/policies/write",
        "the security policy is changed", _POLICY, Severity.HIGH,
    ),
    Watched(
        "monitoring-alert-policy-assignment-delete", "Microsoft.Authorization/policyAssignments/delete",
        "a policy assignment is deleted", _UNASSIGNED, Severity.MEDIUM,
        "5.2.2", "6.2.2", "7.1.2.2", "6.1.2.2", "AU-6* CM-3*",
    ),
    Watched(
        "monitoring-alert-pip-write", "Microsoft.Network/publicIPAddresses/write",
        "a public IP address is created or changed", _ADDRESS, Severity.LOW,
        "5.2.9", "6.2.9", "7.1.2.9", "6.1.2.9", "AU-6* CM-3*",
    ),
    Watched(
        "monitoring-alert-pip-delete", "Microsoft.Network/publicIPAddresses/delete",
        "a public IP address is deleted", _ADDRESS_GONE, Severity.LOW,
        "5.2.10", "6.2.10", "7.1.2.10", "6.1.2.10", "AU-6* CM-3*",
    ),
)  # fmt: skip


def _fix(watched: Watched) -> Fix:
    """Return the fix. It creates an alert rule for this operation only. If there is a sufficient alert rule, but an
    alert processing rule suppresses its alerts, the fix switches the processing rule off instead.
    """
    return Fix(
        command(
            f"az monitor activity-log alert create --resource-group {{alert_group}} --name surety-{watched.slug[17:]}"
            " --scope /subscriptions/{subscription} --condition category=Administrative and"
            f" operationName={watched.operation} --action-group {{action_group_id}} --subscription {{subscription}}",
            when=lambda facts: not facts.text("suppressedBy"),
        ),
        # https://learn.microsoft.com/rest/api/monitor/alert-processing-rules/update (2021-08-08)
        command(
            "az rest --method patch --url {processing_rule} --url-parameters api-version=2021-08-08 --body {body}",
            "Switch the alert processing rule off. To keep it for other alerts, narrow its filter instead: Azure portal"
            " › Monitor › Alerts › Alert processing rules. A further alert rule would not help, because its alerts"
            " would be suppressed too.",
            bodies={"body": {"properties": {"enabled": False}}},
            when=lambda facts: bool(facts.text("suppressedBy")),
        ),
        portal="Azure portal › Monitor › Alerts › Create › Alert rule › Scope: {subscription} › Signal: Activity log",
        portal_source="https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-activity-log-alert-rule",
        cost="The rule is free of charge. Azure bills text messages and phone calls of the action group.",
        effects="Everybody in the action group is notified of each such change, also of planned ones.",
        variables=[
            Variable(
                "processing_rule",
                "Full id of the alert processing rule",
                f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-monitoring/providers"
                "/Microsoft.AlertsManagement/actionRules/quiet",
                "the alert processing rule",
                lambda facts: facts.text("suppressedBy"),
            ),
            ALERT_GROUP,
            ACTION_GROUP_ID,
        ],
    )


def _partly(watched: Watched) -> tuple[Partly, ...]:
    """Return what CIS 3.0 and later versions require beyond what the control checks."""
    versions = {"c3": watched.c3, "c4": watched.c4, "c5": watched.c5, "c6": watched.c5}
    named = " ".join(version for version, numbers in versions.items() if numbers)
    missing = (
        "The requirement forbids a filter on the status; the control passes with a filter on Started or Succeeded,"
        " unless its parameters refuse this"
    )
    unless = (Setting(ACCEPT_STATUS.name, equal=False),)
    return (Partly(named, missing, unless=unless),) if named else ()


def _declare(watched: Watched) -> Control:
    @per_scope(
        needs=[ACTIVITY_LOG_ALERTS],
        optional=[VISIBLE_SUBSCRIPTIONS, OTHER_SUBSCRIPTION_ALERTS, ALERT_PROCESSING_RULES],
        slug=watched.slug,
        fix=_fix(watched),
        doc=_DOC.format(
            event=watched.event, operation=watched.operation, why=watched.why, others=MAX_OTHER_SUBSCRIPTIONS
        ),
        severity=watched.severity,
        expects={"misses": (), "suppressedBy": ()},
        references=References(
            c2=watched.c2,
            c3=watched.c3,
            c4=watched.c4,
            c5=watched.c5,
            c6=watched.c5,
            mcsb="LT-3* IR-3*",
            nist=watched.nist,
            partly=_partly(watched),
        ),
        parameters=[ACCEPT_CATCH_ALL, ACCEPT_STATUS],
    )
    def rule(ctx: Context) -> Verdict:
        return _judge(ctx, watched.operation)

    return rule


def _judge(ctx: Context, operation: str) -> Verdict:
    rules, gaps = ctx.partial(ACTIVITY_LOG_ALERTS)
    problem: CollectionUnavailable | Unreadable | None
    matches, problem = _matching_rules(rules, operation, ctx)
    silent: list[tuple[Match, View]] = []
    for found in _candidates(ctx, matches, operation):
        try:
            adding = adding_rule(found, operation, ctx)
            if not found.fires and adding is None:
                continue
            muted, by = _processed(found, operation, ctx, suppression)
        except (CollectionUnavailable, Unreadable) as error:
            problem = problem or error
            continue
        if by is None or muted is not Reach.ALWAYS:
            return _passed(found, [*_adding_remarks(adding), *_suppression_remarks(by, ctx)])
        silent.append((found, by))
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if problem:
        raise problem
    if silent:
        rule, by = silent[0][0].rule, silent[0][1]
        return failed(
            f"The alert rule {rule.name} reports {operation}, but the alert processing rule {by.name} removes its"
            " action groups",
            rule=rule.id,
            suppressedBy=by.id,
        )
    if elsewhere := _matching_elsewhere(ctx, operation)[1]:
        raise elsewhere
    remarks = _unchecked_remarks(ctx)
    if not matches:
        return failed(f"No alert rule reports {operation}", remarks=remarks, nearest=None)
    closest = matches[0]
    if _lacks_only_a_group(closest) and (some := _processed(closest, operation, ctx, addition)[1]):
        remarks = [
            f"The alert processing rule {some.name} adds action groups to some alerts of the alert rule",
            *remarks,
        ]
    misses = " and ".join(closest.misses)
    return failed(
        f"No alert rule reports {operation}; the closest one is {closest.rule.name}, but {misses}",
        remarks=remarks,
        nearest=closest.rule.id,
        misses=list(closest.misses),
    )


def _matching_rules(rules: list[View], operation: str, ctx: Context) -> tuple[list[Match], Unreadable | None]:
    """Return the alert rules about the operation, and the first read error. The first rule is the one that misses the
    fewest conditions.
    """
    matches: list[Match] = []
    problem: Unreadable | None = None
    for rule in rules:
        try:
            found = match(
                rule,
                operation,
                ctx.scope_id,
                accept_catch_all=ctx.params[ACCEPT_CATCH_ALL.name],
                accept_status=ctx.params[ACCEPT_STATUS.name],
            )
        except Unreadable as error:
            problem = problem or error
            continue
        if found is not None:
            matches.append(found)
    matches.sort(key=lambda found: (len(found.misses), found.catch_all, found.rule.id.casefold()))
    return matches, problem


def _candidates(ctx: Context, matches: list[Match], operation: str) -> Iterator[Match]:
    """Yield the matches whose rule sends an alert, and the matches whose rule lacks only an action group. The rules of
    the subscription come first, then the rules of other subscriptions.
    """
    yield from (found for found in matches if found.fires or _lacks_only_a_group(found))
    elsewhere = _matching_elsewhere(ctx, operation)[0]
    yield from (found for found in elsewhere if found.fires or _lacks_only_a_group(found))


def _lacks_only_a_group(found: Match) -> bool:
    return found.misses == (NO_GROUP,)


def adding_rule(found: Match, operation: str, ctx: Context) -> View | None:
    """Return the alert processing rule that adds action groups to each alert of the alert rule `found`, or None.

    Also return None if the alert rule already has an action group, or does not suffice for another reason. Raise
    CollectionUnavailable or Unreadable if needed data could not be read.
    """
    if not _lacks_only_a_group(found):
        return None
    reach, by = _processed(found, operation, ctx, addition)
    if reach is Reach.ALWAYS:
        if found.problem:
            raise found.problem
        return by
    if gap := ctx.first_gap(ALERT_PROCESSING_RULES):
        raise CollectionUnavailable(gap)
    return None


def _matching_elsewhere(ctx: Context, operation: str) -> tuple[list[Match], Unreadable | None]:
    """Return the alert rules of other subscriptions about the operation, in the order of `_matching_rules`, and the
    first read error.
    """
    return _matching_rules(ctx.partial(OTHER_SUBSCRIPTION_ALERTS)[0], operation, ctx)


def _processed(
    found: Match, operation: str, ctx: Context, reach_of: Callable[..., Reach]
) -> tuple[Reach, View | None]:
    """Return whether an alert processing rule changes the action groups of every alert of the alert rule `found`
    (ALWAYS), of some alerts (SOMETIMES), or of none (NEVER). Also return a processing rule that does so, or None.

    `reach_of` is `suppression` or `addition`. Raise Unreadable if a processing rule could not be read, unless another
    processing rule has the reach ALWAYS.
    """
    most, by = Reach.NEVER, None
    problem: Unreadable | None = None
    for rule in ctx.partial(ALERT_PROCESSING_RULES)[0]:
        try:
            when = reach_of(rule, found.rule, operation, ctx.scope_id, ctx.now)
        except Unreadable as error:
            problem = problem or error
            continue
        if when > most:
            most, by = when, rule
    if problem and most is not Reach.ALWAYS:
        raise problem
    return most, by


def _adding_remarks(by: View | None) -> list[str]:
    if by is None:
        return []
    return [
        (
            f"The alert rule itself has no action group: the alert processing rule {by.name} adds action groups to its"
            " alerts"
        )
    ]


def _suppression_remarks(by: View | None, ctx: Context) -> list[str]:
    if by is not None:
        return [
            (
                f"The alert processing rule {by.name} removes the action groups from some alerts of the alert rule, so"
                " these alerts notify nobody"
            )
        ]
    if gap := ctx.first_gap(ALERT_PROCESSING_RULES):
        return [f"It is not known whether an alert processing rule suppresses the alert. {describe_gap(gap)}"]
    return []


def _unchecked_remarks(ctx: Context) -> list[str]:
    """Return a remark if alert rules of other subscriptions were not read: one of them could report the operation."""
    if not ctx.estate.was_asked(VISIBLE_SUBSCRIPTIONS.name):
        return []
    count = len(other_subscriptions(ctx.estate))
    if count > MAX_OTHER_SUBSCRIPTIONS:
        return [
            (
                "Rules in other subscriptions were not checked, because there are too many other subscriptions"
                f" ({count:,})"
            )
        ]
    if ctx.first_gap(VISIBLE_SUBSCRIPTIONS) or ctx.first_gap(OTHER_SUBSCRIPTION_ALERTS):
        return ["Not all other subscriptions could be checked for a matching rule"]
    return []


def _passed(found: Match, remarks: list[str]) -> Verdict:
    rule = found.rule
    if found.catch_all:
        remarks = [
            (
                "The rule names no operation, so it also reports other operations. Alerts about this operation may go"
                " unnoticed among them"
            ),
            *remarks,
        ]
    subscription = subscription_of(rule.id)
    where = f" in subscription {subscription}" if rule.collection == OTHER_SUBSCRIPTION_ALERTS.name else ""
    return passed(f"The alert rule {rule.name}{where} reports the operation", remarks=remarks, rule=rule.id)


CONTROLS = tuple(_declare(watched) for watched in WATCHED)
