"""Count the verdicts of controls in many tenants. The numbers are read from snapshots (`ControlCount`).

If an assessment has written findings since a tenant's snapshot, that tenant's findings are counted instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Count

from assessments.models import Finding
from portal.treatment.models import ControlCount
from portal.treatment.models.control_count import OUTCOME_OF_STATE, STATES
from portal.treatment.selectors.valid_snapshots import up_to_date_snapshots


def tenants_failing_by_control(tenant_ids: Collection[UUID]) -> dict[str, int]:
    """Return {control: number of tenants in which at least one subject fails}."""
    stored, others = _split(tenant_ids)
    counted = (
        ControlCount.objects.filter(tenant_id__any_of=stored, open__gt=0)
        .values_list("control")
        .annotate(tenants=Count("tenant_id", distinct=True))
        .order_by()
    )
    found = dict(counted) if stored else {}
    if others:
        rows = (
            Finding.objects.filter(tenant_id__any_of=others, state=Finding.State.OPEN)
            .values_list("control")
            .annotate(tenants=Count("tenant_id", distinct=True))
            .order_by()
        )
        for control, number in rows:
            found[control] = found.get(control, 0) + number
    return found


def verdicts_by_tenant(control: str, tenant_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Return {tenant: {outcome: number of the control's subjects with this outcome}}."""
    stored, others = _split(tenant_ids)
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    counted = ControlCount.objects.filter(tenant_id__any_of=stored, control=control).order_by()
    for tenant_id, *numbers in counted.values_list("tenant_id", *STATES) if stored else ():
        outcomes = found[tenant_id]
        for state, number in zip(STATES, numbers, strict=True):
            if number:
                outcomes[OUTCOME_OF_STATE[state]] = outcomes.get(OUTCOME_OF_STATE[state], 0) + number
    if others:
        rows = (
            Finding.objects.filter(tenant_id__any_of=others, control=control)
            .exclude(state=Finding.State.GONE)
            .values_list("tenant_id", "outcome")
            .annotate(count=Count("*"))
            .order_by()
        )
        for tenant_id, outcome, count in rows:
            found[tenant_id][outcome] = count
    return found


def _split(tenant_ids: Collection[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Return the tenants whose stored counts are up to date, and all other tenants."""
    fresh = list(up_to_date_snapshots(tenant_ids).order_by().values_list("tenant_id", flat=True))
    # Ignore snapshots of earlier versions of Surety, which have no counts by control.
    counted = (
        ControlCount.objects.filter(tenant_id__any_of=fresh).order_by().values_list("tenant_id", flat=True)
    )
    stored = set(counted.distinct()) if fresh else set()
    return list(stored), [pk for pk in tenant_ids if pk not in stored]
