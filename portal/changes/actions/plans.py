"""Enter and cancel planned changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.changes.actions.rules import MAX_NAME, check_units, patterns
from portal.changes.models import PlannedChange
from tenants import journal
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.turns import take_turn
from tenants.values.visible_text import is_blank

MAX_LENGTH: Final = timedelta(days=31)
MAX_AHEAD: Final = timedelta(days=366)
MAX_OPEN: Final = 200


@transaction.atomic
def plan_change(
    *,
    tenant: Tenant,
    by: Person,
    name: str,
    ticket: str = "",
    starts_at: datetime,
    ends_at: datetime,
    units: Iterable[str] = (),
    groups: Iterable[str] = (),
    types: Iterable[str] = (),
    actors: Iterable[str] = (),
) -> PlannedChange:
    """Enter a planned change. It covers only changes that happen from now on, in its time and scope.

    Raises InvalidInput if the time is past, is longer than 31 days, or ends more than a year from now. Raises
    InvalidInput if the scope is empty, because the plan would then cover every change of the customer.
    """
    now = timezone.now()
    text = " ".join(name.replace("\x00", "\ufffd").split())
    number = " ".join(ticket.replace("\x00", "\ufffd").split())
    if is_blank(text) or len(text) > MAX_NAME:
        raise invalid("name", f"Enter a name of at most {MAX_NAME} characters.")
    if len(number) > MAX_NAME:
        raise invalid("ticket", f"Use at most {MAX_NAME} characters.")
    if ends_at <= starts_at:
        raise invalid("ends_at", "The end must be after the start.")
    if ends_at <= now:
        raise invalid("ends_at", "This time has passed. Choose an end in the future.")
    if ends_at - starts_at > MAX_LENGTH:
        raise invalid("ends_at", "Plan at most 31 days at a time.")
    if ends_at > now + MAX_AHEAD:
        raise invalid("ends_at", "Plan at most a year ahead.")
    plan = PlannedChange(
        tenant=tenant,
        name=text,
        ticket=number,
        starts_at=starts_at,
        ends_at=ends_at,
        units=patterns("units", units),
        groups=patterns("groups", groups),
        types=patterns("types", types),
        actors=patterns("actors", actors),
        created_by=by,
        created_at=now,
    )
    check_units(tenant, plan.units)
    if not (plan.units or plan.groups or plan.types or plan.actors):
        raise invalid("units", "Choose a subscription, or enter a resource group, a type or an actor.")
    take_turn(tenant)
    if open_plans(tenant, now).count() >= MAX_OPEN:
        raise Conflict(
            f"This customer has {MAX_OPEN} planned changes that have not ended, which is the maximum. Cancel one"
            " first."
        )
    plan.save(force_insert=True)
    journal.record(
        tenant=tenant, actor=by, action="planned_change.created", target=plan, details=_description(plan)
    )
    return plan


@transaction.atomic
def cancel_plan(*, plan: PlannedChange, by: Person) -> PlannedChange:
    """Cancel a planned change, so that it covers no later change. Raises Conflict if the planned change is over, or was
    already cancelled.
    """
    row = PlannedChange.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=plan.pk)
    now = timezone.now()
    if row.cancelled_at is not None or row.ends_at <= now:
        raise Conflict("This planned change has ended or was cancelled, so it cannot be cancelled now.")
    row.cancelled_at, row.cancelled_by = now, by
    row.save(update_fields=["cancelled_at", "cancelled_by"])
    journal.record(
        tenant=row.tenant, actor=by, action="planned_change.cancelled", target=row, details=_description(row)
    )
    return row


def open_plans(tenant: Tenant, now: datetime) -> QuerySet[PlannedChange]:
    """Return the planned changes that are neither over nor cancelled."""
    return PlannedChange.objects.filter(tenant=tenant, ends_at__gt=now, cancelled_at__isnull=True)


def _description(plan: PlannedChange) -> dict[str, object]:
    return {
        "name": plan.name,
        "ticket": plan.ticket,
        "from": plan.starts_at.isoformat(),
        "until": plan.ends_at.isoformat(),
        "units": plan.units,
        "groups": plan.groups,
        "types": plan.types,
        "actors": plan.actors,
    }
