"""The history of a resource: its versions, what each of them changed, and which verdicts changed with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from assessments.estate.differences import Difference, differences
from assessments.models import FindingChange, Resource, ResourceVersion


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version of a resource. `changes` is None for the first version, which has nothing to compare with.

    `verdicts` are the changes of verdicts on this resource that the same assessment found.
    """

    version: ResourceVersion
    changes: Sequence[Difference] | None
    verdicts: Sequence[FindingChange]


def versions_of(resource: Resource) -> QuerySet[ResourceVersion]:
    """Return the versions of the resource without their content, newest first."""
    rows = ResourceVersion.objects.filter(tenant_id=resource.tenant_id, resource=resource)
    return rows.select_related("assessment").defer("content", "assessment__parameters")


def history(resource: Resource, shown: Sequence[ResourceVersion]) -> list[HistoryEntry]:
    """Return what each of these versions changed. The versions must be consecutive, the newest first."""
    if not shown:
        return []
    rows = ResourceVersion.objects.filter(tenant_id=resource.tenant_id, resource=resource)
    oldest = shown[-1]
    before = (
        rows.filter(at__lte=oldest.at)
        .exclude(pk__in=[row.pk for row in shown])
        .order_by("-at", "-id")
        .first()
    )
    contents: dict[UUID, Any] = dict(
        rows.filter(pk__in=[row.pk for row in shown]).values_list("pk", "content")
    )
    moved = _moved(resource, [row.assessment_id for row in shown])
    found = []
    for number, row in enumerate(shown):
        earlier: Any = before.content if before else None
        if number + 1 < len(shown):
            earlier = contents[shown[number + 1].pk]
        changes = None if earlier is None else differences(earlier, contents[row.pk])
        found.append(HistoryEntry(row, changes, moved.get(row.assessment_id, [])))
    return found


def _moved(resource: Resource, assessments: Sequence[UUID]) -> dict[UUID, list[FindingChange]]:
    """Return the changes of verdicts on the resource, by assessment. Changes of only the observed value are left
    out."""
    rows = FindingChange.objects.filter(
        tenant_id=resource.tenant_id, assessment__in=assessments, finding__subject_ref=resource.ref
    ).exclude(kind=FindingChange.Kind.OBSERVED)
    found: dict[UUID, list[FindingChange]] = {}
    for row in rows.select_related("finding").order_by("kind", "severity_rank", "id"):
        found.setdefault(row.assessment_id, []).append(row)
    return found
