"""Determine whether an activity log alert rule fires for an operation in the whole subscription. Pure functions.

A rule's condition is a list of members, which must all match (`allOf`). A member is a leaf (`field` with `equals` or
`containsAny`), or a list of leaves, of which one must match (`anyOf`).

Source: https://learn.microsoft.com/rest/api/monitor/activity-log-alerts/get
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View

OPERATIONS = (
    "Microsoft.Authorization/policyAssignments/write",
    "Microsoft.Authorization/policyAssignments/delete",
    "Microsoft.Network/networkSecurityGroups/write",
    "Microsoft.Network/networkSecurityGroups/delete",
    "Microsoft.Network/networkSecurityGroups/securityRules/write",
    "Microsoft.Network/networkSecurityGroups/securityRules/delete",
    "Microsoft.Sql/servers/firewallRules/write",
    "Microsoft.Sql/servers/firewallRules/delete",
    "Microsoft.Security/securitySolutions/write",
    "Microsoft.Security/securitySolutions/delete",
    "Microsoft.Security/policies/write",
    "Microsoft.Network/publicIPAddresses/write",
    "Microsoft.Network/publicIPAddresses/delete",
)
"""The operations that need an alert."""

_STATUSES = ("started", "succeeded")
"""Every successful operation causes two events: one with the status Started, and one with the status Succeeded. A third
event, with the status Accepted, is not listed here, because it exists only if the resource provider answers 202.
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#administrative-category"""
NO_GROUP = "it has no action group"
_BY_STATUS = "it is narrowed by status"
_LEVELS = frozenset({"critical", "error", "warning", "informational"})
"""The levels of administrative events. A condition that permits all of these levels excludes no event."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The condition that a field of an event has one of certain values. `field` and `values` are case-folded; `spelt`
    and `spelt_values` are as in the alert rule.
    """

    field: str
    values: frozenset[str]
    spelt: str
    spelt_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """How an alert rule reacts to an operation.

    - `misses`: the reasons why the rule does not fire; if there are no such reasons, the rule fires
    - `catch_all`: whether the rule names no operation, so that it reports every administrative operation that its other
      conditions permit
    - `problem`: the error of a property that could not be read, or None. This property may be another reason why the
      rule does not fire. So if a caller knows that `misses` do not matter, for example because an alert processing rule
      adds the missing action group, the caller must raise this error
    """

    rule: View
    misses: tuple[str, ...]
    catch_all: bool = False
    problem: Unreadable | None = None

    @property
    def fires(self) -> bool:
        """Whether the rule fires for the operation."""
        return not self.misses


def match(
    rule: View, operation: str, scope: str, *, accept_catch_all: bool, accept_status: bool = True
) -> Match | None:
    """Return how a rule reacts to an ARM operation in the subscription `scope` (`/subscriptions/<guid>`). Return None
    if the rule is about other operations.

    A rule that names no operation counts as firing only if `accept_catch_all` is true. A rule with a condition on the
    status counts as firing only if `accept_status` is true. Raise Unreadable if a deciding property is missing.
    """
    condition = _read(rule, scope)
    if condition is None:
        return None
    return _matched(
        rule, condition, operation, accept_catch_all=accept_catch_all, accept_status=accept_status
    )


@dataclass(frozen=True, slots=True)
class _Condition:
    """The parts of a rule that do not depend on the operation.

    - `members`: the members of the rule's condition, each as a list of leaves of which one must match
    - `others`: reasons why the rule does not fire, regardless of its condition
    - `problem`: the first error while these reasons were determined, or None
    """

    members: list[list[Leaf]]
    others: list[str]
    problem: Unreadable | None


def _read(rule: View, scope: str) -> _Condition | None:
    """Return the rule's condition. If the condition is unreadable, raise Unreadable. But if the rule never fires for
    another reason, for example because it is disabled, return None for an unreadable condition.
    """
    properties = rule.object("properties")
    others, problem = other_misses(properties, scope)
    try:
        members = [leaves_of(member) for member in properties.object("condition").items("allOf")]
    except Unreadable:
        if others:
            # The rule does not fire, so its condition does not matter.
            return None
        raise
    return _Condition(members, others, problem)


def _matched(
    rule: View, condition: _Condition, operation: str, *, accept_catch_all: bool, accept_status: bool
) -> Match | None:
    members = condition.members
    named = any(_says(member, "operationname", operation) for member in members)
    misses = _condition_misses(members, operation)
    # If `misses` is empty, the condition requires the category Administrative and does not exclude the operation. Then
    # a rule that names no operation reports this operation among all others.
    catch_all = not named and not misses
    if not (named or catch_all):
        return None
    if catch_all and not accept_catch_all:
        misses.append("it names no operation, which is not accepted here")
    if not accept_status and _BY_STATUS not in misses and _asks_for_status(members):
        misses.append(_BY_STATUS)
    misses.extend(condition.others)
    if condition.problem and not misses:
        raise condition.problem
    return Match(rule, tuple(misses), catch_all, condition.problem)


def all_operations_alerted(rules: Iterable[View], scope: str) -> bool:
    """Return whether each operation in OPERATIONS is named by a rule that certainly fires for it."""
    waiting = set(OPERATIONS)
    for rule in rules:
        try:
            condition = _read(rule, scope)
            if condition is None:
                continue
            for operation in list(waiting):
                found = _matched(rule, condition, operation, accept_catch_all=False, accept_status=False)
                if found is not None and found.fires:
                    waiting.discard(operation)
        except Unreadable:
            # It is unknown whether the rule fires for the remaining operations, so keep them waiting.
            continue
    return not waiting


def is_about(rule: Mapping[str, Any], scope: str) -> bool:
    """Return whether the scope is one of a rule's scopes."""
    properties = rule.get("properties")
    scopes = properties.get("scopes") if isinstance(properties, Mapping) else None
    return isinstance(scopes, list) and any(isinstance(s, str) and _same_scope(s, scope) for s in scopes)


def _same_scope(stated: str, scope: str) -> bool:
    """Return whether two ids are the same scope. Microsoft's examples omit the leading slash."""
    return fold(stated).lstrip("/") == fold(scope).lstrip("/")


def other_misses(properties: View, scope: str) -> tuple[list[str], Unreadable | None]:
    """Return the reasons why a rule does not fire, regardless of its condition: the rule is disabled, has other scopes,
    or notifies nobody. Also return the first error that occurred while these reasons were determined, or None.
    """
    misses: list[str] = []
    problem: Unreadable | None = None
    for read in (_disabled, lambda p: _elsewhere(p, scope), _to_nobody):
        try:
            if miss := read(properties):
                misses.append(miss)
        except Unreadable as error:
            problem = problem or error
    return misses, problem


def action_group_ids(rule: View) -> list[str]:
    """Return the ids of a rule's action groups, in the rule's spelling and order."""
    groups = rule.object("properties").object("actions").items("actionGroups")
    return [group.text("actionGroupId") for group in groups]


def leaves_of(member: View) -> list[Leaf]:
    """Return the leaves of a condition's member. An event must match one of them. Raise Unreadable if the member cannot
    be read.
    """
    if member.has("anyOf"):
        return [_leaf(alternative) for alternative in member.items("anyOf")]
    return [_leaf(member)]


def _leaf(leaf: View) -> Leaf:
    values = [leaf.text("equals")] if leaf.has("equals") else leaf.texts("containsAny")
    spelt = leaf.text("field")
    folded = frozenset(value.strip().casefold() for value in values)
    return Leaf(spelt.casefold(), folded, spelt, tuple(value.strip() for value in values))


def _says(alternatives: Iterable[Leaf], field: str, value: str) -> bool:
    return any(leaf.field == field and value.casefold() in leaf.values for leaf in alternatives)


def _condition_misses(members: list[list[Leaf]], operation: str) -> list[str]:
    administrative = any(_says(member, "category", "administrative") for member in members)
    misses = [] if administrative else [_category_miss(members)]
    # An operation causes one event for each status. The rule fires if at least one event matches all members of the
    # condition. Choose the event that the most members match, and report the members that do not match it.
    excluding = min(
        ([m for m in members if not _lets_through(m, operation, status)] for status in _STATUSES), key=len
    )
    narrowing = {
        leaf.spelt
        for member in excluding
        for leaf in member
        # If the condition does not require the category Administrative, `misses` already says so.
        if administrative or leaf.field != "category"
    }
    misses.extend(f"it is narrowed by {field}" for field in sorted(narrowing))
    return misses


def _asks_for_status(members: list[list[Leaf]]) -> bool:
    return any(leaf.field == "status" for member in members for leaf in member)


def _category_miss(members: list[list[Leaf]]) -> str:
    others = sorted(
        {v for member in members for leaf in member if leaf.field == "category" for v in leaf.values}
    )
    if "security" in others:
        return "its category is Security, which ARM operations never have"
    if others:
        return f"its category is {', '.join(others)}, not Administrative"
    return "it names no category"


def _lets_through(member: list[Leaf], operation: str, status: str) -> bool:
    """Return whether a member of a condition matches the event of the operation with this status."""
    resource_type = operation.rsplit("/", 1)[0].casefold()
    provider = operation.split("/", 1)[0].casefold()
    if {value for leaf in member if leaf.field == "level" for value in leaf.values} >= _LEVELS:
        return True
    for leaf in member:
        if leaf.field == "operationname" and operation.casefold() in leaf.values:
            return True
        # A leaf on `substatus`, the HTTP status (Created, OK), never counts as matching here: the rule would miss
        # events with another HTTP status. https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
        if leaf.field == "status" and status in leaf.values:
            return True
        if leaf.field == "resourcetype" and resource_type in leaf.values:
            return True
        if leaf.field == "resourceprovider" and provider in leaf.values:
            return True
        if leaf.field == "category" and "administrative" in leaf.values:
            return True
    return False


def _disabled(properties: View) -> str:
    return "" if properties.flag("enabled", default=True) else "it is disabled"


def _elsewhere(properties: View, scope: str) -> str:
    covered = any(_same_scope(stated, scope) for stated in properties.texts("scopes"))
    return "" if covered else "its scope is not the whole subscription"


def _to_nobody(properties: View) -> str:
    groups = properties.object("actions").items("actionGroups")
    if not groups:
        return NO_GROUP
    for group in groups:
        group.text("actionGroupId")
    return ""
