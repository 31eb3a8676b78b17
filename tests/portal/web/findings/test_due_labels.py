"""The label of a due date in the list of findings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.web.findings.rows import due_label

NOW = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "label"),
    [
        (timedelta(hours=2), "30 Nov"),
        (timedelta(days=40), "9 Jan 2027"),
        # The finding was due two hours before `NOW`, at 22:30 of the previous day, and counts as one day late.
        (timedelta(hours=-2), "1 day late"),
        (timedelta(days=-1), "1 day late"),
        (timedelta(days=-5, hours=-1), "5 days late"),
        (timedelta(days=-81, hours=-20), "81 days late"),
    ],
)
def test_an_overdue_finding_is_at_least_one_day_late(offset: timedelta, label: str) -> None:
    assert f">{label}</time>" in due_label(NOW + offset, NOW)
