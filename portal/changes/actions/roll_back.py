"""Recognise that a change was rolled back: the resource is again as it was before the change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from assessments.estate.quantities import counted
from assessments.models import ResourceVersion
from assessments.resource_versions import read
from portal.changes.facts import is_undone
from portal.changes.models import ResourceChange, ReviewEvent
from portal.changes.timeline import SURETY, write_events
from tenants import journal
from tenants.models import Tenant

Kind, State = ResourceChange.Kind, ResourceChange.State
MAX_COMPARED: Final = 1000
"""The maximum number of earlier changes that `notice_rollbacks` compares with new changes. Without this limit, the
transaction could take minutes after a burst of changes.
"""


def notice_rollbacks(*, tenant: Tenant, changes: Sequence[ResourceChange], now: datetime) -> int:
    """Close the open reviews of earlier changes that these new changes undid; return the number of closed reviews.

    A change of properties is undone if all these properties have their earlier values again. The creation of a resource
    is undone if the resource was deleted. Needs the tenant's scope.
    """
    newest = {change.resource.pk: change for change in changes if change.resource is not None}
    rows = ResourceChange.objects.filter(
        tenant=tenant, resource__in=list(newest), state__in=ResourceChange.OPEN
    ).exclude(pk__in=[change.pk for change in changes])
    undone: dict[int, list[ResourceChange]] = {}
    for row in rows.select_related("resource").order_by("-at")[:MAX_COMPARED]:
        later = newest[row.resource.pk] if row.resource is not None else None
        if later is not None and later.at > row.at and _is_rolled_back(row, later):
            undone.setdefault(later.assessment or 0, []).append(row)
    for number, group in undone.items():
        _close(tenant, group, f"Assessment {number} found the earlier configuration again.", now)
    return sum(map(len, undone.values()))


def notice_returns(*, tenant: Tenant, unit: str, assessment: int, now: datetime) -> int:
    """Close the open reviews of deletions if the deleted resources exist again; return the number of closed reviews.
    Needs the tenant's scope.
    """
    rows = ResourceChange.objects.filter(
        tenant=tenant,
        unit=unit,
        kind=Kind.DELETED,
        state__in=ResourceChange.OPEN,
        resource__gone_at__isnull=True,
        resource__isnull=False,
    )
    group = list(rows)
    _close(tenant, group, f"Assessment {assessment} found the resource again.", now)
    return len(group)


def _close(tenant: Tenant, group: Iterable[ResourceChange], text: str, now: datetime) -> None:
    rows = list(group)
    if not rows:
        return
    for row in rows:
        row.state, row.reviewed_at, row.reviewed_by, row.reason = State.ROLLED_BACK, now, None, ""
    ResourceChange.objects.bulk_update(rows, ["state", "reviewed_at", "reviewed_by", "reason"])
    write_events(rows, ReviewEvent.Kind.ROLLED_BACK, by=SURETY, at=now, text=text)
    journal.record(
        tenant=tenant,
        actor=SURETY,
        action="change.rolled_back",
        target=counted(len(rows), "change"),
        details={"count": len(rows), "changes": [str(row.pk) for row in rows[:100]], "reason": text},
    )


def _is_rolled_back(row: ResourceChange, later: ResourceChange) -> bool:
    if row.kind == Kind.CREATED:
        return later.kind == Kind.DELETED
    if row.kind != Kind.CHANGED or not row.version or not later.version or row.resource is None:
        return False
    versions = ResourceVersion.objects.filter(tenant_id=row.tenant_id, resource=row.resource)
    at = versions.filter(pk=row.version).values("at")[:1]
    previous = versions.filter(at__lt=at).order_by("-at", "-id").values_list("pk", flat=True).first()
    if previous is None:
        return False
    found = read(versions, tenant_id=row.tenant_id, ids=[previous, row.version, later.version])
    if row.version not in found or later.version not in found:
        return False  # Retention has deleted one of the versions.
    return is_undone(found[previous].document, found[row.version].document, found[later.version].document)
