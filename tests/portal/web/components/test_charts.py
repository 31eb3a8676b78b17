"""Line and bar charts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.web.components.charts import Bars, Line
from portal.web.templatetags.charts import bar_chart, line_chart


def test_gaps_split_a_line() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 5)
    line = Line("Raw", "accent", [(0, 40.0), (0.25, 50.0), (0.5, None), (0.75, None), (1, 60.0)])
    drawn: Any = line_chart([line], "Scores", first, last, percent=True)
    (part,) = drawn["lines"]
    assert part["paths"] == ["0.0,120.0 100.0,60.0"]
    assert len(part["dots"]) == 1
    assert drawn["label"] == "Scores, 2026-11-01 to 2026-11-05: Raw 60 % at the end"
    nothing = line_chart([Line("Raw", "accent", [])], "Scores", first, last, percent=True)
    assert str(nothing["label"]).endswith("Raw none at the end")


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], ["2", "1", "0"]),
        ([1], ["2", "1", "0"]),
        ([7], ["8", "4", "0"]),
        ([61], ["80", "40", "0"]),
        ([1234], ["1,400", "700", "0"]),
        ([1_234_567], ["1,400,000", "700,000", "0"]),
    ],
)
def test_axes_of_counts_are_round(values: list[float], ticks: list[str]) -> None:
    line = Line("Open", "fail", [(0, value) for value in values])
    found: Any = line_chart([line], "Open", date(2026, 11, 1), date(2026, 11, 2))
    assert found["ticks"] == ticks
    if values:
        assert found["lines"][0]["text"] == f"{values[-1]:,}"


@pytest.mark.parametrize("value", [0.0, 0.4, 40.0, 99.9, 100.0])
def test_axes_of_scores_contain_the_value(value: float) -> None:
    found: Any = line_chart(
        [Line("Raw", "accent", [(0, value)])], "x", date(2026, 11, 1), date(2026, 11, 2), percent=True
    )
    high, middle, low = map(float, found["ticks"])
    assert 0 <= low <= value <= high <= 100
    assert low < middle < high


def test_bars_are_drawn_up_and_down() -> None:
    found: Any = bar_chart(
        Bars("Opened", "Closed", [(0, 0), (4, 2)]), "Moved", date(2026, 11, 1), date(2026, 11, 2)
    )
    shapes = found["shapes"]
    assert [(bar["role"], bar["y"], bar["height"]) for bar in shapes] == [
        ("fail", "0.00", "60.00"),
        ("pass", "60.00", "30.00"),
    ]
    assert found["label"] == "Moved, 2026-11-01 to 2026-11-02, by day: 4 opened, 2 closed"
