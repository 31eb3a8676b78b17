"""Whether watch rules and planned changes match a change. No queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from assessments.models import Finding
from portal.changes.globs import any_matches
from portal.changes.hours import is_within
from portal.changes.models import PlannedChange, ResourceChange, WatchRule

RANK: Final = {severity: rank for rank, severity in enumerate(Finding.Severity.values)}
"""Rank of each severity; 0 is the most severe."""


def operation_times(change: ResourceChange) -> list[datetime]:
    """Return when the operations happened that may have made the change, oldest first."""
    return sorted(datetime.fromisoformat(one["at"]) for one in change.candidates)


def happened_at(change: ResourceChange) -> datetime:
    """Return when the change happened: at its last operation or, if no operation is known, when it was read."""
    times = operation_times(change)
    return times[-1] if times else change.at


def catches(rule: WatchRule, change: ResourceChange, zone: str) -> bool:
    """Return whether an enabled or disabled rule matches the change. `zone` is the customer's time zone."""
    if rule.kinds and change.kind not in rule.kinds:
        return False
    if rule.units and change.unit not in rule.units:
        return False
    if rule.worsened and not change.worsened:
        return False
    if rule.tag_name and not _has_tag(change.tags, rule.tag_name, rule.tag_value):
        return False
    if not _meets(
        (rule.types, [change.type]),
        (rule.groups, [change.resource_group]),
        (rule.properties, change.properties),
        (rule.operations, change.operations),
        (rule.actors, change.actors),
    ):
        return False
    # If several actors may have made the change, one of them without an exemption is enough.
    if rule.except_actors and change.actors:
        free = [actor for actor in change.actors if not any_matches(rule.except_actors, [actor])]
        if not free:
            return False
    if rule.hours or rule.days:
        return is_within(happened_at(change), rule.hours, rule.days, zone)
    return True


def caught_by(rules: Iterable[WatchRule], change: ResourceChange, zone: str) -> list[WatchRule]:
    """Return the enabled rules that match the change, the most severe first."""
    found = [rule for rule in rules if rule.enabled and catches(rule, change, zone)]
    return sorted(found, key=lambda rule: RANK[rule.severity])


def planned_by(plans: Iterable[PlannedChange], change: ResourceChange) -> PlannedChange | None:
    """Return the planned change that expects this change, or None.

    All operations that may have made the change must be in the window and after the plan was entered. If no operation
    is known, the whole time in which the change may have happened must be.
    """
    times = operation_times(change)
    first, last = (times[0], times[-1]) if times else (change.since, change.at)
    if first is None:
        return None
    for plan in plans:
        starts = max(plan.starts_at, plan.created_at)
        ends = plan.ends_at if plan.cancelled_at is None else min(plan.ends_at, plan.cancelled_at)
        if starts <= first and last <= ends and is_in_scope(plan, change):
            return plan
    return None


def is_in_scope(plan: PlannedChange, change: ResourceChange) -> bool:
    """Return whether the change is in the planned scope. Every actor must be planned, and all must be known."""
    if plan.units and change.unit not in plan.units:
        return False
    if not _meets((plan.types, [change.type]), (plan.groups, [change.resource_group])):
        return False
    if not plan.actors:
        return True
    if not change.candidates or not all(one["actor"] for one in change.candidates):
        return False
    return all(any_matches(plan.actors, [actor]) for actor in change.actors)


def _meets(*conditions: tuple[Sequence[str], Sequence[str]]) -> bool:
    return all(not globs or any_matches(globs, texts) for globs, texts in conditions)


def _has_tag(tags: Mapping[str, Any], name: str, value: str) -> bool:
    """Return whether a resource has the tag. As in Azure, names are compared without case, values with case."""
    return any(
        own.casefold() == name.casefold() and (not value or own_value == value)
        for own, own_value in tags.items()
    )
