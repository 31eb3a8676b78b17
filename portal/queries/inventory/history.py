"""Queries of the history of a resource: its versions, the changes in each version, and the verdicts that changed in the
same assessment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from assessments.estate.differences import Difference, differences
from assessments.models import FindingChange, Resource, ResourceVersion
from assessments.resource_versions import read


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version of a resource. `changes` is None for the first version, because there is no version to compare it
    with.

    `verdicts` are the changes of verdicts on this resource in the assessment that found the version.
    """

    version: ResourceVersion
    changes: Sequence[Difference] | None
    verdicts: Sequence[FindingChange]


@dataclass(frozen=True, slots=True)
class Versions:
    """Consecutive versions (`shown`) with their configurations, the newest first. `older` is the version that came
    directly before the oldest one in `shown`. It is None if the resource has no older version.
    """

    shown: Sequence[ResourceVersion]
    older: ResourceVersion | None


def versions_of(resource: Resource) -> QuerySet[ResourceVersion]:
    """Return the versions of the resource without their configurations, newest first."""
    rows = ResourceVersion.objects.filter(tenant_id=resource.tenant_id, resource=resource)
    return rows.select_related("assessment").defer("stored", "assessment__parameters")


def version_ids(resource: Resource) -> QuerySet[ResourceVersion, UUID]:
    """Return the ids of the versions of the resource, newest first. An index has the ids in this order, so the query is
    fast.
    """
    rows = ResourceVersion.objects.filter(tenant_id=resource.tenant_id, resource=resource)
    return rows.order_by("-at", "-id").values_list("pk", flat=True)


def versions_between(resource: Resource, start: int, end: int) -> Versions:
    """Return the versions at the places `start` to `end - 1`; the newest has the place 0. Raises DamagedVersion.

    PostgreSQL skips the places before `start` in an index, without reading those versions.
    """
    ids = list(version_ids(resource)[start : end + 1])
    rows = ResourceVersion.objects.filter(resource=resource).select_related("assessment")
    found = read(rows.defer("assessment__parameters"), tenant_id=resource.tenant_id, ids=ids)
    ordered = [found[pk] for pk in ids if pk in found]
    return Versions(ordered[: end - start], ordered[end - start] if len(ordered) > end - start else None)


def history(resource: Resource, versions: Versions) -> list[HistoryEntry]:
    """Return an entry for each of these versions, with the differences from the previous version."""
    moved = _moved(resource, [row.assessment_id for row in versions.shown])
    found = []
    for row, earlier in zip(versions.shown, [*versions.shown[1:], versions.older], strict=True):
        changes = None if earlier is None else differences(earlier.document, row.document)
        found.append(HistoryEntry(row, changes, moved.get(row.assessment_id, [])))
    return found


def _moved(resource: Resource, assessments: Sequence[UUID]) -> dict[UUID, list[FindingChange]]:
    """Return {assessment: changes of verdicts on the resource}. A change of the observed value without a change of the
    verdict is left out.
    """
    if not assessments:
        return {}
    rows = FindingChange.objects.filter(
        tenant_id=resource.tenant_id, assessment__in=assessments, finding__subject_ref=resource.ref
    ).exclude(kind=FindingChange.Kind.OBSERVED)
    found: dict[UUID, list[FindingChange]] = {}
    for row in rows.select_related("finding").order_by("kind", "severity_rank", "id"):
        found.setdefault(row.assessment_id, []).append(row)
    return found
