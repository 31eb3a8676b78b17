"""The trend of a tenant."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import Snapshot
from portal.web.templatetags.charts import line_chart, sparkline
from portal.web.tenant_overview.trend import Trend, chosen_days
from tenants.models import Tenant
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import World

DAY = timedelta(days=1)


def snapshots(tenant: Tenant, days: int) -> None:
    """Write snapshots of the last `days` days: fixed figures for past days, computed ones for today."""
    today = timezone.now().date()
    with factories.in_tenant(tenant):
        for ago in range(1, days):
            Snapshot.objects.create(
                tenant=tenant, day=today - ago * DAY, score=50, adjusted=60.5, coverage=80,
                states={"open": 7, "acknowledged": 2, "manual": 5}, opened=2, closed=1,
            )  # fmt: skip
        take_snapshot(tenant=tenant)


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(("days", "said"), [(0, "No day is recorded"), (1, "One day is recorded so far")])
def test_trend_needs_two_days(engineer: Client, world: World, days: int, said: str) -> None:
    if days:
        snapshots(world.home, days)
    html = page(engineer, "tenant", world.home.slug)
    assert said in html
    assert "chart-svg" not in html


@pytest.mark.slow(seconds=1)
def test_trend_is_shown_as_chart_and_table(engineer: Client, world: World) -> None:
    snapshots(world.home, 40)
    html = page(engineer, "tenant", world.home.slug, query="?days=30")
    assert html.count('class="chart-svg"') == 3
    assert re.search(r'aria-label="Scores, [\d-]+ to [\d-]+: Raw [\d.]+ % at the end; Adjusted', html)
    assert 'aria-current="true">30 days' in html
    rows = re.findall(r'<th[^>]* class="nowrap">(\d{4}-\d\d-\d\d)</th>', html)
    assert len(rows) == 31
    assert rows == sorted(rows, reverse=True)
    values = re.findall(r'<td[^>]* class="num">([^<]*)</td>', html)
    assert any(values[at : at + 3] == ["50.0", "60.5", "7"] for at in range(len(values)))
    assert len(re.findall(r'<th[^>]* class="nowrap">\d{4}', page(engineer, "tenant", world.home.slug))) == 40
    assert "Opened and closed per week" in page(engineer, "tenant", world.home.slug, query="?days=365")


@pytest.mark.parametrize("text", ["", "7", "-30", "x", "30.0", "1e9"])
def test_unknown_lengths_fall_back_to_the_default(text: str) -> None:
    assert chosen_days(text) == 90


def test_long_trends_count_by_week() -> None:
    last = date(2026, 11, 25)

    def rows(days: int) -> list[Snapshot]:
        return [Snapshot(day=last - n * DAY, opened=n + 1, closed=1) for n in reversed(range(days))]

    short = Trend(30, last - 30 * DAY, last, rows(31), {}).opened_and_closed
    assert len(short.pairs) == 31
    assert short.pairs[-2:] == [(2, 1), (1, 1)]
    long = Trend(365, last - 365 * DAY, last, rows(366), {}).opened_and_closed
    assert long.pairs[-1] == (sum(range(1, 8)), 7)
    assert sum(up for up, _ in long.pairs) == sum(range(1, 367))
    assert sum(down for _, down in long.pairs) == 366


def test_days_on_which_nothing_was_known_are_gaps_instead_of_zeros() -> None:
    last = date(2026, 11, 25)
    known = Snapshot(
        day=last - 31 * DAY, score=80.0, adjusted=72.0, states={"open": 2, "unknown": 1}, overdue=1
    )
    # If nothing could be read on a day, earlier versions stored the adjusted score 0, because unanswered manual
    # controls count as failures.
    unread = Snapshot(day=last, score=None, adjusted=0.0, states={"unknown": 9, "manual": 2})
    found = Trend(40, last - 40 * DAY, last, [known, unread], {})
    assert found.adjusted_scores == [72.0, None]
    assert found.open[0].points[-1][1] is None
    assert found.difference(None) is None
    assert [row[1:4] for row in found.newest_first] == [(None, None, None), (72.0, 2, 1)]


def test_missing_days_are_gaps_in_the_lines() -> None:
    """No worker ran on these days, so a straight line would show values that are not known."""
    last = date(2026, 11, 25)
    days = [last - n * DAY for n in (8, 7, 3, 1, 0)]
    rows = [Snapshot(day=day, score=50, adjusted=None, states={"open": 2}) for day in days]
    found = Trend(10, last - 10 * DAY, last, rows, {})
    for line, value in ((found.open[0], 2.0), (found.scores[0], 50)):
        assert [known for _, known in line.points] == [value, value, None, value, None, value, value]
    drawn: Any = line_chart(found.open, "Open", last - 10 * DAY, last)
    (part,) = drawn["lines"]
    assert (len(part["paths"]), len(part["dots"])) == (2, 1)


@pytest.mark.slow(seconds=1)
def test_a_customer_that_could_not_be_read_shows_the_last_known_values(
    engineer: Client, world: World
) -> None:
    snapshots(world.home, 40)
    today = timezone.now().date()
    with factories.in_tenant(world.home):
        Snapshot.objects.filter(tenant=world.home, day__gt=today - 6 * DAY).update(
            score=None, adjusted=None, states={"unknown": 9}
        )
    known = today - 6 * DAY
    html = page(engineer, "tenant", world.home.slug, query="?days=30")
    assert f"Raw 50 % until {known}, then not known; Adjusted 60.5 % until {known}, then not known" in html
    assert f"Open 7 until {known}, then not known" in html
    assert html.count("chart-known") == 3
    assert len(re.findall(rf"muted\">until\s+(?:<time[^>]*>)?{known}", html)) == 3


def test_a_small_line_marks_the_last_known_value() -> None:
    past, now = sparkline([60.0, 70.0, None], "Score"), sparkline([60.0, 70.0], "Score")
    assert "Score: 60 to 70 percent, the last known value" in past
    assert 'class="chart-dot past"' in past
    assert "last known" not in now
    assert 'class="chart-dot past"' not in now
