"""Snapshots: the figures of a day, one row per day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.figures.snapshots import record_figures, take_snapshot
from portal.treatment.models import Snapshot, Treatment
from portal.treatment.selectors.refresh_triggers import needs_refresh
from portal.treatment.selectors.scores import standing
from tenants.models import Tenant
from tests import factories
from tests.portal.treatment.findings import DAY, FAILING, MANUAL, NOW, make
from tests.portal.treatment.undo import undo

COVER = {"excepted_sha256": "a" * 64, "excepted_from": NOW - DAY, "excepted_until": NOW + DAY}
HOUR = timedelta(hours=1)


def assessment(tenant: Tenant, number: int, at: datetime, *, ended: bool = True) -> Assessment:
    with time_machine.travel(at - HOUR, tick=False):
        return Assessment.objects.create(
            tenant=tenant,
            number=number,
            state="finished" if ended else "running",
            ended_at=at if ended else None,
            catalogue_hash="c" * 64,
            product_version="1",
        )


def change(finding: Finding, run: Assessment, at: datetime, before: str, after: str) -> None:
    FindingChange.objects.create(
        tenant=finding.tenant, finding=finding, assessment=run, at=at, before_outcome=before,
        after_outcome=after, reason="r",
    )  # fmt: skip


def test_a_snapshot_has_the_figures_of_now(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        assessment(tenant, 6, NOW - DAY)
        assessment(tenant, 7, NOW - HOUR)
        assessment(tenant, 8, NOW, ended=False)
        made: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
            ({"outcome": "pass", "state": "passing"}, None),
            (FAILING, None),
            (FAILING, COVER),
            ({**FAILING, "failing_since": NOW - 60 * DAY}, None),
            (MANUAL, {"attested_met": False, "attested_until": NOW + DAY}),
            ({"outcome": "unknown", "state": "unknown", "unknown_because": "forbidden"}, None),
            ({**FAILING, "state": "gone", "gone_at": NOW}, None),
        ]
        for number, (finding, treatment) in enumerate(made):
            row = make(tenant, finding, number)
            if treatment is not None:
                Treatment.objects.create(tenant=tenant, finding=row, **treatment)
        taken = take_snapshot(tenant=tenant, now=NOW)
        stored = Snapshot.objects.get()
        expected = standing(tenant, NOW)
    assert taken.pk == stored.pk
    assert stored.day == NOW.date()
    assert stored.through == 7
    assert (stored.score, stored.adjusted) == (25.0, 25.0)
    assert (stored.score, stored.adjusted) == (expected.raw["score"], expected.adjusted["score"])
    assert stored.coverage == 83.3
    assert stored.states == {"excepted": 1, "not_met": 1, "open": 2, "passing": 1, "unknown": 1}
    assert (stored.overdue, stored.opened, stored.closed) == (1, 0, 0)


def test_recorded_figures_equal_those_of_a_snapshot(db: None) -> None:
    figures = ("score", "adjusted", "coverage", "states", "overdue", "opened", "closed", "through")
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        assessment(tenant, 3, NOW - DAY)
        make(tenant, {**FAILING, "failing_since": NOW - 29.5 * DAY})
        excepted = make(tenant, FAILING, 1)
        Treatment.objects.create(tenant=tenant, finding=excepted, **COVER)
        take_snapshot(tenant=tenant, now=NOW)
        found = []
        for record in (record_figures, take_snapshot):
            with time_machine.travel(NOW + 2 * DAY, tick=False):
                row = record(tenant=tenant)
            assert row.day == (NOW + 2 * DAY).date()
            found.append({name: getattr(row, name) for name in figures})
    assert found[0] == found[1]
    # The finding became overdue, and the exception ended.
    assert (found[0]["overdue"], found[0]["states"]) == (1, {"open": 2})


@pytest.mark.slow(seconds=1)
def test_the_row_of_today_is_rewritten_and_yesterdays_kept(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        row = make(tenant, FAILING)
        take_snapshot(tenant=tenant, now=NOW - DAY)
        first = take_snapshot(tenant=tenant, now=NOW)
        assert take_snapshot(tenant=tenant, now=NOW).pk == first.pk
        Treatment.objects.create(tenant=tenant, finding=row, **COVER)
        take_snapshot(tenant=tenant, now=NOW + HOUR)
        rows = list(Snapshot.objects.order_by("day").values_list("day", "score", "adjusted", "states"))
    assert rows == [
        (NOW.date() - DAY, 0.0, 0.0, {"open": 1}),
        (NOW.date(), 0.0, None, {"excepted": 1}),
    ]


def test_a_tenant_without_findings_has_a_row(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        row = take_snapshot(tenant=tenant, now=NOW)
    assert (row.score, row.adjusted, row.coverage, row.states, row.through) == (None, None, None, {}, 0)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 25, 0, 0, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 25, 23, 59, tzinfo=UTC), date(2026, 11, 25)),
        (datetime.fromisoformat("2026-11-25T23:30:00-05:00"), date(2026, 11, 26)),
    ],
    ids=["first moment", "last moment", "another zone"],
)
def test_days_begin_at_midnight_utc(db: None, at: datetime, day: date) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        assert take_snapshot(tenant=tenant, now=at).day == day


PASSING = {"outcome": "pass", "state": "passing"}
RESOLVED = {"outcome": "pass", "state": "resolved"}
TODAY = {"outcome": "fail", "state": "open", "failing_since": NOW}
UNKNOWN = {"outcome": "unknown", "state": "unknown", "unknown_because": "forbidden"}
# {case: (current verdict, changes of the day as (before, after), expected counts as (opened, closed))}
MOVES: dict[str, tuple[dict[str, Any], list[tuple[str, str]], tuple[int, int]]] = {
    "new and failing": (TODAY, [("", "fail")], (1, 0)),
    "new and passing": (PASSING, [("", "pass")], (0, 0)),
    "began to fail": (TODAY, [("pass", "fail")], (1, 0)),
    "another value, fails still": (FAILING, [("fail", "fail")], (0, 0)),
    "resolved": (RESOLVED, [("fail", "pass")], (0, 1)),
    "ceased to apply": ({"outcome": "not_applicable", "state": "not_applicable"}, [("fail", "not_applicable")], (0, 1)),
    "gone while failing": ({**FAILING, "state": "gone", "gone_at": NOW}, [("fail", "gone")], (0, 1)),
    "gone while passing": ({**PASSING, "state": "gone", "gone_at": NOW}, [("pass", "gone")], (0, 0)),
    "came back failing": (TODAY, [("gone", "fail")], (1, 0)),
    "not to be judged any more": ({**UNKNOWN, "failing_since": NOW - DAY}, [("fail", "unknown")], (0, 0)),
    "judged again, failing all along": (FAILING, [("unknown", "fail")], (0, 0)),
    "judged, failing anew": (TODAY, [("unknown", "fail")], (1, 0)),
    "judged again, resolved meanwhile": (RESOLVED, [("unknown", "pass")], (0, 1)),
    "judged again, passing as before": (PASSING, [("unknown", "pass")], (0, 0)),
    "to and fro": (TODAY, [("fail", "pass"), ("pass", "fail")], (1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", list(MOVES))
def test_opened_and_closed_findings_are_counted_by_day(db: None, name: str) -> None:
    finding, changes, expected = MOVES[name]
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        row = make(tenant, finding)
        for number, (before, after) in enumerate(changes, 1):
            run = assessment(tenant, number, NOW, ended=number < len(changes))
            change(row, run, NOW, before, after)
        taken = take_snapshot(tenant=tenant, now=NOW + HOUR)
        tomorrow = take_snapshot(tenant=tenant, now=NOW + DAY)
    assert (taken.opened, taken.closed) == expected
    assert (tomorrow.opened, tomorrow.closed) == (0, 0)


def test_an_assessment_over_midnight_counts_on_both_days(db: None) -> None:
    """Changes count on the day on which they were found."""
    tenant = factories.tenant()
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    with factories.in_tenant(tenant):
        run = assessment(tenant, 1, midnight + HOUR / 2)
        for number, at in enumerate((midnight - HOUR / 4, midnight, midnight + HOUR / 4)):
            change(make(tenant, TODAY, number), run, at, "pass", "fail")
        days = [take_snapshot(tenant=tenant, now=midnight + hours * HOUR).opened for hours in (-1, 1)]
    assert days == [1, 2]


def test_a_snapshot_counts_its_own_tenant_only(db: None) -> None:
    mine, other = factories.tenant(), factories.tenant()
    with factories.in_tenant(other):
        run = assessment(other, 1, NOW)
        change(make(other, TODAY), run, NOW, "", "fail")
    with factories.in_tenant(mine):
        taken = take_snapshot(tenant=mine, now=NOW)
    assert (taken.opened, taken.states, taken.through) == (0, {}, 0)


def numbers(tenant: Tenant, now: datetime = NOW) -> dict[str, int]:
    """Return the number of findings in each shown state, as pages show it."""
    return standing(tenant, now).states


def test_verdicts_are_counted_once_per_assessment(db: None) -> None:
    """Until the next assessment, the numbers of verdicts come from the newest snapshot. Treatments are read only if one
    has changed since that snapshot.
    """
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        assessment(tenant, 1, NOW - HOUR)
        failing, passing = make(tenant, FAILING), make(tenant, PASSING, 1)
        kept = take_snapshot(tenant=tenant, now=NOW)
        assert kept.verdicts == [
            ["storage", "high", "fail", "open", 1],
            ["storage", "high", "pass", "passing", 1],
        ]
        with CaptureQueriesContext(connection) as queries:
            assert numbers(tenant) == {"open": 1, "passing": 1}
        assert len(queries) == 2
        # The test changes findings without an assessment, so the figures show whether findings were counted again.
        Finding.objects.filter(pk=passing.pk).update(state="resolved")
        assert numbers(tenant) == {"open": 1, "passing": 1}
        Treatment.objects.create(tenant=tenant, finding=failing, **COVER)
        assert numbers(tenant) == {"excepted": 1, "passing": 1}
        assert numbers(tenant, NOW + DAY) == {"open": 1, "passing": 1}
        # During and after another assessment, the verdicts of the snapshot are outdated, so findings are counted.
        run = assessment(tenant, 2, NOW, ended=False)
        assert numbers(tenant) == {"excepted": 1, "resolved": 1}
        Assessment.objects.filter(pk=run.pk).update(state="cancelled", ended_at=NOW)
        assert numbers(tenant) == {"excepted": 1, "resolved": 1}
        take_snapshot(tenant=tenant, now=NOW + HOUR)
        with CaptureQueriesContext(connection) as queries:
            assert numbers(tenant) == {"excepted": 1, "resolved": 1}
        # The snapshot is later than `NOW`, so the treatments are read. The verdicts are not counted again.
        assert len(queries) == 4


def test_a_snapshot_during_an_assessment_is_outdated_after_it(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        run = assessment(tenant, 1, NOW, ended=False)
        row = make(tenant, PASSING)
        assert take_snapshot(tenant=tenant, now=NOW).through == 0
        Finding.objects.filter(pk=row.pk).update(state="resolved")
        assert numbers(tenant) == {"resolved": 1}
        Assessment.objects.filter(pk=run.pk).update(state="finished", ended_at=NOW)
        assert numbers(tenant) == {"resolved": 1}


@pytest.mark.slow(seconds=1)
def test_only_the_newest_row_stores_verdicts(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        assessment(tenant, 1, NOW - 2 * DAY)
        make(tenant, FAILING)
        for days in (2, 1, 0):
            take_snapshot(tenant=tenant, now=NOW - days * DAY)
        kept = list(Snapshot.objects.order_by("day").values_list("verdicts", flat=True))
    assert [bool(verdicts) for verdicts in kept] == [False, False, True]


@pytest.mark.slow(seconds=1)
def test_an_attestation_needs_a_refresh(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        manual = make(tenant, MANUAL)
        assert not needs_refresh(tenant, NOW)
        assessment(tenant, 1, NOW - HOUR)
        assert needs_refresh(tenant, NOW)
        assert take_snapshot(tenant=tenant, now=NOW).taken_at == NOW
        assert not needs_refresh(tenant, NOW)
        answered = Treatment.objects.create(
            tenant=tenant, finding=manual, attested_met=True, attested_until=NOW + 30 * DAY
        )
        assert needs_refresh(tenant, NOW + 2 * HOUR)
        take_snapshot(tenant=tenant, now=NOW + 2 * HOUR)
        assert not needs_refresh(tenant, NOW + 2 * HOUR)
        answered.attested_met = answered.attested_until = None
        answered.save()
        assert needs_refresh(tenant, NOW + 3 * HOUR)
        assert needs_refresh(tenant, NOW + DAY)


@pytest.mark.slow(seconds=1)
def test_an_acknowledgement_and_its_undo_need_a_refresh(db: None) -> None:
    tenant, person = factories.tenant(), factories.person()
    now = timezone.now()
    with factories.in_tenant(tenant):
        assessment(tenant, 1, now - HOUR)
        make(tenant, {**FAILING, "failing_since": now - DAY})
        assert take_snapshot(tenant=tenant, now=now).states == {"open": 1}
        assert not needs_refresh(tenant, now)
        batch = acknowledge(tenant=tenant, findings=Finding.objects.all(), by=person)
        assert needs_refresh(tenant, timezone.now())
        assert take_snapshot(tenant=tenant).states == {"acknowledged": 1}
        assert not needs_refresh(tenant, timezone.now())
        undo(batch=batch, by=person)
        assert needs_refresh(tenant, timezone.now())
        assert take_snapshot(tenant=tenant).states == {"open": 1}
        assert not needs_refresh(tenant, timezone.now())
