"""The part “Days failing by control”, with the same numbers as the page “How long checks failed”.

A report over a period has the numbers of this period. Other reports have the numbers of the 90 days before the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any, Final

from django.utils.translation import gettext_noop

from portal.queries.audit_room import Period
from portal.queries.tenant_overview.exposure import (
    ControlExposure,
    Known,
    Totals,
    exposure,
    known,
    standings,
    totals,
    without_unknown,
)
from portal.reports.facts.presentation import truncate
from portal.reports.facts.source import ReportSource, period_of
from portal.reports.parts.part import DAY, Part, ReportFacts, in_schema

DAYS: Final = 90
MAX_CONTROLS: Final = 60


@dataclass(frozen=True, slots=True)
class ExposureFacts:
    """The facts of the part: the first and last UTC day as YYYY-MM-DD, and the controls that failed in these days.

    `portal.queries.tenant_overview.exposure` explains the numbers. The last day ends at the report's time. The
    numbers of failing findings at the start and at the end are None if they are unknown, because 0 would look like a
    pass.
    """

    exposure_first: str = field(
        metadata=in_schema("The first UTC day of the period in which failing days are counted", **DAY)
    )
    exposure_last: str = field(
        metadata=in_schema(
            "The last UTC day of the period in which failing days are counted. The period ends at the time"
            " `treated_at`",
            **DAY,
        )
    )
    exposure: tuple[ControlExposure, ...]
    exposure_totals: Totals


def _gather(source: ReportSource) -> ExposureFacts:
    now = source.treatment.at
    last = now.astimezone(UTC).date()
    period = period_of(source.report) or Period(last - timedelta(days=DAYS), last)
    found = exposure(source.tenant, period, now)
    is_known = _known(source, found, period)
    rows = without_unknown(found, is_known)
    sums = totals(rows)
    # If no control failed, the sums at the start and at the end are 0, even if nothing is known about the findings.
    # Replace an unknown sum by None.
    sums = replace(
        sums,
        at_start=sums.at_start if is_known.start else None,
        at_end=sums.at_end if is_known.end else None,
    )
    return ExposureFacts(period.first.isoformat(), period.last.isoformat(), tuple(rows), sums)


def _known(source: ReportSource, rows: list[ControlExposure], period: Period) -> Known:
    """Return whether the failing findings at the start and at the end of the period are known.

    For the end, use the report's own figures. The figures in the database for the last day can still change after the
    report was built.
    """
    recorded = known(rows, *standings(source.tenant, period))
    states = source.summaries["states"]
    # If there is no finding, nothing was judged, so nothing is known.
    judged_all = any(states.values()) and not states.get("unknown")
    own = source.summaries["raw"]["score"] is not None or judged_all
    return Known(recorded.start, own or any(row.at_end for row in rows))


def days_of(facts: ReportFacts) -> dict[str, float]:
    """Return {control: sum of the days for which its findings failed}."""
    return {row.control: row.days for row in facts.of(PART).exposure}


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    shown, more = truncate(facts.of(PART).exposure, MAX_CONTROLS)
    return {"rows": shown, "rows_more": more}


PART = Part(
    "exposure",
    gettext_noop("Days failing by control"),
    gather=_gather,
    context=_context,
    kinds=("full", "period"),
    position=260,
)
