"""Apply the watch rules and planned changes of a customer to recorded changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from assessments.estate.quantities import counted
from portal.changes.actions.notices import notify_caught
from portal.changes.globs import Budget
from portal.changes.models import PlannedChange, ResourceChange, ReviewEvent
from portal.changes.rules import caught_by, planned_by
from portal.changes.shipped import rules_of
from portal.changes.timeline import SURETY, write_events
from tenants import journal
from tenants.models import Tenant

State = ResourceChange.State
BATCH: Final = 500
SECONDS: Final = 20.0
"""The maximum processor time, in seconds, for comparing globs in one transaction that records changes."""
CUT: Final = (
    "The time limit was reached before Surety had compared the change with all watch rules. Surety treats the"
    " remaining rules as matching."
)
log = structlog.get_logger(__name__)


def catch(
    *,
    tenant: Tenant,
    changes: Sequence[ResourceChange],
    since: datetime,
    now: datetime,
    budget: Budget | None = None,
) -> int:
    """Decide for each stored change whether it needs a review. Publish the changes that need a review, and return their
    number. Needs the tenant's scope.

    Changes before `since` and changes of archived customers are never caught. If the time for comparing patterns is
    used up, the remaining rules count as matching, and the timeline of the change says so.
    """
    changes = [change for change in changes if change.at >= since]
    if not changes or tenant.is_archived:
        return 0
    rules = rules_of(tenant)
    budget = budget or Budget(SECONDS)
    cut: set[str] = set()
    plans = list(PlannedChange.objects.filter(tenant=tenant, ends_at__gte=_first(changes)))
    waiting: list[ResourceChange] = []
    planned: dict[PlannedChange, list[ResourceChange]] = {}
    for change in changes:
        found = caught_by(rules, change, tenant.timezone, budget)
        if not found:
            continue
        change.rules, change.severity = [rule.name for rule in found], found[0].severity
        if budget.is_spent:
            cut.add(change.key)
        plan = planned_by(plans, change, budget)
        if plan is None:
            change.state = State.WAITING
            waiting.append(change)
        else:
            _expect(change, plan, now)
            planned.setdefault(plan, []).append(change)
    caught = [*waiting, *(change for group in planned.values() for change in group)]
    ResourceChange.objects.bulk_update(
        caught, ["rules", "severity", "state", "plan", "ticket", "reviewed_at"], batch_size=BATCH
    )
    for change in caught:
        text = ", ".join(change.rules)
        if change.key in cut:
            text += f"\n{CUT}"
        write_events([change], ReviewEvent.Kind.CAUGHT, by=SURETY, at=now, text=text)
    for plan, group in planned.items():
        write_events(group, ReviewEvent.Kind.PLANNED, by=SURETY, at=now, text=plan.name)
    if cut:
        log.warning(
            "watch_rules_not_compared", customer=tenant.slug, changes=len(cut), seconds=budget.seconds
        )
    notify_caught(tenant=tenant, changes=waiting)
    return len(caught)


def expect_planned(
    *, tenant: Tenant, changes: Sequence[ResourceChange], now: datetime, budget: Budget
) -> int:
    """Close the review of each waiting change that a planned change covers. Return the number of closed reviews. Needs
    the tenant's scope.

    Surety catches a change as soon as it is recorded, sometimes before it has read the operations that may have made
    the change. Whether a planned change covers the change depends on these operations. So call this function in the
    transaction that adds the operations to the changes.
    """
    if not changes or tenant.is_archived:
        return 0
    rows = ResourceChange.objects.filter(
        tenant=tenant, pk__in=[change.pk for change in changes], state=State.WAITING
    )
    waiting = [change for change in rows.order_by("pk").select_for_update() if change.candidates]
    if not waiting:
        return 0
    plans = list(PlannedChange.objects.filter(tenant=tenant, ends_at__gte=_first(waiting)))
    planned: dict[PlannedChange, list[ResourceChange]] = {}
    for change in waiting:
        plan = planned_by(plans, change, budget)
        if plan is not None:
            _expect(change, plan, now)
            planned.setdefault(plan, []).append(change)
    for plan, group in planned.items():
        ResourceChange.objects.bulk_update(
            group, ["state", "plan", "ticket", "reviewed_at"], batch_size=BATCH
        )
        write_events(group, ReviewEvent.Kind.PLANNED, by=SURETY, at=now, text=plan.name)
        journal.record(
            tenant=tenant,
            actor=SURETY,
            action="change.expected",
            target=counted(len(group), "change"),
            details={
                "count": len(group),
                "changes": [str(change.pk) for change in group[:100]],
                "reason": f"Expected by the planned change “{plan.name}”.",
                "ticket": plan.ticket,
            },
        )
    return sum(map(len, planned.values()))


def _expect(change: ResourceChange, plan: PlannedChange, now: datetime) -> None:
    change.state, change.plan, change.ticket = State.EXPECTED, plan, plan.ticket
    change.reviewed_at = now


def _first(changes: Sequence[ResourceChange]) -> datetime:
    return min(change.since or change.at for change in changes)
