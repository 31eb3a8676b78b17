"""Decide whether watch rules and planned changes match a change. This module sends no queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from assessments.estate.identity.guests import home_address
from assessments.models import Finding
from portal.changes.facts import MAX_CANDIDATES, MAX_PATH, MAX_PROPERTIES
from portal.changes.globs import Budget, OutOfTime, any_matches
from portal.changes.hours import is_within
from portal.changes.models import PlannedChange, ResourceChange, WatchRule

RANK: Final = {severity: rank for rank, severity in enumerate(Finding.Severity.values)}
"""The rank of each severity. The most severe has the rank 0."""


def operation_times(change: ResourceChange) -> list[datetime]:
    """Return the times of the operations that may have made the change, oldest first."""
    return sorted(datetime.fromisoformat(one["at"]) for one in change.candidates)


def may_be_within(change: ResourceChange, hours: str, days: list[int], zone: str) -> bool:
    """Return whether the change may have happened in these hours on one of these weekdays (`is_within`).

    One operation in this time is enough, because each operation may have made the change. If the maximum number of
    operations is stored, return True, because further operations may be missing. If no operation is known, the time at
    which the change was read counts.
    """
    if len(change.candidates) >= MAX_CANDIDATES:
        return True
    times = operation_times(change) or [change.at]
    return any(is_within(at, hours, days, zone) for at in times)


def catches(rule: WatchRule, change: ResourceChange, zone: str, budget: Budget | None = None) -> bool:
    """Return whether a rule matches the change, even if the rule is disabled. `zone` is the customer's time zone.

    Conditions with globs are checked last. Raise OutOfTime if the time budget ends before they are checked.
    """
    if rule.kinds and change.kind not in rule.kinds:
        return False
    if rule.units and change.unit not in rule.units:
        return False
    if rule.worsened and not change.worsened:
        return False
    if rule.unapproved and change.approval_id is None:
        return False
    if rule.tag_name and not _has_tag(change.tags, rule.tag_name, rule.tag_value):
        return False
    if (rule.hours or rule.days) and not may_be_within(change, rule.hours, rule.days, zone):
        return False
    # If not all changed properties are stored, assume that the properties in the rule have changed too.
    properties = [] if has_unknown_properties(change) else rule.properties
    if not _meets(
        budget,
        (rule.types, [change.type]),
        (rule.groups, [change.resource_group]),
        (properties, change.properties),
        (rule.operations, change.operations),
        (rule.actors, change.actors),
    ):
        return False
    # The rule catches the change unless all possible actors of the change are known and exempt.
    if not rule.except_actors or not change.actors or not all(one["actor"] for one in change.candidates):
        return True
    return not all(any_matches(rule.except_actors, [actor], budget) for actor in change.actors)


def has_unknown_properties(change: ResourceChange) -> bool:
    """Return whether `properties` may be incomplete: the number and length of stored paths are limited, and some
    changed properties in the audit log are only counted.
    """
    if len(change.properties) >= MAX_PROPERTIES or any(len(path) >= MAX_PATH for path in change.properties):
        return True
    is_operation = change.kind == ResourceChange.Kind.OPERATION
    return is_operation and change.difference_count > len(change.properties)


def caught_by(
    rules: Iterable[WatchRule], change: ResourceChange, zone: str, budget: Budget | None = None
) -> list[WatchRule]:
    """Return the enabled rules that match the change, the most severe first.

    A rule whose globs could not be compared within the budget counts as a match, so that no change escapes its review.
    """
    found = [rule for rule in rules if rule.enabled and _may_catch(rule, change, zone, budget)]
    return sorted(found, key=lambda rule: RANK[rule.severity])


def _may_catch(rule: WatchRule, change: ResourceChange, zone: str, budget: Budget | None) -> bool:
    try:
        return catches(rule, change, zone, budget)
    except OutOfTime:
        return True


def planned_by(
    plans: Iterable[PlannedChange], change: ResourceChange, budget: Budget | None = None
) -> PlannedChange | None:
    """Return the first planned change that covers this change, or None.

    The change must be in the scope of the planned change. All operations that may have made the change must have
    happened in the time window, after the planned change was entered and before it was cancelled. If no operation is
    known, the same holds for the whole period in which the change happened.

    Return None if the maximum number of operations is stored, because further operations may be missing. Also return
    None if the time budget ends.
    """
    if len(change.candidates) >= MAX_CANDIDATES:
        return None
    times = operation_times(change)
    first, last = (times[0], times[-1]) if times else (change.since, change.at)
    if first is None:
        return None
    for plan in plans:
        starts = max(plan.starts_at, plan.created_at)
        ends = plan.ends_at if plan.cancelled_at is None else min(plan.ends_at, plan.cancelled_at)
        try:
            if starts <= first and last <= ends and is_in_scope(plan, change, budget):
                return plan
        except OutOfTime:
            return None
    return None


def is_in_scope(plan: PlannedChange, change: ResourceChange, budget: Budget | None = None) -> bool:
    """Return whether the change is in the planned scope. If the plan names actors, all possible actors of the change
    must be known and match.
    """
    if plan.units and change.unit not in plan.units:
        return False
    if not _meets(budget, (plan.types, [change.type]), (plan.groups, [change.resource_group])):
        return False
    if not plan.actors:
        return True
    if not change.candidates or not all(one["actor"] for one in change.candidates):
        return False
    return all(any_matches(plan.actors, [actor], budget) for actor in change.actors)


def are_only(actors: Sequence[str], addresses: Collection[str]) -> bool:
    """Return whether there are actors, and all of them are people with one of these email addresses
    (`tenants.people.service_accounts.author_addresses`).

    An actor is a user name in Azure. The user name of a guest contains the guest's email address in the home directory,
    and this address is compared.
    """
    known = {address.casefold() for address in addresses}
    return bool(actors) and {home_address(actor) for actor in actors} <= known


def _meets(budget: Budget | None, *conditions: tuple[Sequence[str], Sequence[str]]) -> bool:
    return all(not globs or any_matches(globs, texts, budget) for globs, texts in conditions)


def _has_tag(tags: Mapping[str, Any], name: str, value: str) -> bool:
    """Return whether a resource has the tag. As in Azure, the case of names does not matter, but the case of values
    does.
    """
    return any(
        own.casefold() == name.casefold() and (not value or own_value == value)
        for own, own_value in tags.items()
    )
