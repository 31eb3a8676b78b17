"""Compute for how long the findings of each control failed in a period, from the stored changes of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection

from assessments.controls.registry import known_controls
from assessments.models import Finding
from portal.queries.audit_room import Period
from portal.queries.tenant_overview.daily_scores import adjusted_score
from portal.treatment.models import Snapshot
from portal.treatment.states import ShownState
from tenants.models import Tenant

COLUMNS: Final = (
    "Control",
    "Title",
    "Severity",
    "Failing at the start",
    "Started failing",
    "Stopped failing",
    "Failing at the end",
    "Findings that failed",
    "Days failing, all findings together",
    "Days failing, longest",
)
_DAY: Final = 86_400
# Each change of a finding begins an interval that lasts until the finding's next change. If the oldest stored change
# has the `before_outcome` “fail”, the finding counts as failing from `first_seen_at` until that change. A failing
# finding without changes has failed since `failing_since`. `NOT EXISTS` reads the table of changes, because reading the
# subquery `change` would be slower: PostgreSQL has no statistics about it.
_SQL: Final = """
WITH change AS (
    SELECT finding_id, before_outcome, after_outcome, at,
        LEAD(at) OVER own AS until, LEAD(after_outcome) OVER own AS next_outcome, ROW_NUMBER() OVER own AS number
    FROM assessments_findingchange
    WHERE tenant_id = %(tenant)s
    WINDOW own AS (PARTITION BY finding_id ORDER BY at, id)
), failing AS (
    SELECT finding_id, at, until, next_outcome, before_outcome <> 'fail' AS begins
    FROM change WHERE after_outcome = 'fail'
    UNION ALL
    SELECT c.finding_id, f.first_seen_at, c.at, c.after_outcome, FALSE
    FROM change c JOIN assessments_finding f ON f.tenant_id = %(tenant)s AND f.id = c.finding_id
    WHERE c.number = 1 AND c.before_outcome = 'fail'
    UNION ALL
    SELECT f.id, f.failing_since, NULL, NULL, TRUE
    FROM assessments_finding f
    WHERE f.tenant_id = %(tenant)s AND f.outcome = 'fail' AND f.gone_at IS NULL AND f.failing_since < %(end)s
        AND NOT EXISTS (SELECT FROM assessments_findingchange c WHERE c.finding_id = f.id)
), finding AS (
    SELECT finding_id,
        BOOL_OR(at < %(start)s OR (at = %(start)s AND NOT begins)) AS at_start,
        COUNT(*) FILTER (WHERE begins AND at >= %(start)s) AS began,
        COUNT(*) FILTER (WHERE until < %(end)s AND next_outcome <> 'fail') AS ceased,
        BOOL_OR(until IS NULL OR until >= %(end)s) AS at_end,
        SUM(EXTRACT(EPOCH FROM LEAST(until, %(end)s) - GREATEST(at, %(start)s))) AS seconds
    FROM failing WHERE at < %(end)s AND COALESCE(until, %(end)s) > %(start)s
    GROUP BY finding_id
)
SELECT f.control, MIN(f.severity_rank), COUNT(*) FILTER (WHERE at_start), SUM(began), SUM(ceased),
    COUNT(*) FILTER (WHERE at_end), COUNT(*), SUM(seconds), MAX(seconds)
FROM finding JOIN assessments_finding f ON f.tenant_id = %(tenant)s AND f.id = finding.finding_id
GROUP BY f.control
ORDER BY MIN(f.severity_rank), SUM(seconds) DESC, f.control
"""
_SEVERITIES: Final = Finding.Severity.values


@dataclass(frozen=True, slots=True)
class ControlExposure:
    """How long the findings of a control failed in a period.

    `days` adds up the days of all findings, `longest` is the largest number of days of a single finding. Time with an
    unknown verdict does not count. `at_start` and `at_end` count the findings that failed at the start and at the end
    of the period. A number is None if it is not known (see the function `without_unknown`).
    """

    control: str
    title: str
    severity: str
    at_start: int | None
    began: int
    ceased: int
    at_end: int | None
    findings: int
    days: float
    longest: float


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of all controls.

    Only controls that failed in the period are included. A sum that is not known is None.
    """

    at_start: int | None
    began: int
    ceased: int
    at_end: int | None
    days: float


@dataclass(frozen=True, slots=True)
class Standing:
    """The recorded figures at the end of a day: scores from 0 to 100, and numbers of findings. A figure that was not
    recorded is None. `has_findings` states whether the customer had any finding.
    """

    day: date
    score: float | None
    adjusted: float | None
    numbers: dict[str, int] | None
    overdue: int | None
    has_findings: bool = True

    @property
    def is_known(self) -> bool:
        """Whether the number of failing findings at the end of the day is known. This requires a recorded day on which
        a check passed or failed, or on which there were findings and none was unknown.
        """
        if self.numbers is None:
            return False
        return self.score is not None or (self.has_findings and not self.unknown)

    @property
    def unknown(self) -> int:
        """The number of unknown checks at the end of the day, 0 if the day is not recorded."""
        return (self.numbers or {}).get(str(ShownState.UNKNOWN.label), 0)


@dataclass(frozen=True, slots=True)
class Known:
    """Whether the failing findings at the start and at the end of a period are known. A count of 0 is shown only if
    they are known, because 0 looks like a pass.
    """

    start: bool
    end: bool


def exposure(tenant: Tenant, period: Period, now: datetime) -> list[ControlExposure]:
    """Return the controls that failed in the period, sorted by severity, then by total time failing."""
    end = min(period.end, now)
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"tenant": tenant.pk, "start": period.start, "end": end})
        rows = cursor.fetchall()
    return [_of_control(*row) for row in rows]


def _of_control(control: str, rank: int, *figures: Any) -> ControlExposure:
    *counts, seconds, most = figures
    at_start, began, ceased, at_end, findings = map(int, counts)
    title = known_controls()[control].problem if control in known_controls() else control
    days, longest = float(seconds) / _DAY, float(most) / _DAY
    return ControlExposure(
        control, title, _SEVERITIES[rank], at_start, began, ceased, at_end, findings, days, longest
    )


def totals(rows: list[ControlExposure]) -> Totals:
    """Return the sums. A finding belongs to one control, so nothing is counted twice."""
    return Totals(
        _sum(row.at_start for row in rows),
        sum(row.began for row in rows),
        sum(row.ceased for row in rows),
        _sum(row.at_end for row in rows),
        sum(row.days for row in rows),
    )


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def standings(tenant: Tenant, period: Period) -> tuple[Standing, Standing]:
    """Return the figures at the end of the day before the period, and at the end of the last day of the period."""
    days = (period.first - timedelta(days=1), period.last)
    rows = {row.day: row for row in Snapshot.objects.filter(tenant=tenant, day__in=days)}
    first, last = (_standing(day, rows.get(day)) for day in days)
    return first, last


def known(rows: Sequence[ControlExposure], before: Standing, after: Standing) -> Known:
    """Return whether the failing findings at the start and at the end of a period are known.

    `rows` are all controls that failed in the period; `before` and `after` are the recorded figures.
    """
    return Known(
        before.is_known or any(row.at_start for row in rows),
        after.is_known or any(row.at_end for row in rows),
    )


def without_unknown(rows: Sequence[ControlExposure], known: Known) -> list[ControlExposure]:
    """Return copies of the controls in which unknown numbers of failing findings are None."""
    return [
        replace(
            row,
            at_start=row.at_start if known.start else None,
            at_end=row.at_end if known.end else None,
        )
        for row in rows
    ]


def _standing(day: date, row: Snapshot | None) -> Standing:
    if row is None:
        return Standing(day, None, None, None, None)
    shown = (ShownState.OPEN, ShownState.ACKNOWLEDGED, ShownState.EXCEPTED, ShownState.UNKNOWN)
    numbers = {str(state.label): int(row.states.get(state, 0)) for state in shown}
    return Standing(
        day, row.score, adjusted_score(row), numbers, row.overdue, has_findings=any(row.states.values())
    )


def table(rows: Sequence[ControlExposure], known: Known) -> Iterator[tuple[object, ...]]:
    """Yield the header and the rows of the export. Numbers of days have two decimal places."""
    yield COLUMNS
    for row in rows:
        at_start = row.at_start if known.start else "not known"
        at_end = row.at_end if known.end else "not known"
        yield (
            row.control, row.title, row.severity, at_start, row.began, row.ceased, at_end, row.findings,
            f"{row.days:.2f}", f"{row.longest:.2f}",
        )  # fmt: skip
