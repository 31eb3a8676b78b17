"""Compare the tickets of a customer with its findings. Add missing tickets, and mark the tickets to close or reopen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.tickets.matching import (
    FINDING,
    AppliedRule,
    Wanted,
    applied_rules,
    enabled_systems,
    failing,
    unknown_failures,
    wanted_tickets,
)
from portal.tickets.models import Ticket, TicketCursor
from portal.tickets.task_names import SEND
from tenants.dispatch import enqueue
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope

MAX_OPEN_TICKETS: Final = 500
"""The maximum number of open tickets of one customer in one ticket system. Surety counts further tickets, but does not
open them.
"""
PLAN_EVERY: Final = timedelta(minutes=5)


def plan_tickets(*, tenant_id: UUID) -> int:
    """Plan the tickets of a customer; return how many tickets were added or changed. Call this function while no scope
    (`tenants.scope`) is open.

    The rules are read first, in the scope of the organization. If somebody changes the rules afterwards, the change
    takes effect in the next run. Tickets of an archived customer do not change.
    """
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
    if tenant.is_archived:
        return 0
    with organization_scope(tenant.organization_id):
        rules = applied_rules(tenant)
        systems = list(enabled_systems(tenant.organization_id).values_list("pk", flat=True))
    if not systems:
        return 0
    with tenant_scope(tenant_id):
        TicketCursor.objects.get_or_create(tenant=tenant)
        cursor = TicketCursor.objects.select_for_update().get(tenant=tenant)
        now = timezone.now()
        changed = _follow_findings(tenant, systems, now)
        added, cursor.left_out = _add(tenant, rules, now)
        cursor.planned_at = now
        cursor.save(update_fields=["planned_at", "left_out"])
        if changed + added:
            enqueue(SEND, tenant.organization_id)
        return changed + added


def _follow_findings(tenant: Tenant, systems: Sequence[UUID], now: datetime) -> int:
    """Set `is_wanted` of each ticket: true if one of its findings is in `failing`, false if none is in `failing` or in
    `unknown_failures`. Return the number of changed tickets.
    """
    rows = Ticket.objects.filter(tenant=tenant, system__in=systems)
    tickets = list(rows.values_list("pk", "key", "control", "finding_id", "is_wanted"))
    if not tickets:
        return 0
    controls = {control for _, _, control, _, _ in tickets}
    ids = {finding for _, key, _, finding, _ in tickets if key.startswith(FINDING)}
    fails, unknown = failing(tenant, now), unknown_failures(tenant)
    failing_controls = set(fails.filter(control__in=controls).values_list("control", flat=True).distinct())
    failing_ids = set(fails.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    unknown_controls = set(unknown.filter(control__in=controls).values_list("control", flat=True).distinct())
    unknown_ids = set(unknown.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    to_open, to_close = [], []
    for pk, key, control, finding, is_wanted in tickets:
        is_one = key.startswith(FINDING)
        fails_now = finding in failing_ids if is_one else control in failing_controls
        is_unknown = finding in unknown_ids if is_one else control in unknown_controls
        if fails_now and not is_wanted:
            to_open.append(pk)
        elif is_wanted and not fails_now and not is_unknown:
            to_close.append(pk)
    Ticket.objects.filter(pk__in=to_open).update(is_wanted=True, **_waiting(now))
    closing = Ticket.objects.filter(pk__in=to_close)
    # Surety has not yet sent a request to open these tickets, so there is nothing to close in the ticket system.
    unsent = closing.filter(remote_id="", tried_at__isnull=True)
    done = unsent.update(is_wanted=False, work=Ticket.Work.DONE, error="", status="")
    closed = closing.filter(is_wanted=True).update(is_wanted=False, **_waiting(now))
    return len(to_open) + done + closed


def _waiting(now: datetime) -> dict[str, object]:
    return {"work": Ticket.Work.WAITING, "attempts": 0, "due_at": now, "error": "", "status": ""}


def _add(tenant: Tenant, rules: Sequence[AppliedRule], now: datetime) -> tuple[int, int]:
    """Add the tickets that rules ask for.

    Return two numbers: the added tickets, and the tickets that were not added because of `MAX_OPEN_TICKETS`.
    """
    wanted = wanted_tickets(tenant, rules, now)
    if not wanted:
        return 0, 0
    rows = Ticket.objects.filter(tenant=tenant)
    present = set(rows.values_list("system_id", "key"))
    open_now = Counter(rows.filter(is_wanted=True).values_list("system_id", flat=True))
    new: list[Wanted] = []
    left_out = 0
    for one in wanted:
        if (one.system_id, one.key) in present:
            continue
        if open_now[one.system_id] >= MAX_OPEN_TICKETS:
            left_out += 1
            continue
        open_now[one.system_id] += 1
        new.append(one)
    # Two workers cannot add the same ticket: `plan_tickets` has locked the customer's TicketCursor, and the keys of
    # tickets are unique.
    Ticket.objects.bulk_create(
        [
            Ticket(
                tenant=tenant,
                organization_id=tenant.organization_id,
                system_id=one.system_id,
                kind=one.kind,
                key=one.key,
                control=one.control,
                finding_id=one.finding_id,
                project=one.project,
                due_at=now,
                created_at=now,
            )
            for one in new
        ],
        ignore_conflicts=True,
    )
    return len(new), left_out
