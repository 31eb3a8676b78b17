"""The control monitoring-alert-recipients: Alerts reach a recipient."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import judgements, unknown_from
from assessments.controls.monitoring.alerts import ACCEPT_CATCH_ALL, ACCEPT_STATUS, WATCHED, adding_rule
from assessments.controls.references import References
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.monitoring import (
    ACTION_GROUPS,
    ACTIVITY_LOG_ALERTS,
    ALERT_PROCESSING_RULES,
    FOREIGN_ACTION_GROUPS,
    OTHER_SUBSCRIPTION_ALERTS,
)
from assessments.estate.ids import fold
from assessments.estate.logs.action_groups import is_enabled, reached, receiver_label
from assessments.estate.logs.alert_suppression import added_groups
from assessments.estate.logs.alerts import action_group_ids, match
from assessments.estate.logs.health_alerts import INCIDENT, health_rule
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

FIX = Fix(
    command(
        "az monitor action-group update --resource-group {group} --name {action_group}"
        " --add-action email {receiver} {address} --subscription {subscription}",
        "Add a receiver.",
        when=lambda facts: (
            facts.observed.get("exists") is not False and facts.observed.get("enabled") is not False
        ),
    ),
    command(
        "az monitor action-group update --resource-group {group} --name {action_group} --enabled true"
        " --subscription {subscription}",
        "If the action group is disabled, enable it.",
        when=lambda facts: facts.observed.get("enabled") is False,
    ),
    command(
        "az monitor action-group create --resource-group {group} --name {action_group}"
        " --action email {receiver} {address} --subscription {subscription}",
        "If the action group no longer exists, create it again.",
        when=lambda facts: facts.observed.get("exists") is False,
    ),
    portal="Azure portal › Monitor › Alerts › Action groups › {action_group} › Notifications",
    portal_source="https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups",
    cost="Text messages and calls are billed; e-mails are billed above a monthly amount.",
    effects="The receiver gets a message about being added.",
    variables=[
        Variable("receiver", "Name under which the receiver is listed", "security-team"),
        Variable("address", "Email address of the receiver", "security@example.com"),
    ],
)


@judgements(
    needs=[ACTIVITY_LOG_ALERTS, ACTION_GROUPS, FOREIGN_ACTION_GROUPS],
    optional=[OTHER_SUBSCRIPTION_ALERTS, ALERT_PROCESSING_RULES],
    fix=FIX,
    severity=Severity.MEDIUM,
    subject_type="Microsoft.Insights/actionGroups",
    empty_reason="No alert rule that satisfies a monitoring-alert control has an action group",
    references=References(mcsb="IR-2*", nist="IR-6* SI-4(5)*"),
    parameters=[ACCEPT_CATCH_ALL, ACCEPT_STATUS],
)
def alert_recipients(ctx: Context) -> Iterator[Judgement]:
    """Alerts reach a recipient.

    Problem: Alert rule without working recipients
    Expected: The action group exists, is enabled and has a subscribed receiver
    Judged: Each action group of an alert rule that satisfies one of the monitoring-alert controls, also if an alert
    processing rule adds the group. Passes if the group exists (in this or another subscription), is enabled and has a
    receiver. Email receivers that unsubscribed do not count.
    Why: If its action group is missing, disabled or empty, an alert reaches nobody.
    """
    rules, gaps = ctx.partial(ACTIVITY_LOG_ALERTS)
    rules_by_group, first_error = _rules_by_group([*rules, *ctx.partial(OTHER_SUBSCRIPTION_ALERTS)[0]], ctx)
    for identifier, names in sorted(rules_by_group.items()):
        trace = ctx.fresh_trace()
        group_id, verdict = _judge(identifier, sorted(names), ctx)
        yield Judgement(group_id, verdict, tuple(entry[0] for entry in trace.reads.values()))
    ctx.fresh_trace()
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if first_error:
        raise first_error


def _rules_by_group(
    rules: list[View], ctx: Context
) -> tuple[dict[str, set[str]], CollectionUnavailable | Unreadable | None]:
    """Return {id of an action group: names of the alert rules that notify it}, and the first read error. Only rules
    that satisfy one of the monitoring-alert controls count.

    If several rules spell the id of an action group differently, the spelling of the first rule is used.
    """
    first_spelling: dict[str, str] = {}
    rules_by_group: dict[str, set[str]] = {}
    first_error: CollectionUnavailable | Unreadable | None = None
    for rule in rules:
        try:
            for identifier in _notified_groups(rule, ctx):
                group_id = first_spelling.setdefault(fold(identifier), identifier)
                rules_by_group.setdefault(group_id, set()).add(rule.name)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
    return rules_by_group, first_error


def _notified_groups(rule: View, ctx: Context) -> list[str]:
    """Return the ids of the action groups that an alert rule notifies: its own action groups or, if it has none, the
    action groups that an alert processing rule adds. Return an empty list if the rule satisfies none of the
    monitoring-alert controls.

    Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    first_error: CollectionUnavailable | Unreadable | None = None
    try:
        if _reports_service_issues(rule, ctx):
            return action_group_ids(rule)
    except Unreadable as error:
        first_error = error
    for watched in WATCHED:
        try:
            found = match(
                rule,
                watched.operation,
                ctx.scope_id,
                accept_catch_all=ctx.params[ACCEPT_CATCH_ALL.name],
                accept_status=ctx.params[ACCEPT_STATUS.name],
            )
            adding = adding_rule(found, watched.operation, ctx) if found is not None else None
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
            continue
        if found is not None and found.fires:
            return action_group_ids(rule)
        if adding is not None:
            return added_groups(adding)
    if first_error:
        raise first_error
    return []


def _reports_service_issues(rule: View, ctx: Context) -> bool:
    """Return whether the rule satisfies the control monitoring-alert-service-health. Raise Unreadable if a needed
    property cannot be read.

    A rule of another subscription does not satisfy the control, because it cannot report service problems of this
    subscription.
    """
    if not fold(rule.id).startswith(f"{fold(ctx.scope_id)}/"):
        return False
    health = health_rule(rule, ctx.scope_id)
    return health is not None and not health.misses and INCIDENT in health.incidents


def _judge(identifier: str, rules: list[str], ctx: Context) -> tuple[str, Verdict]:
    """Return the id of the action group and the verdict on it. If the group could be read, the id is spelled as Azure
    spells it, and not as the alert rule does.
    """
    try:
        group = ctx.find(ACTION_GROUPS, identifier) or ctx.single(FOREIGN_ACTION_GROUPS, identifier)
        if group is None:
            return identifier, failed("The action group does not exist", exists=False, rules=rules)
        group_id = group.id or identifier
        if not is_enabled(group):
            return group_id, failed("The action group is disabled", enabled=False, rules=rules)
        receivers = reached(group)
    except (CollectionUnavailable, Unreadable) as error:
        return identifier, unknown_from(error)
    if not receivers:
        return group_id, failed("The action group reaches nobody", enabled=True, receivers={}, rules=rules)
    kinds = ", ".join(sorted(receiver_label(kind) for kind in receivers))
    return group_id, passed(
        f"The action group has receivers: {kinds}", enabled=True, receivers=receivers, rules=rules
    )
