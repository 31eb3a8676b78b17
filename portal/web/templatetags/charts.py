"""Draw charts as SVG. Attributes set the geometry, because the content security policy (CSP) forbids inline styles.
Every chart has a text alternative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from math import ceil, floor, pi

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.web.components.charts import Bars, Line, score_role
from portal.web.components.formatting import format_score
from portal.web.components.vocabulary import BAR_ORDERS, VOCABULARIES

register = template.Library()

_WIDTH, _HEIGHT, _PAD = 96.0, 24.0, 2.0
# Parts of a bar that do not affect the score. They look like the empty part of a bar.
_REST = frozenset({"not_applicable", "not_covered", "not_assessed", "gone"})
# The minimum width of a part of a bar, in percent of the bar.
_LEAST_PART = 1.5


@register.simple_tag
def sparkline(points: Sequence[float | None], label: str, large: bool = False) -> SafeString:
    """Draw a line chart of percentages (0 to 100), oldest first. None is a gap in the line.

    If the newest values are missing, the last known value has a hollow mark.
    """
    known = [p for p in points if p is not None]
    low, high = (min(known), max(known)) if known else (0.0, 100.0)
    if high - low < 10:  # The axis spans at least 10 points, so that small changes do not look large.
        middle = (high + low) / 2
        low, high = middle - 5, middle + 5
    step = (_WIDTH - 2 * _PAD) / max(1, len(points) - 1)
    segments: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(points):
        if value is None:
            segments.append([])
            continue
        y = _PAD + (high - value) / (high - low) * (_HEIGHT - 2 * _PAD)
        segments[-1].append((round(_PAD + index * step, 2), round(y, 2)))
    drawn = [segment for segment in segments if segment]
    if known:
        summary = f"{label}: {format_score(known[0])} to {format_score(known[-1])} percent"
        if points[-1] is None:
            summary += ", the last known value"
    else:
        summary = f"{label}: no data yet"
    segments = [segment for segment in drawn if len(segment) > 1]
    parts = [f'<polygon class="chart-area" points="{_area(segment)}"/>' for segment in segments]
    for segment in segments:
        points_text = " ".join(f"{x},{y}" for x, y in segment)
        parts.append(f'<polyline class="chart-line" points="{points_text}"/>')
    if drawn and not large:
        x, y = drawn[-1][-1]
        if points[-1] is None:
            parts.append(f'<line class="chart-base" x1="{x}" x2="{_WIDTH - _PAD}" y1="{y}" y2="{y}"/>')
            parts.append(f'<circle class="chart-dot past" cx="{x}" cy="{y}" r="1.8"/>')
        else:
            parts.append(f'<circle class="chart-dot" cx="{x}" cy="{y}" r="1.8"/>')
    if not segments:
        parts.append('<line class="chart-base" x1="2" x2="94" y1="12" y2="12"/>')
    return format_html(
        '<svg class="sparkline role-{}{}" viewBox="0 0 96 24" preserveAspectRatio="none" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>",
        score_role(known[-1] if known else None),
        " large" if large else "",
        summary,
        summary,
        mark_safe("".join(parts)),  # noqa: S308 (numbers only)
    )


def _area(segment: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in [(segment[0][0], _HEIGHT), *segment, (segment[-1][0], _HEIGHT)])


@register.inclusion_tag("_components/score_ring.html")
def score_ring(
    score: float | None, label: str = "Score", small: bool = False, critical: int = 0
) -> dict[str, object]:
    """Draw a ring that shows a score in percent. For an unknown score (None), the ring is dashed and grey, and has no
    number.

    If there are open critical findings, the ring never has the colour of a good score.
    """
    around = 2 * pi * 42
    filled = around * min(100.0, max(0.0, score)) / 100 if score is not None else 0.0
    text_alternative = f"{label}: {format_score(score)} percent" if score is not None else f"{label}: unknown"
    return {
        "known": score is not None,
        "text": format_score(score) if score is not None else "?",
        "dash": f"{filled:.2f} {around:.2f}",
        "drawn": filled > 0,
        "label": text_alternative,
        "small": small,
        "role": _capped_role(score, critical),
    }


@register.filter
def score(value: float | None) -> str:
    """Return a score as a whole percentage, rounded as in rings and tables. Return “not known” if the score is None."""
    return "not known" if value is None else format_score(value)


@register.simple_tag
def score_mark(score: float, critical: int = 0, label: str = "Score") -> SafeString:
    """Draw a score as a small ring with the number beside it.

    If there are open critical findings, the ring never has the colour of a good score.
    """
    return format_html(
        '{}<span class="strong"><span class="visually-hidden">{}:</span>{}</span>',
        _small_ring(_capped_role(score, critical), score),
        label,
        format_score(score),
    )


@lru_cache(maxsize=4096)
def _small_ring(role: str, score: float) -> SafeString:
    around = 2 * pi * 42
    return format_html(
        '<svg class="ring mark role-{}" viewBox="0 0 100 100" aria-hidden="true">'
        '<circle class="ring-track" cx="50" cy="50" r="42"/>'
        '<circle class="ring-value" cx="50" cy="50" r="42" stroke-dasharray="{}" transform="rotate(-90 50 50)"/></svg>',
        role,
        f"{around * min(100.0, max(0.0, score)) / 100:.2f} {around:.2f}",
    )


def _capped_role(score: float | None, critical: int) -> str:
    """Return the colour role of a score. While critical findings are open, this is never the colour role of a good
    score.
    """
    role = score_role(score)
    return "warn" if critical and role == "pass" else role


@register.simple_tag
def difference(value: int, what: str = "", less_is_better: bool = False) -> SafeString:
    """Show a difference with its sign: ``{% difference 4 "in 30 days" %}``. The difference is between two counts, or
    between two scores in whole percent. Only screen readers get the text `what`.
    """
    good = -value if less_is_better else value
    return format_html(
        '<span class="small difference {}">{}{}</span>',
        "role-pass" if good > 0 else "role-fail" if good < 0 else "",
        "±0" if not value else f"{'+' if value > 0 else '−'}{abs(value):,}",
        format_html(' <span class="visually-hidden">{}</span>', what) if what else "",
    )


@register.inclusion_tag("_components/stacked_bar.html")
def stacked_bar(
    parts: Iterable[tuple[str, int]],
    label: str,
    kind: str = "verdict",
    legend: bool = True,
    thin: bool = False,
) -> dict[str, object]:
    """Draw a bar that shows counts, such as numbers of verdicts. Each count is a part of the bar.

    All bars of one ``kind`` have their parts in the same order. An example of ``parts`` is ``[("pass", 120), ("fail",
    3)]``. A part that is not zero is always wide enough to be visible.
    """
    counts = dict(parts)
    words = BAR_ORDERS.get(kind, tuple(VOCABULARIES[kind]))
    marks = [VOCABULARIES[kind][key] for key in words if counts.get(key)]
    total = sum(counts[m.key] for m in marks)
    widths = {m.key: max(_LEAST_PART, 100 * counts[m.key] / total) for m in marks}
    shown, at = [], 0.0
    for m in marks:
        width = 100 * widths[m.key] / sum(widths.values())
        shown.append(
            {
                "mark": m,
                "count": counts[m.key],
                "x": f"{at:.3f}",
                "width": f"{width:.3f}",
                "is_rest": m.key in _REST,
            }
        )
        at += width
    text = ", ".join(f"{part['count']:,} {part['mark'].label.lower()}" for part in shown)  # type: ignore[attr-defined]
    return {"parts": shown, "label": f"{label}: {text or 'nothing'}", "legend": legend, "thin": thin}


@register.inclusion_tag("_components/bar_legend.html")
def bars_legend(parts: Iterable[tuple[str, int]], css: str = "") -> dict[str, object]:
    """Return one legend for all bars of verdicts in a column of a table. For each verdict, the legend shows the colour,
    and the sum over all bars.
    """
    return {"parts": stacked_bar(parts, "")["parts"], "css": css}


@register.inclusion_tag("_components/progress.html")
def progress(value: int, total: int, label: str, role: str = "accent") -> dict[str, object]:
    """Draw a progress bar. A total of 0 means that the total is unknown."""
    percent = min(100, int(100 * value / total)) if total else 0
    return {"value": value, "total": total, "percent": percent, "label": label, "role": role}


_CHART_WIDTH, _CHART_HEIGHT = 400.0, 120.0


@register.inclusion_tag("_components/line_chart.html")
def line_chart(
    lines: Sequence[Line], title: str, first: date, last: date, percent: bool = False
) -> dict[str, object]:
    """Draw a line chart over days, with a labelled axis. If `percent` is True, the axis need not start at 0.

    If the newest values of a line are missing, the chart marks the line's last known value and shows its day.
    """
    known = [value for line in lines for _, value in line.points if value is not None]
    low, high = _axis(known, percent)
    drawn, summaries = [], []
    for line in lines:
        segments: list[list[tuple[float, float]]] = [[]]
        for place, value in line.points:
            if value is None:
                segments.append([])
            else:
                y = (high - value) / (high - low) * _CHART_HEIGHT
                segments[-1].append((round(place * _CHART_WIDTH, 1), round(y, 1)))
        paths = [" ".join(f"{x},{y}" for x, y in segment) for segment in segments if len(segment) > 1]
        dots = [segment[0] for segment in segments if len(segment) == 1]
        area = [_down_to_base(segment) for segment in segments if len(segment) > 1 and len(lines) == 1]
        text = "none" if line.last is None else f"{_number(line.last)}{' %' if percent else ''}"
        known_on, mark = None, None
        if line.last_known is not None:
            place, value = line.last_known
            known_on = first + timedelta(days=round(place * (last - first).days))
            mark = (round(place * _CHART_WIDTH, 1), round((high - value) / (high - low) * _CHART_HEIGHT, 1))
        at = "at the end" if known_on is None else f"until {known_on}, then not known"
        summaries.append(f"{line.label} {text} {at}")
        drawn.append(
            {
                "line": line,
                "paths": paths,
                "dots": dots,
                "areas": area,
                "text": text,
                "known_on": known_on,
                "mark": mark,
            }
        )
    return {
        "title": title,
        "label": f"{title}, {first} to {last}: {'; '.join(summaries)}",
        "lines": drawn,
        "ticks": [_number(value) for value in (high, (high + low) / 2, low)],
        "days": [first, first + (last - first) / 2, last],
    }


def _number(value: float) -> str:
    return f"{value:,.12g}"


def _down_to_base(segment: list[tuple[float, float]]) -> str:
    first, last = (segment[0][0], _CHART_HEIGHT), (segment[-1][0], _CHART_HEIGHT)
    return " ".join(f"{x},{y}" for x, y in [first, *segment, last])


def _axis(values: Sequence[float], percent: bool) -> tuple[float, float]:
    """Return the two ends of an axis. Both ends and the middle are round numbers. An axis of counts starts at 0."""
    if percent:
        low = floor(min(values, default=0) / 20) * 20
        high = ceil(max(values, default=100) / 20) * 20
        return (low, high) if high > low else (max(0, low - 20), min(100, low + 20))
    return 0, _round_up(max(values, default=0))


def _round_up(most: float) -> int:
    """Round up to a number whose half is round too: 2, 4, …, 20, 40, 60, …, 200, 400, …"""
    step = 2
    while step * 10 < most:
        step *= 10
    return max(2, ceil(most / step) * step)


@register.inclusion_tag("_components/bar_chart.html")
def bar_chart(bars: Bars, title: str, first: date, last: date, each: str = "day") -> dict[str, object]:
    """Draw a bar chart with the opened findings above a middle line, and the closed findings below the line."""
    high = _round_up(max((max(pair) for pair in bars.pairs), default=0))
    middle, width = _CHART_HEIGHT / 2, _CHART_WIDTH / max(1, len(bars.pairs))
    shapes = []
    for index, pair in enumerate(bars.pairs):
        for value, role, is_up in ((pair[0], "fail", True), (pair[1], "pass", False)):
            if value:
                tall = max(1.5, value / high * middle)
                y = middle - tall if is_up else middle
                shapes.append(
                    {
                        "role": role,
                        "x": f"{index * width + width * 0.1:.2f}",
                        "y": f"{y:.2f}",
                        "width": f"{width * 0.8:.2f}",
                        "height": f"{tall:.2f}",
                    }
                )
    opened, closed = (sum(column) for column in zip(*bars.pairs, strict=True)) if bars.pairs else (0, 0)
    return {
        "title": title,
        "label": f"{title}, {first} to {last}, by {each}: {opened:,} {bars.up.lower()}, {closed:,} {bars.down.lower()}",
        "shapes": shapes,
        "is_two_sided": True,
        "ticks": [_number(high), "0", _number(high)],
        "days": [first, first + (last - first) / 2, last],
        "legend": [(bars.up, "fail", opened), (bars.down, "pass", closed)],
    }
