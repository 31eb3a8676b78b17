"""Find which verdicts on a resource changed at the time when the resource changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from assessments.models import Assessment, Finding, FindingChange, Resource
from portal.changes.models import ResourceChange
from portal.changes.rules import RANK

type Moved = Mapping[UUID, Sequence[FindingChange]]
"""The changes of verdicts on each resource, by `Resource.ref`."""
_JUDGED_WITHIN: Final = timedelta(hours=1)
"""A changed verdict is attributed to an operation only if the verdict changed at most this long after the operation.
"""
_SKEW: Final = timedelta(minutes=2)
"""The difference that is allowed between the clocks of Azure and Surety."""


def moved_in(assessment: Assessment, resources: Iterable[Resource]) -> Moved:
    """Return the changes of verdicts that an assessment made."""
    return _moved(resources, Q(assessment=assessment))


def moved_between(resources: Iterable[Resource], changes: Sequence[ResourceChange]) -> Moved:
    """Return the changes of verdicts from the first operation in `changes` until an hour after the last operation."""
    if not changes:
        return {}
    times = [change.at for change in changes]
    return _moved(resources, Q(at__gte=min(times) - _SKEW, at__lte=max(times) + _JUDGED_WITHIN))


def set_verdicts(change: ResourceChange, moved: Moved) -> None:
    """Set `verdicts` and `worsened` of a change from the changed verdicts in `moved`. For an operation, only verdicts
    that changed within an hour after the operation count.
    """
    if change.resource is None:
        return
    rows = moved.get(change.resource.ref, ())
    if change.kind == ResourceChange.Kind.OPERATION:
        rows = [row for row in rows if change.at - _SKEW <= row.at <= change.at + _JUDGED_WITHIN]
    change.verdicts = [
        {
            "finding": str(row.finding_id),
            "control": row.finding.control,
            "severity": row.finding.severity,
            "before": row.before_outcome,
            "after": row.after_outcome,
        }
        for row in rows
    ]
    worse = [row.finding.severity for row in rows if _is_worse(row)]
    change.worsened = min(worse, key=lambda severity: RANK[severity], default="")


def _is_worse(row: FindingChange) -> bool:
    """Return whether a finding began to fail with this change of its verdict. A new finding that fails counts too.

    A finding that failed earlier, and was then unknown or not judged for a time, does not count: its failure continues
    (`Finding.failing_since`).
    """
    if row.after_outcome != Finding.Outcome.FAIL or row.before_outcome == Finding.Outcome.FAIL:
        return False
    # Several units of an assessment can judge a finding. The change then has the time of the last of them (`at`), but
    # `failing_since` is the time of the first unit that found the failure. So do not compare `failing_since` with `at`,
    # but with the start of the assessment.
    since, start = row.finding.failing_since, row.assessment.started_at or row.at
    return since is None or since >= min(row.at, start)


def _moved(resources: Iterable[Resource], chosen: Q) -> Moved:
    refs = {resource.ref for resource in resources}
    if not refs:
        return {}
    rows = FindingChange.objects.filter(chosen, finding__subject_ref__in=refs).exclude(
        kind=FindingChange.Kind.OBSERVED
    )
    found: dict[UUID, list[FindingChange]] = {}
    rows = rows.select_related("finding", "assessment").defer("assessment__parameters")
    for row in rows.order_by("kind", "severity_rank", "id"):
        found.setdefault(row.finding.subject_ref, []).append(row)
    return found
