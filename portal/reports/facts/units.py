"""The subscriptions and directories in a report's scope, and how much of each was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from assessments.models import Assessment, Unit
from assessments.selectors import current_units, last_read_times
from portal.reports.facts.shared import UnitFact

# The report marks a unit as stale if it was read longer ago than this.
MAX_AGE: Final = timedelta(days=7)


def report_units(assessment: Assessment) -> list[Unit]:
    """Return the newest unit of each subscription and directory, sorted by kind and name. A unit comes from this
    assessment or from an earlier one.

    The large contents of the manifests are not read.
    """
    units = (
        current_units(assessment)
        .select_related("assessment", "directory", "manifest")
        .defer("manifest__content")
    )
    return sorted(units, key=lambda unit: (unit.kind, unit.name.casefold(), unit.azure_id))


def read_times(assessment: Assessment) -> dict[str, datetime]:
    """Return {scope id of a subscription or directory: end of the last assessment that read it}. Ignore assessments
    later than `assessment`, and assessments in which the watch read only the resources that somebody changed.
    """
    return last_read_times(assessment.tenant_id, assessment.number, whole=True)


def unit_facts(units: list[Unit], read_at: Mapping[str, datetime], at: datetime) -> list[UnitFact]:
    """Return the facts that the report states about each subscription and directory, in the given order.

    `read_at` is the result of `read_times`, `at` the time of the report.
    """
    names = distinct_names(units)
    return [
        UnitFact(
            kind=unit.kind,
            name=names[unit.scope_id],
            azure_id=unit.azure_id,
            scope_id=unit.scope_id,
            state=unit.state,
            trouble=_trouble(unit),
            requests=unit.requests,
            throttled=unit.throttled,
            gaps=len(unit.gaps),
            started_at=unit.started_at,
            ended_at=unit.ended_at,
            manifest_sha256=unit.manifest.sha256 if unit.manifest else "",
            assessment_number=unit.assessment.number,
            read_at=read_at.get(unit.scope_id),
            stale=unit.scope_id not in read_at or at - read_at[unit.scope_id] > MAX_AGE,
        )
        for unit in units
    ]


def distinct_names(units: Sequence[Unit]) -> dict[str, str]:
    """Return {scope id: name}. If several units have the same name, the first digits of the id follow the name."""
    shared = Counter(unit.name.casefold() for unit in units)
    return {
        unit.scope_id: f"{unit.name} ({unit.azure_id[:8]})"
        if unit.name and shared[unit.name.casefold()] > 1
        else unit.name or unit.azure_id
        for unit in units
    }


def _trouble(unit: Unit) -> str:
    if unit.error or unit.error_code:
        return ": ".join(filter(None, (unit.error_code, unit.error)))
    if unit.state == Unit.State.CANCELLED:
        return "The assessment was cancelled before this subscription or directory was assessed"
    if unit.gaps:
        count = len(unit.gaps)
        return f"{count} request{'s' if count > 1 else ''} without an answer, listed as gaps"
    return ""
