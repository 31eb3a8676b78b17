"""The earlier score with which pages and reports compare today's score."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.queries.tenant_overview.daily_scores import score_to_compare

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({}, None),
        ({29: 50.0}, None),
        ({31: 40.0, 30: 50.0, 29: 60.0}, 50.0),
        ({36: 50.0, 10: 60.0}, 50.0),
        # Nothing was recorded 30 to 36 days ago, and older scores are not used.
        ({37: 50.0}, None),
        ({80: 50.0, 1: 60.0}, None),
        # A score was recorded 30 days ago, but it was unknown.
        ({31: 50.0, 30: None}, None),
    ],
)
def test_the_score_of_30_days_ago(days: dict[int, float | None], expected: float | None) -> None:
    history = [(TODAY - timedelta(days=ago), score) for ago, score in days.items()]
    assert score_to_compare(history, TODAY) == expected
