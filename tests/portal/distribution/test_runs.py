"""Runs of schedules: created when due, with one report each; people are notified of missed and failed runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone

from assessments.models import Assessment
from portal.distribution.actions.run_queue import MAX_RUNS_PER_HOUR
from portal.distribution.actions.runs import RETRY_AFTER, is_due, run_due, run_now
from portal.distribution.actions.schedules import remove_schedule, set_schedule_enabled
from portal.distribution.models import ReportDelivery, ReportRun, ReportSchedule
from portal.notify.models import Notice
from portal.reports.actions import MAX_BUILDING
from portal.reports.models import Report
from tenants.actions import archive_tenant
from tenants.errors import Conflict
from tenants.models import JournalEntry, Tenant
from tenants.scope import person_scope
from tests import factories
from tests.portal.distribution.schedules import add, end_build, report_of, runs
from tests.portal.web.world import World, account, assess

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock(world: World) -> Iterator[time_machine.Traveller]:
    """A clock that starts after all assessments in `world`."""
    with time_machine.travel(datetime(2027, 1, 15, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def tick(tenant: Tenant) -> bool:
    """Do the due work of schedules, as the periodic task does. Return whether any work was due."""
    with factories.in_tenant(tenant):
        due = is_due(tenant)
    if due:
        run_due(tenant_id=tenant.pk)
    return due


def stored(row: ReportSchedule) -> ReportSchedule:
    with factories.in_tenant(row.tenant):
        return ReportSchedule.objects.get(pk=row.pk)


def notices(tenant: Tenant) -> list[Notice]:
    with factories.in_tenant(tenant):
        rows = Notice.objects.filter(tenant=tenant, kind="report_not_delivered")
        return list(rows.order_by("created_at", "pk"))


def test_a_monthly_report_is_requested_once_when_it_is_due(world: World, clock: Any) -> None:
    row = add(
        world.home, timetable="monthly 1 06:00 within 0", kind="framework", paper="letter", language="de"
    )
    assert tick(world.home)
    assert stored(row).next_at == datetime(2027, 2, 1, 6, tzinfo=UTC)
    assert not tick(world.home)
    clock.move_to(datetime(2027, 2, 1, 5, 59, tzinfo=UTC))
    assert not tick(world.home)
    clock.move_to(datetime(2027, 2, 1, 6, 1, tzinfo=UTC))
    assert tick(world.home)
    (run,) = runs(world.home)
    assert (run.state, run.due_at, run.missed_count) == ("building", datetime(2027, 2, 1, 6, tzinfo=UTC), 0)
    assert (report_of(run).kind, report_of(run).paper, report_of(run).framework) == (
        "framework",
        "letter",
        "cis-6.0.0",
    )
    assert report_of(run).language == "de"
    assert report_of(run).requested_as == "Surety (report schedule)"
    assert stored(row).next_at == datetime(2027, 3, 1, 6, tzinfo=UTC)
    assert not tick(world.home)
    end_build(report_of(run))
    assert tick(world.home)
    (run,) = runs(world.home)
    assert (run.state, run.error) == ("built", "")
    assert not tick(world.home)
    assert notices(world.home) == []


def test_the_time_zone_of_the_customer_counts_and_its_change_too(world: World, clock: Any) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(timezone="Asia/Tokyo")
        world.home.refresh_from_db()
    row = add(world.home, timetable="weekly Mon 06:00 within 0")
    tick(world.home)
    assert stored(row).next_at == datetime(2027, 1, 17, 21, tzinfo=UTC)
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(timezone="America/New_York")
        world.home.refresh_from_db()
    assert tick(world.home)
    assert stored(row).next_at == datetime(2027, 1, 18, 11, tzinfo=UTC)
    assert runs(world.home) == []


def test_missed_runs_are_reported_and_replaced_by_one(world: World, clock: Any) -> None:
    engineer = world.people["organization_engineer"]
    row = add(
        world.home, by=engineer, timetable="weekly Mon 06:00 within 0", people=[engineer.pk], addresses=[]
    )
    tick(world.home)
    # The runs on Monday 18 January, 25 January and 1 February are missed.
    clock.move_to(datetime(2027, 2, 3, tzinfo=UTC))
    tick(world.home)
    (run,) = runs(world.home)
    assert run.state == "building"
    assert (run.missed_count, run.missed_from, run.missed_until) == (
        3, datetime(2027, 1, 18, 6, tzinfo=UTC), datetime(2027, 2, 1, 6, tzinfo=UTC),
    )  # fmt: skip
    assert stored(row).next_at == datetime(2027, 2, 8, 6, tzinfo=UTC)
    (notice,) = notices(world.home)
    assert notice.person_id == engineer.pk
    assert notice.title.startswith("3 scheduled reports were missed")
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.get(tenant=world.home, action="report_schedule.missed")
    assert entry.details["count"] == 3


@pytest.mark.slow(seconds=1)
def test_reports_that_replace_missed_ones_do_not_all_start_at_once(world: World, clock: Any) -> None:
    tenants = [world.home, *(factories.tenant(world.organization, f"C{number}") for number in range(9))]
    for tenant in tenants:
        add(tenant, timetable="monthly 20 06:00 within 240")
        tick(tenant)
    clock.move_to(datetime(2027, 1, 25, tzinfo=UTC))
    starts = set()
    for tenant in tenants:
        tick(tenant)
        (run,) = runs(tenant)
        starts.add(run.start_at - datetime(2027, 1, 25, tzinfo=UTC))
    assert len(starts) > 6
    assert max(starts) < timedelta(hours=1)


def test_a_paused_schedule_makes_up_for_nothing(world: World, clock: Any) -> None:
    row = add(world.home, timetable="weekly Mon 06:00 within 0")
    tick(world.home)
    with factories.in_tenant(world.home):
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=False)
    clock.move_to(datetime(2027, 2, 3, tzinfo=UTC))
    assert not tick(world.home)
    with factories.in_tenant(world.home):
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=True)
    tick(world.home)
    assert runs(world.home) == []
    assert stored(row).next_at == datetime(2027, 2, 8, 6, tzinfo=UTC)


@pytest.mark.slow(seconds=1)
def test_a_report_follows_each_complete_assessment_and_no_partial_one(world: World, clock: Any) -> None:
    add(world.home, timetable="after-assessment", addresses=["it@contoso.example"])
    tick(world.home)
    tick(world.home)
    assert runs(world.home) == []  # Assessments that ended before the schedule was added cause no report.
    subscription = world.of(world.home)["subscription"]
    accounts = [account(subscription.subscription_id, "one", safe=True)]
    engineer = world.people["organization_engineer"]
    clock.shift(MINUTE)
    partial = assess(world.home, subscription, accounts, by=engineer)
    with factories.in_tenant(world.home):
        Assessment.objects.filter(pk=partial.pk).update(summary={"units": {"done": 1, "failed": 1}})
    assert not tick(world.home)
    clock.shift(MINUTE)
    one_unit = assess(world.home, subscription, accounts, by=engineer)
    with factories.in_tenant(world.home):
        Assessment.objects.filter(pk=one_unit.pk).update(only=["/subscriptions/x"])
    assert not tick(world.home)
    clock.shift(MINUTE)
    complete = assess(world.home, subscription, accounts, by=engineer)
    assert tick(world.home)
    (run,) = runs(world.home)
    assert report_of(run).assessment_id == complete.pk
    assert not tick(world.home)


def test_runs_wait_while_the_customer_has_too_many_reports_in_the_making(world: World, clock: Any) -> None:
    rows = [add(world.home, name=f"Schedule {number}") for number in range(MAX_BUILDING + 2)]
    tick(world.home)
    clock.move_to(datetime(2027, 2, 1, 6, 1, tzinfo=UTC))
    tick(world.home)
    assert sorted(run.state for run in runs(world.home)) == ["building"] * MAX_BUILDING + ["waiting"] * 2
    assert notices(world.home) == []
    with factories.in_tenant(world.home):
        building = list(Report.objects.filter(tenant=world.home, state="building").select_related("tenant"))
    end_build(building[0])
    tick(world.home)
    assert sorted(run.state for run in runs(world.home)) == ["building"] * 3 + ["built", "waiting"]
    assert len(rows) == len(runs(world.home))


@pytest.mark.slow(seconds=1)
def test_the_maker_learns_why_a_report_was_not_built(world: World, clock: Any) -> None:
    engineer = world.people["organization_engineer"]
    row = add(world.home, by=engineer, people=[engineer.pk], addresses=[])
    empty = factories.tenant(world.organization, "Empty")
    nothing = add(empty, by=engineer, people=[engineer.pk], addresses=[])
    with factories.in_tenant(world.home):
        run_now(schedule=row, by=factories.BY)
    with factories.in_tenant(empty):
        run_now(schedule=nothing, by=factories.BY)
    tick(world.home)
    tick(empty)
    reason = "The time-stamp authority did not answer."
    for attempt, wait in enumerate((*RETRY_AFTER, None)):
        (run,) = runs(world.home)
        assert (run.state, run.retries) == ("building", attempt)
        end_build(report_of(run), "failed", reason)
        tick(world.home)
        if wait is None:
            break
        (run,) = runs(world.home)
        assert (run.state, run.error, run.start_at) == ("waiting", reason, timezone.now() + wait)
        assert len(notices(world.home)) == 1, "only the first failure and the last one are told"
        clock.shift(wait - MINUTE)
        assert not tick(world.home), "not before its time"
        clock.shift(MINUTE)
        assert tick(world.home)
    (run,) = runs(world.home)
    assert (run.state, run.error) == ("failed", reason)
    first, last = notices(world.home)
    assert (first.person_id, last.person_id, last.body) == (engineer.pk, engineer.pk, reason)
    assert first.title == f"Scheduled report “Monthly report” of {world.home.name} could not be built yet"
    assert "Surety tries again at 2027-01-15 12:10 UTC. If the build fails 3 more times" in first.body
    assert last.title == f"Scheduled report “Monthly report” of {world.home.name} was not built"
    with factories.in_tenant(world.home):
        assert JournalEntry.objects.filter(action="report_schedule.retried").count() == 3
        assert Report.objects.filter(tenant=world.home, state="failed", error=reason).count() == 4
    (run,) = runs(empty)
    assert run.state == "failed"
    assert "no finished assessment" in run.error
    assert len(notices(empty)) == 1


def test_a_retried_report_is_sent_once_and_can_be_started_at_once(world: World, clock: Any) -> None:
    row = add(world.home)
    with factories.in_tenant(world.home):
        run_now(schedule=row, by=factories.BY)
    tick(world.home)
    (run,) = runs(world.home)
    end_build(report_of(run), "failed", "The vault did not answer.")
    tick(world.home)
    assert not tick(world.home)
    with factories.in_tenant(world.home):
        again = run_now(schedule=row, by=factories.BY)
        assert again.pk == run.pk, "the run that waits starts now, there is no second one"
        with pytest.raises(Conflict):
            run_now(schedule=row, by=factories.BY)
    assert tick(world.home)
    (run,) = runs(world.home)
    end_build(report_of(run))
    tick(world.home)
    (run,) = runs(world.home)
    assert (run.state, run.error, run.retries) == ("built", "", 1)
    with factories.in_tenant(world.home):
        assert list(ReportDelivery.objects.filter(run=run).values_list("address", flat=True)) == [
            "it@contoso.example"
        ]


def test_a_removed_schedule_or_archived_customer_starts_nothing(world: World, clock: Any) -> None:
    row = add(world.home)
    tick(world.home)
    with factories.in_tenant(world.home):
        run_now(schedule=row, by=factories.BY)
        remove_schedule(schedule=row, by=factories.BY)
    tick(world.home)
    (run,) = runs(world.home)
    assert (run.state, run.report_number, run.schedule) == ("failed", None, None)
    add(world.home, name="Other")
    tick(world.home)
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        archive_tenant(tenant=tenant, by=factories.BY, reason="Left")
    clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))
    tick(tenant)
    assert len(runs(world.home)) == 1


def test_two_workers_create_a_run_once(world: World, clock: Any) -> None:
    add(world.home)
    tick(world.home)
    clock.move_to(datetime(2027, 2, 1, 6, 1, tzinfo=UTC))
    tick(world.home)
    with factories.in_tenant(world.home):
        ReportSchedule.objects.update(next_at=datetime(2027, 2, 1, 6, tzinfo=UTC))
    tick(world.home)
    with factories.in_tenant(world.home):
        assert ReportRun.objects.count() == 1


def test_people_can_run_a_schedule_at_most_ten_times_in_an_hour(world: World) -> None:
    """Without this limit, a person could fill the mailboxes of the recipients with reports."""
    row, engineer = add(world.home), world.people["organization_engineer"]
    with person_scope(engineer):
        for _ in range(MAX_RUNS_PER_HOUR):
            run = run_now(schedule=row, by=engineer)
            ReportRun.objects.filter(pk=run.pk).update(state="failed", error="No report")
        with pytest.raises(Conflict, match="was run 10 times in the last hour"):
            run_now(schedule=row, by=engineer)
        ReportRun.objects.update(due_at=F("due_at") - timedelta(hours=1))
        run_now(schedule=row, by=engineer)
