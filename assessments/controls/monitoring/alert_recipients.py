"""monitoring-alert-recipients."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, judgements, unknown_from
from assessments.controls.monitoring.alerts import ACCEPT_CATCH_ALL, WATCHED
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.action_groups import is_enabled, reached
from assessments.estate.alerts import action_group_ids, match
from assessments.estate.collections.monitoring import (
    ACTION_GROUPS,
    ACTIVITY_LOG_ALERTS,
    FOREIGN_ACTION_GROUPS,
    OTHER_SUBSCRIPTION_ALERTS,
)
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View


@judgements(
    needs=[ACTIVITY_LOG_ALERTS, ACTION_GROUPS, FOREIGN_ACTION_GROUPS],
    optional=[OTHER_SUBSCRIPTION_ALERTS],
    problem="Alert rule without working recipients",
    severity=Severity.MEDIUM,
    subject_type="Microsoft.Insights/actionGroups",
    empty_reason="no alert rule that counts uses an action group",
    expected="the action group exists, is enabled and has a receiver that counts",
    references=References(mcsb="IR-2*", nist="IR-6* SI-4(5)*"),
    parameters=[ACCEPT_CATCH_ALL],
)
def alert_recipients(ctx: Context) -> Iterator[Judgement]:
    """Alerts reach somebody.

    Judged: each action group that an alert rule uses which one of the monitoring-alert controls counts:
    it exists (it may lie in another subscription), is enabled, and has a receiver. E-mail receivers that
    unsubscribed do not count.
    Why: an alert whose action group is gone, disabled or empty is told to nobody.
    Fix: az monitor action-group create -g RG -n NAME --action email NAME ADDRESS
    """
    rules, gaps = ctx.partial(ACTIVITY_LOG_ALERTS)
    used, problem = _used([*rules, *ctx.partial(OTHER_SUBSCRIPTION_ALERTS)[0]], ctx)
    for identifier, names in sorted(used.items()):
        trace = ctx.fresh_trace()
        spelt, verdict = _judge(identifier, sorted(names), ctx)
        yield Judgement(spelt, verdict, tuple(entry[0] for entry in trace.reads.values()))
    ctx.fresh_trace()
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if problem:
        raise problem


def _used(rules: list[View], ctx: Context) -> tuple[dict[str, set[str]], Unreadable | None]:
    """{action group's id as spelt first: names of the rules that count}, and what could not be read."""
    spelling: dict[str, str] = {}
    used: dict[str, set[str]] = {}
    problem: Unreadable | None = None
    for rule in rules:
        try:
            if not _counts(rule, ctx):
                continue
            for identifier in action_group_ids(rule):
                spelt = spelling.setdefault(fold(identifier), identifier)
                used.setdefault(spelt, set()).add(rule.name)
        except Unreadable as error:
            problem = problem or error
    return used, problem


def _counts(rule: View, ctx: Context) -> bool:
    problem: Unreadable | None = None
    for watched in WATCHED:
        try:
            found = match(
                rule, watched.operation, ctx.scope_id, accept_catch_all=ctx.params["accept_catch_all"]
            )
        except Unreadable as error:
            problem = problem or error
            continue
        if found is not None and found.fires:
            return True
    if problem:
        raise problem
    return False


def _judge(identifier: str, rules: list[str], ctx: Context) -> tuple[str, Verdict]:
    """(the group's id as Azure spelt it, its verdict)."""
    try:
        group = ctx.find(ACTION_GROUPS, identifier) or ctx.single(FOREIGN_ACTION_GROUPS, identifier)
        if group is None:
            return identifier, failed("the action group does not exist", exists=False, rules=rules)
        spelt = group.id or identifier
        if not is_enabled(group):
            return spelt, failed("the action group is disabled", enabled=False, rules=rules)
        receivers = reached(group)
    except (CollectionUnavailable, Unreadable) as error:
        return identifier, unknown_from(error)
    if not receivers:
        return spelt, failed("the action group reaches nobody", enabled=True, receivers={}, rules=rules)
    kinds = ", ".join(sorted(receivers))
    return spelt, passed(
        f"the action group has receivers: {kinds}", enabled=True, receivers=receivers, rules=rules
    )
