"""The part “Trend”, which shows the scores and open failures of earlier days, as far as they were recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext, gettext_noop

from portal.queries.tenant_overview.daily_scores import COMPARED_DAYS, adjusted_score, applicable_on, open_on
from portal.reports.facts.finding_store import of_outcome
from portal.reports.facts.source import ReportSource
from portal.reports.line_chart import Line, line_chart
from portal.reports.parts import identity
from portal.reports.parts.part import DAY, Part, ReportFacts, in_schema
from portal.reports.wording.languages import dated
from portal.treatment.models import Snapshot

DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class TrendFact:
    """The figures of the customer at the end of a UTC day. On the last day, the figures are those at the time of
    the report.

    - `day`: YYYY-MM-DD
    - `score`, `adjusted`: the raw and the adjusted score as percentages, None if no verdict counts towards the score
    - `open`: number of failures that are neither acknowledged nor excepted, None if unknown
    - `applicable`: number of verdicts other than “not applicable”. If this number differs much between two days, the
      scores of the two days are hard to compare
    """

    day: str = field(metadata=in_schema(**DAY))
    score: float | None
    adjusted: float | None
    open: int | None = field(
        metadata=in_schema(
            "The number of failures that nobody has acknowledged and no exception covers;"
            " null if it was not recorded"
        )
    )
    overdue: int
    applicable: int = field(metadata=in_schema("Verdicts other than “not applicable”"))


@dataclass(frozen=True, slots=True)
class TrendFacts:
    """The figures recorded in the `DAYS` days before the report's time, oldest first, then the report's own figures.

    All figures are about the whole customer. If `of_selected_units` is set, the report's assessment was limited to some
    subscriptions or directories, so the verdicts on all other subscriptions and directories are older.
    """

    trend: tuple[TrendFact, ...] = field(
        metadata=in_schema(
            "The recorded figures of the days before the report, the oldest first, then the figures at"
            " the time of the report"
        )
    )
    of_selected_units: bool = False


def _gather(source: ReportSource) -> TrendFacts:
    last = _last_day(source.treatment.at)
    rows = Snapshot.objects.filter(tenant=source.tenant, day__gte=last - timedelta(days=DAYS))
    # Leave out the recorded figures of the last day, because a further assessment may have changed them after the
    # report's time.
    own = _at_the_end(source, last)
    rows = rows.filter(day__lt=last)
    return TrendFacts(
        tuple(
            TrendFact(
                row.day.isoformat(),
                row.score,
                adjusted_score(row),
                open_on(row),
                row.overdue,
                applicable_on(row),
            )
            for row in (*rows.defer("verdicts", "shown").order_by("day"), own)
        ),
        bool(source.assessment.only),
    )


def _at_the_end(source: ReportSource, day: date) -> Snapshot:
    """Return the figures at the report's time, as a `Snapshot` that is not saved."""
    return Snapshot(
        day=day,
        score=source.summaries["raw"]["score"],
        adjusted=source.summaries["adjusted"]["score"],
        states=source.summaries["states"],
        overdue=sum(fact.overdue_days > 0 for fact in of_outcome(source.findings, "fail")),
    )


def _last_day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def day_label(day: str) -> str:
    """Return a day such as "2026-10-04" as "4 October 2026", in the language of the report."""
    return dated(day, "j F Y")


def score_before(facts: ReportFacts) -> TrendFact | None:
    """Return the figures of the newest recorded day at least `COMPARED_DAYS` days before the report's time, or None."""
    latest = _last_day(facts.of(identity.PART).treated_at) - timedelta(days=COMPARED_DAYS)
    past = [row for row in facts.of(PART).trend if date.fromisoformat(row.day) <= latest]
    return past[-1] if past else None


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    rows = facts.of(PART).trend
    if len(rows) < 2:
        return {"chart": ""}
    return {
        "chart": line_chart(
            [
                Line("#868e9b", _points(rows, lambda row: row.score), is_dashed=True),
                Line("#3350c8", _points(rows, lambda row: row.adjusted)),
            ]
        ),
        "ends": [
            (
                day_label(row.day),
                gettext("Adjusted %(adjusted)s, raw %(raw)s")
                % {"adjusted": _percent(row.adjusted), "raw": _percent(row.score)},
                gettext("Failures not known")
                if row.open is None
                else gettext(
                    "%(open)s open failures in %(applicable)s applicable verdicts, %(overdue)s overdue"
                )
                % {"open": row.open, "applicable": row.applicable, "overdue": row.overdue},
            )
            for row in (rows[0], rows[-1])
        ],
        "chart_text": _describe(rows),
        "of_selected_units": facts.of(PART).of_selected_units,
    }


def _describe(rows: Sequence[TrendFact]) -> str:
    """Return a description of the chart for readers who cannot see it."""
    first, last = rows[0], rows[-1]
    return gettext(
        "Line chart of the scores from %(first)s to %(last)s. First and last adjusted score: %(adjusted_first)s and"
        " %(adjusted_last)s. First and last raw score: %(raw_first)s and %(raw_last)s."
    ) % {
        "first": day_label(first.day),
        "last": day_label(last.day),
        "adjusted_first": _percent(first.adjusted),
        "adjusted_last": _percent(last.adjusted),
        "raw_first": _percent(first.score),
        "raw_last": _percent(last.score),
    }


def _percent(score: float | None) -> str:
    return gettext("not known") if score is None else f"{floatformat(score, 1)} %"


def _points(
    rows: Sequence[TrendFact], value: Callable[[TrendFact], float | None]
) -> list[tuple[float, float | None]]:
    """Return the points of a line as (position from 0 to 1, value). For missing days, there is a point with the value
    None, so that the line has a gap.
    """
    days = [date.fromisoformat(row.day) for row in rows]
    length = max(1, (days[-1] - days[0]).days)
    points: list[tuple[float, float | None]] = []
    for place, (day, row) in enumerate(zip(days, rows, strict=True)):
        if place and (day - days[place - 1]).days > 1:
            points.append(((days[place - 1] - days[0]).days / length, None))
        points.append(((day - days[0]).days / length, value(row)))
    return points


PART = Part(
    "trend",
    gettext_noop("Trend"),
    gather=_gather,
    context=_context,
    is_numbered=False,
    kinds=("executive",),
    position=70,
)
