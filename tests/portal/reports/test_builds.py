"""Reports are built by real workers with a broker: claimed once, built again after a kill, failed or cancelled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from portal.reports import builds
from portal.reports.actions import MAX_BUILDING, build_requested, request_report
from portal.reports.builds import BUILD, LEASE, MAX_ATTEMPTS, MAX_WAITING, cancel_report, claim, recover
from portal.reports.models import Report
from tenants.errors import Conflict
from tenants.models import JournalEntry
from tests import factories
from tests.databases import database_url
from tests.faults.installation import celery_process, children_of, kill_worker
from tests.portal.reports.build_site import Site, site
from tests.portal.web.world import World
from tests.waiting import until

__all__ = ["site"]
SECOND = timedelta(seconds=1)


def rendering(site: Site, report: Report) -> Callable[[], bool]:
    return lambda: site.row(report).step in ("rendering", "signing", "checking")


@pytest.mark.slow
def test_a_second_message_is_ignored_and_a_killed_build_is_repeated(site: Site) -> None:
    worker = site.start_worker()
    report = site.request(number_of_messages=3)
    until(rendering(site, report), 90)
    # Three messages were sent, but the report was claimed only once.
    assert site.row(report).attempt == 1
    assert site.row(report).worker
    for child in children_of(celery_process(worker.pid)):
        os.kill(child, signal.SIGKILL)
    kill_worker(worker)
    until(lambda: site.row(report).lease_until <= timezone.now(), 30)  # type: ignore[operator]
    with factories.in_tenant(site.world.home):
        recover(tenant=site.world.home)
    assert site.row(report).step == ""
    site.start_worker()
    site.send(report)
    until(lambda: site.row(report).state == Report.State.READY, 120)
    done = site.row(report)
    assert (done.attempt, done.step, done.lease_until) == (2, "", None)
    assert site.journal(report) == ["report.requested", "report.built"]
    assert len(site.files()) == 1


@pytest.mark.slow
def test_a_cancelled_build_stops_at_its_next_step_and_leaves_no_file(site: Site) -> None:
    site.start_worker()
    report = site.request()
    until(rendering(site, report), 90)
    with factories.in_tenant(site.world.home):
        cancel_report(report=report, by=site.world.people["organization_engineer"])
    until(lambda: "report_build_stopped" in site.log(), 90)
    row = site.row(report)
    assert (row.state, row.file.name, row.step, row.lease_until) == ("cancelled", "", "", None)
    assert site.files() == []
    assert site.journal(report) == ["report.requested", "report.cancelled"]


@pytest.mark.slow
def test_the_lease_is_renewed_while_one_step_lasts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "BEAT_SECONDS", 0.1)
    report = site.request(0)
    lease = claim(tenant_id=report.tenant_id, report_id=report.pk)
    assert lease is not None
    first = site.row(report).lease_until
    assert first is not None
    with builds.heartbeat(lease):
        until(lambda: (site.row(report).lease_until or first) > first, 20)


@pytest.mark.slow
def test_the_process_of_a_build_that_hangs_is_ended_and_the_report_fails(site: Site) -> None:
    worker = site.start_worker(SURETY_REPORT_SECONDS="5")
    with psycopg.connect(database_url(), autocommit=False) as connection:
        connection.execute("LOCK TABLE reports_knowncertificate IN ACCESS EXCLUSIVE MODE")
        report = site.request()
        until(lambda: site.row(report).step == "gathering", 90)
        children = children_of(celery_process(worker.pid))
        # The build waits for the locked table. The heartbeat marks the report as failed, then Celery ends the process.
        until(lambda: site.row(report).state == Report.State.FAILED, 30)
        assert site.row(report).error.startswith(
            "Building the report took longer than 5 seconds, so the build was stopped"
        )
        until(lambda: set(children_of(celery_process(worker.pid))) != set(children), 60)
    until(lambda: "Hard time limit (20s) exceeded for portal.reports.tasks.build" in site.log(), 10)
    # The worker builds the next report.
    following = site.request()
    until(lambda: site.row(following).attempt == 1, 60)
    assert site.journal(report) == ["report.requested", "report.failed"]


def test_a_build_that_takes_too_long_frees_its_place(world: World) -> None:
    leases = []
    for _ in range(MAX_BUILDING):
        report = requested(world)
        lease = claim(tenant_id=world.home.pk, report_id=report.pk)
        assert lease is not None
        leases.append((lease, report))
    with pytest.raises(Conflict):
        requested(world)
    cancelled(world, leases[0][1])
    with time_machine.travel(
        timezone.now() + timedelta(seconds=django_settings.SURETY_REPORT_SECONDS) + SECOND
    ):
        assert [lease.renew() for lease, _ in leases] == [False] * MAX_BUILDING
        with factories.in_tenant(world.home):
            rows = [Report.objects.get(pk=report.pk) for _, report in leases]
        assert [row.state for row in rows] == ["cancelled", "failed", "failed"]
        assert [row.lease_until for row in rows] == [None] * MAX_BUILDING
        assert (
            "longer than 60 minutes, so the build was stopped at the step “Gathering data”. Build the report on"
            in rows[1].error
        )
        # A late result is not stored.
        with pytest.raises(builds.BuildStopped):
            leases[1][0].enter(Report.Step.SIGNING)
        for _ in range(MAX_BUILDING):
            requested(world)


def test_an_overdue_build_without_a_heartbeat_fails_and_is_not_tried_again(world: World) -> None:
    report = requested(world)
    assert claim(tenant_id=world.home.pk, report_id=report.pk) is not None
    with time_machine.travel(
        timezone.now() + timedelta(seconds=django_settings.SURETY_REPORT_SECONDS) + SECOND
    ):
        assert recovered(world) == Report.State.FAILED


def test_a_claimed_report_is_not_claimed_again_until_its_lease_expires(world: World) -> None:
    report = requested(world)
    first = claim(tenant_id=world.home.pk, report_id=report.pk, worker="one")
    assert first is not None
    assert claim(tenant_id=world.home.pk, report_id=report.pk, worker="two") is None
    expire(world, report)
    second = claim(tenant_id=world.home.pk, report_id=report.pk, worker="two")
    assert second is not None
    # The first worker was slow, not dead. It must not write any more.
    with pytest.raises(builds.BuildStopped):
        first.enter(Report.Step.SIGNING)
    second.enter(Report.Step.SIGNING)


def test_heartbeat_goes_on_after_the_report_was_put_back(world: World) -> None:
    """The worker of an expired lease may still be alive. At its next step, the worker takes the report over again, and
    needs the heartbeat from then on.
    """
    report = requested(world)
    lease = claim(tenant_id=world.home.pk, report_id=report.pk, worker="slow")
    assert lease is not None
    expire(world, report)
    with factories.in_tenant(world.home):
        recover(tenant=world.home)
        waiting = Report.objects.get(pk=report.pk).lease_until
    assert lease.renew()
    with factories.in_tenant(world.home):
        assert Report.objects.get(pk=report.pk).lease_until == waiting
    lease.enter(Report.Step.SIGNING)
    assert lease.renew()
    expire(world, report)
    assert claim(tenant_id=world.home.pk, report_id=report.pk, worker="other") is not None
    assert not lease.renew()


def test_cancelled_reports_count_until_their_workers_have_stopped(world: World) -> None:
    by = world.people["organization_engineer"]
    leases = []
    for _ in range(MAX_BUILDING):
        report = requested(world)
        lease = claim(tenant_id=world.home.pk, report_id=report.pk)
        assert lease is not None
        leases.append(lease)
        cancelled(world, report)
        assert lease.renew()
    with pytest.raises(Conflict, match="counts until its worker has stopped"):
        requested(world)
    with pytest.raises(builds.BuildStopped):
        leases[0].enter(Report.Step.RENDERING)
    leases[0].release()
    assert not leases[0].renew()
    # No worker has claimed this report, so once it is cancelled, it does not count towards the limit.
    cancelled(world, requested(world))
    report = requested(world)
    with factories.in_tenant(world.home), pytest.raises(Conflict):
        request_report(tenant=world.home, by=by)
    cancelled(world, report)
    # The lease of a worker that was killed expires.
    with time_machine.travel(timezone.now() + LEASE + SECOND):
        for _ in range(MAX_BUILDING):
            requested(world)


@pytest.mark.slow(seconds=1)
def test_a_worker_that_stops_frees_the_place_of_the_cancelled_report(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = requested(world)
    seen: list[Any] = []

    def cancel(self: builds.BuildLease, step: Report.Step) -> None:
        monkeypatch.undo()
        cancelled(world, report)
        seen.append(lease_of(world, report))
        self.enter(step)

    monkeypatch.setattr(builds.BuildLease, "enter", cancel)
    build_requested(tenant_id=world.home.pk, report_id=report.pk)
    assert seen[0] > timezone.now() - LEASE
    assert lease_of(world, report) is None


def test_a_report_whose_workers_always_stop_fails_with_a_reason(world: World) -> None:
    report = requested(world)
    for _ in range(MAX_ATTEMPTS):
        assert claim(tenant_id=world.home.pk, report_id=report.pk) is not None
        expire(world, report)
    build_requested(tenant_id=world.home.pk, report_id=report.pk)
    with factories.in_tenant(world.home):
        report.refresh_from_db()
    assert report.state == Report.State.FAILED
    assert report.error.startswith(
        "The build of the report was interrupted 3 times, because the worker stopped"
    )
    assert report.lease_until is None


def test_lost_messages_are_sent_again_and_hopeless_reports_fail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(builds, "enqueue", lambda task, *ids: sent.append((task, *ids)))
    report = requested(world)
    message = (BUILD, world.home.pk, report.pk)
    assert recovered(world) == Report.State.BUILDING
    assert sent == []
    with time_machine.travel(timezone.now() + builds.MESSAGE_LOST_AFTER + SECOND):
        recovered(world)
        recovered(world)  # The message was sent again just now, so it does not count as lost.
        assert sent == [message]
    with time_machine.travel(timezone.now() + 2 * (builds.MESSAGE_LOST_AFTER + SECOND)):
        recovered(world)
        assert sent == [message] * 2
        # A build with a living worker does not change. The message of a build whose worker died is sent again.
        change(world, report, step="signing", lease_until=timezone.now() + LEASE)
        recovered(world)
        assert sent == [message] * 2
        expire(world, report)
        recovered(world)
        assert sent == [message] * 3
    with time_machine.travel(timezone.now() + MAX_WAITING + SECOND):
        assert recovered(world) == Report.State.FAILED
    assert sent == [message] * 3
    with factories.in_tenant(world.home):
        report.refresh_from_db()
        assert "No worker built the report within 24 hours. Ask the operator" in report.error
        assert JournalEntry.objects.filter(action="report.failed", target=f"report:{report.number}").exists()
        with pytest.raises(Conflict, match="no longer being built"):
            cancel_report(report=report, by=world.people["organization_engineer"])


def requested(world: World) -> Report:
    with factories.in_tenant(world.home):
        return request_report(tenant=world.home, by=world.people["organization_engineer"])


def cancelled(world: World, report: Report) -> None:
    with factories.in_tenant(world.home):
        cancel_report(report=report, by=world.people["organization_engineer"])


def lease_of(world: World, report: Report) -> datetime | None:
    with factories.in_tenant(world.home):
        return Report.objects.get(pk=report.pk).lease_until


def change(world: World, report: Report, **values: Any) -> None:
    with factories.in_tenant(world.home):
        Report.objects.filter(pk=report.pk).update(**values)


def expire(world: World, report: Report) -> None:
    change(world, report, lease_until=timezone.now() - SECOND)


def recovered(world: World) -> str:
    """Run the periodic recovery, and return the state of the newest report."""
    with factories.in_tenant(world.home):
        recover(tenant=world.home)
        return Report.objects.filter(tenant=world.home).latest("number").state
