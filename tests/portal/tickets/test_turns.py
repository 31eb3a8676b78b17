"""Slow ticket systems of one organization do not occupy the workers that other organizations need."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from portal.tickets import tasks
from portal.tickets.actions import check as checks
from portal.tickets.actions.check import request_check
from portal.tickets.actions.turns import turn
from portal.tickets.connectors import client
from portal.tickets.connectors.client import requests_until
from portal.tickets.errors import OutOfTime
from portal.tickets.models import TicketSystem
from portal.tickets.task_names import CHECK, POLL, SEND
from tenants.locks import Lock, release_session_lock, try_session_lock
from tenants.scope import organization_scope
from tests.concurrency import run_concurrently
from tests.portal.tickets.cases import BY, CustomerWithTickets, tracker
from tests.portal.tickets.fakes.server import FakeSystem, Response


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_does_nothing_while_the_first_one_runs(fakes: dict[str, FakeSystem]) -> None:
    case = CustomerWithTickets(fakes["github"])
    case.add(1)
    tasks.plan(str(case.tenant.pk))
    with organization_scope(case.organization):
        request_check(system=case.system, by=BY)
        TicketSystem.objects.update(polled_at=timezone.now() - timedelta(minutes=6))
    organization = str(case.organization.pk)
    names = [f"{organization}:{task}" for task in (SEND, POLL, CHECK)]
    assert all(try_session_lock(Lock.TICKET_RUN, name) for name in names)
    runs = (tasks.send, tasks.read_back, tasks.check)
    run_concurrently(*[lambda run=run: run(organization) for run in runs])
    assert fakes["github"].requests == []
    for name in names:
        release_session_lock(Lock.TICKET_RUN, name)
    for run in runs:
        run(organization)
        with turn(case.organization.pk, SEND) as is_mine:
            assert is_mine
    assert fakes["github"].is_open("Contoso")
    assert not case.reload().check_due


@pytest.mark.django_db
def test_a_test_of_a_connection_is_taken_before_its_requests(
    fakes: dict[str, FakeSystem], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CustomerWithTickets(fakes["github"])
    with organization_scope(case.organization):
        request_check(system=case.system, by=BY)
    over = time.monotonic()
    assert checks.run_checks(organization_id=case.organization.pk, until=over) == 0
    assert case.reload().check_due, "there was no time to begin"
    seen = []

    def look(*_: object) -> tuple[str, bool]:
        seen.append(case.reload().check_due)
        return "Fine.", False

    monkeypatch.setattr(checks, "_check", look)
    assert case.check() == 1
    assert seen == [False]
    assert case.check() == 0


def test_pages_end_with_the_time_of_the_run(
    fakes: dict[str, FakeSystem], monkeypatch: pytest.MonkeyPatch
) -> None:
    github = fakes["github"]
    following = {"Link": f'<{github.address}/repos/{github.project}/issues?page=2>; rel="next"'}
    github.fail(Response(200, [], following), times=100, method="GET")
    clock = iter(range(1000))
    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    with requests_until(3.0), pytest.raises(OutOfTime):
        list(tracker(github).changed(github.project, timezone.now()))
    assert len(github.requests) == 3


@pytest.mark.django_db
def test_a_run_that_ended_early_continues_where_it_was(
    fakes: dict[str, FakeSystem], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CustomerWithTickets(fakes["github"])
    case.add(1)
    case.work()
    fakes["github"].set_by_person(is_open=False)

    def slow(*_: object, **__: object) -> None:
        raise OutOfTime("slow")

    with monkeypatch.context() as patch:
        patch.setattr("portal.tickets.connectors.client.exchange", slow)
        assert case.poll() == 0
    assert case.reload().cursors[case.fake.project]["has_more"], "the next run begins where this one ended"
    assert case.ticket().remote_state == "open"
    assert case.poll() == 1
    assert case.ticket().remote_state == "closed"
