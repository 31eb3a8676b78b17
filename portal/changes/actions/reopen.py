"""Reopen a closed review if a later reading of the activity log shows that the review was not valid."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from assessments.estate.quantities import counted
from portal.changes.actions.notices import notify_caught
from portal.changes.globs import Budget
from portal.changes.models import PlannedChange, ResourceChange, ReviewEvent
from portal.changes.rules import are_only, planned_by
from portal.changes.timeline import SURETY, write_events
from tenants import journal
from tenants.models import Person, Tenant
from tenants.people.service_accounts import author_addresses

State = ResourceChange.State
_COLUMNS: Final = ("state", "plan", "ticket", "reviewed_by", "reviewed_at", "reason")


def reopen(*, tenant: Tenant, changes: Sequence[ResourceChange], now: datetime, budget: Budget) -> int:
    """Reopen the closed review of each of these changes whose operations now contradict the review. Return the number
    of reopened reviews. Needs the tenant's scope.

    Call this function in the transaction that adds operations to the changes. A change waits for a review again in two
    cases:

    - a planned change closed its review, but no planned change covers all its operations now
    - a person closed its review, but according to the operations, only this person can have made the change. A service
      account counts as the people who control it
    """
    if not changes or tenant.is_archived:
        return 0
    rows = ResourceChange.objects.filter(
        tenant=tenant, pk__in=[change.pk for change in changes], state__in=(State.EXPECTED, State.ROLLED_BACK)
    )
    rows = rows.select_related("plan", "reviewed_by", "resource").order_by("pk")
    closed = list(rows.select_for_update(of=("self",)))
    if not closed:
        return 0
    first = min(change.since or change.at for change in closed)
    plans = list(PlannedChange.objects.filter(tenant=tenant, ends_at__gte=first))
    reviewers = {change.reviewed_by for change in closed if change.reviewed_by is not None}
    addresses = {who: author_addresses(who) for who in reviewers}
    by_reason: dict[str, list[ResourceChange]] = {}
    for change in closed:
        if reason := _contradiction(change, addresses, plans, budget):
            by_reason.setdefault(reason, []).append(change)
    for reason, group in by_reason.items():
        _reopen(tenant, group, reason, now)
    return sum(map(len, by_reason.values()))


def _contradiction(
    change: ResourceChange,
    addresses: Mapping[Person, Collection[str]],
    plans: Sequence[PlannedChange],
    budget: Budget,
) -> str:
    """Return why the review is no longer valid, or an empty text if it is valid. `addresses` has, for each reviewer,
    the email addresses of the people who count as this reviewer (`author_addresses`).
    """
    reviewer = change.reviewed_by
    if reviewer is not None:
        if not are_only(change.actors, addresses[reviewer]):
            return ""
        if reviewer.is_service:
            return (
                "Reopened: according to the activity log, the change was made only by people who control the service"
                " account that reviewed it."
            )
        return (
            "Reopened: according to the activity log, the change was made only by the person who reviewed it."
        )
    if (
        change.state == State.EXPECTED
        and change.plan is not None
        and planned_by(plans, change, budget) is None
    ):
        return (
            f"Reopened: the planned change “{change.plan.name}” does not cover all operations that may have made this"
            " change."
        )
    return ""


def _reopen(tenant: Tenant, group: Sequence[ResourceChange], reason: str, now: datetime) -> None:
    for change in group:
        change.state, change.plan, change.ticket, change.reason = State.WAITING, None, "", ""
        change.reviewed_by, change.reviewed_at = None, None
    ResourceChange.objects.bulk_update(group, _COLUMNS, batch_size=500)
    write_events(group, ReviewEvent.Kind.CAUGHT, by=SURETY, at=now, text=reason)
    journal.record(
        tenant=tenant,
        actor=SURETY,
        action="change.reopened",
        target=counted(len(group), "change"),
        details={"count": len(group), "changes": [str(row.pk) for row in group[:100]], "reason": reason},
    )
    notify_caught(tenant=tenant, changes=group, occasion=f":{now.isoformat()}")
