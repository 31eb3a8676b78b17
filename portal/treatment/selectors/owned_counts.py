"""Count, for each control, the findings that have an owner and the findings that are overdue. Snapshots store both
counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, Case, Count, Q, Value, When

from assessments.models import Finding
from portal.treatment.due_dates import past_due
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class OwnedCount:
    """The number of findings that one owner has with the same control, severity, shown state and `is_late`.

    `is_late`: whether these findings fail and their due date has passed.
    """

    control: str
    severity: str
    owner: UUID
    shown: str
    is_late: bool
    number: int


@dataclass(frozen=True, slots=True)
class OverdueCount:
    """The number of overdue findings of a control and severity in the shown state `shown`."""

    control: str
    severity: str
    shown: str
    number: int


def owned_by_control(tenant: Tenant, now: datetime) -> list[OwnedCount]:
    """Count the tenant's findings that have an owner, except findings whose resource is gone."""
    is_late = Q(state=Finding.State.OPEN) & past_due(tenant.due_days, now)
    rows = (
        Finding.objects.filter(tenant=tenant, treatment__owner__isnull=False)
        .exclude(state=Finding.State.GONE)
        .annotate(
            shown=shown_state(now),
            is_late=Case(When(is_late, then=Value(True)), default=Value(False), output_field=BooleanField()),
        )
        .values_list("control", "severity", "treatment__owner_id", "shown", "is_late")
        .annotate(number=Count("id"))
        .order_by()
    )
    return [OwnedCount(*row) for row in rows]


def overdue_by_control(tenant: Tenant, now: datetime) -> list[OverdueCount]:
    """Count the tenant's overdue findings."""
    rows = (
        Finding.objects.filter(past_due(tenant.due_days, now), tenant=tenant, state=Finding.State.OPEN)
        .annotate(shown=shown_state(now))
        .filter(shown__in=WITH_DUE_DATE)
        .values_list("control", "severity", "shown")
        .annotate(number=Count("id"))
        .order_by()
    )
    return [OverdueCount(*row) for row in rows]
