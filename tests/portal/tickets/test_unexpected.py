"""Answers of an unexpected form become documented errors, and do not stop the work with other ticket systems."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.exchange import UnsendableHeader, exchange
from portal.tickets.actions import send
from portal.tickets.actions.check import request_check
from portal.tickets.actions.read_ticket import store
from portal.tickets.actions.systems import retry_ticket
from portal.tickets.actions.trackers import OpenSystem, open_system
from portal.tickets.errors import CredentialsRefused, Throttled, TicketError
from portal.tickets.models import Ticket, TicketComment, TicketSystem
from portal.tickets.selectors import due_tenants
from portal.tickets.texts import draft_of
from tenants.scope import organization_scope
from tests import factories
from tests.portal.tickets.cases import BY, DRAFT, PASSING, CustomerWithTickets, add_rule, connect
from tests.portal.tickets.fakes.github import FakeGitHub
from tests.portal.tickets.fakes.server import FakeSystem, Response
from tests.portal.web.world import World

pytestmark = pytest.mark.django_db

ODD: Final[tuple[Any, ...]] = (
    b"[" * 100_000,
    {},
    [{}],
    {"items": [{}], "issues": [{}], "result": [{}], "tickets": [{}], "actions": [{}], "comments": [{}]},
    {
        "id": "1" * 200,
        "itemId": 1,
        "number": "\u0000",
        "key": 1,
        "state": [],
        "item": {"id": 1, "status": "x"},
    },
    [{"id": 1, "number": 1, "member": "x", "user": "x", "internalAnalysisFlag": False}],
)


def guarded(case: CustomerWithTickets) -> Any:
    """Open the customer's ticket system with `open_system`, as workers do, and return its tracker, which is wrapped in
    `Guarded`.
    """
    with organization_scope(case.organization):
        return open_system(TicketSystem.objects.get(pk=case.system.pk)).tracker


def message_of(call: Callable[[], object]) -> str:
    """Return the message of the documented error that the call raises, or an empty text if it raises none."""
    try:
        call()
    except TicketError as error:
        return error.message
    return ""


def test_each_request_raises_only_documented_errors(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    now, project = timezone.now(), fake.project
    for odd in ODD:
        fake.reset()
        fake.fail(Response(200, odd), times=100, path=r"^(?!/auth/token)")
        tracker = guarded(case)
        for request in (
            lambda t: t.check(project),
            lambda t: t.open(project, DRAFT),
            lambda t: t.find(project, "surety-1", now),
            lambda t: t.read(project, "1"),
            lambda t: t.set_open(project, "1", is_open=False),
            lambda t: list(t.changed(project, now)),
            lambda t: list(t.comments(project, "1", None)),
        ):
            assert "\x00" not in message_of(partial(request, tracker))


def test_the_status_code_decides_whatever_the_text_is(fake: FakeSystem) -> None:
    tracker = guarded(CustomerWithTickets(fake))
    bodies: tuple[Any, ...] = ([], 5, {"errorMessages": 5, "errors": 5, "error": 5}, b"[" * 100_000)
    for body in bodies:
        fake.fail(Response(401, body))
        with pytest.raises(CredentialsRefused):
            tracker.check("")
    fake.fail(Response(429, "slow down", {"Retry-After": "90"}))
    with pytest.raises(Throttled) as caught:
        tracker.check("")
    assert caught.value.seconds == 90


@pytest.mark.slow(seconds=1)
def test_the_other_systems_go_on_beside_a_broken_one(fakes: dict[str, FakeSystem]) -> None:
    case = CustomerWithTickets(fakes["github"])
    with organization_scope(case.organization):
        second = connect(fakes["jira"], case.organization)
        add_rule(second, name="Second")
    finding = case.add(1)
    case.work()
    broken = fakes["github"]
    assert isinstance(broken, FakeGitHub)
    broken.fail(Response(200, b"[" * 100_000), times=100)
    with organization_scope(case.organization):
        for system in TicketSystem.objects.all():
            request_check(system=system, by=BY)
    assert case.check() == 2
    with organization_scope(case.organization):
        first, second = TicketSystem.objects.order_by("kind")
    assert (first.check_due, first.check_failed) == (False, True)
    assert (second.check_due, second.check_failed) == (False, False)
    fakes["jira"].comment_by_person("Done\x00 \ud800.")
    fakes["jira"].set_by_person(is_open=False)
    assert case.poll() == 1
    with organization_scope(case.organization):
        assert TicketComment.objects.get().body == "Done\ufffd \ufffd."
    case.change(finding, PASSING)
    assert case.work() == 1
    assert any("JSON" in ticket.error for ticket in case.tickets())


@pytest.mark.slow(seconds=1)
def test_other_systems_are_read_beside_times_without_a_zone_and_errors_of_surety(
    fakes: dict[str, FakeSystem], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    github, jira = fakes["github"], fakes["jira"]
    case = CustomerWithTickets(github)
    with organization_scope(case.organization):
        add_rule(connect(jira, case.organization), name="Second")
    case.add(1)
    case.work()

    def problem() -> str:
        with organization_scope(case.organization):
            return TicketSystem.objects.get(kind="github").read_problem

    monkeypatch.setattr("portal.tickets.connectors.github.MAX_PAGES", 1)
    page = [{"updated_at": "2099-11-28T10:00:00", "pull_request": {}}]
    following = {"Link": f'<{github.address}/repositories/1/issues?page=2>; rel="next"'}
    github.fail(Response(200, page, following), method="GET")
    jira.set_by_person(is_open=False)
    assert case.poll() == 1
    assert problem()
    assert "because of an error in Surety" not in problem()

    needle = "text of the answer"

    def fail_for_github(system: OpenSystem, *arguments: Any) -> bool:
        if system.row.kind == "github":
            raise AttributeError(needle)
        return store(system, *arguments)

    monkeypatch.setattr("portal.tickets.actions.poll.store", fail_for_github)
    monkeypatch.setattr("portal.tickets.actions.poll.read_again", fail_for_github)
    github.set_by_person(is_open=False)
    jira.set_by_person(is_open=True)
    assert case.poll() == 1
    assert problem().startswith("This attempt ended because of an error in Surety (AttributeError).")
    assert "fail_for_github" in caplog.text
    assert needle not in caplog.text


@pytest.mark.slow(seconds=1)
def test_an_error_of_surety_with_one_ticket_or_system_stops_no_other(
    fakes: dict[str, FakeSystem], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    github, jira = fakes["github"], fakes["jira"]
    case = CustomerWithTickets(github, per="finding")
    broken, needle = case.add(1), "text of the answer"
    case.add(2)
    with organization_scope(case.organization):
        second = connect(jira, case.organization)
        add_rule(second, name="Second", per="finding")

    def draft(ticket: Ticket, *arguments: Any) -> Any:
        if ticket.finding_id == broken.pk:
            raise ImportError(needle)
        return draft_of(ticket, *arguments)

    def states(kind: str) -> list[tuple[str, str]]:
        return sorted((one.work, one.status) for one in case.tickets() if one.kind == kind)

    with monkeypatch.context() as patch:
        patch.setattr("portal.tickets.texts.draft_of", draft)
        assert case.work() == 2, "the other finding is sent to both systems"
        waiting = [("done", ""), ("waiting", "ticket_internal_error")]
        assert (states("github"), states("jira")) == (waiting, waiting)
        for _ in range(2):
            case.wait()
            assert case.send() == 0
    (failed,) = [one for one in case.tickets() if one.kind == "github" and one.work == "dead"]
    assert failed.error.startswith("This attempt ended because of an error in Surety (ImportError).")
    assert "raise ImportError" in caplog.text
    assert needle not in caplog.text.replace("ImportError(needle)", "")
    with organization_scope(case.organization):
        for one in case.tickets():
            if one.work == "dead":
                retry_ticket(ticket=one, by=BY)
    case.wait()
    assert case.send() == 2
    assert len(github.titles()) == len(jira.titles()) == 2

    # The ticket is opened, but Surety cannot store the result. The next attempt finds the ticket and opens no other.
    case.add(3)
    facts = send._facts
    with monkeypatch.context() as patch:
        patch.setattr(send, "_facts", lambda *given: {**facts(*given), "remote_key": "x" * 101})
        assert case.work() == 0
    assert states("github") == [("done", ""), ("done", ""), ("waiting", "ticket_internal_error")]
    case.wait()
    assert case.send() == 2
    assert len(github.titles()) == len(jira.titles()) == 3

    # After an error that does not concern a single ticket, the system is paused and shows the reason.
    for name, function in (
        ("portal.tickets.actions.send.due_tenants", due_tenants),
        ("portal.tickets.actions.trackers.open_system", open_system),
    ):
        case.change(case.add(4 if function is due_tenants else 5), {})

        def fail_for_github(given: Any, *arguments: Any, function: Callable[..., Any] = function) -> Any:
            if case.system.pk in (given, getattr(given, "pk", None)):
                raise KeyError(needle)
            return function(given, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(name, fail_for_github)
            assert case.work() == 1, "Jira goes on"
            if function is open_system:
                patch.setattr("portal.tickets.actions.check.open_system", fail_for_github)
                with organization_scope(case.organization):
                    for system in TicketSystem.objects.all():
                        request_check(system=system, by=BY)
                assert case.check() == 2
        shown = case.reload()
        assert shown.problem.startswith("This attempt ended because of an error in Surety (KeyError).")
        assert shown.paused_until is not None
        case.wait()
        assert case.send() == 1
    assert case.reload().check_result.startswith(
        "This attempt ended because of an error in Surety (KeyError)."
    )
    with organization_scope(case.organization):
        assert not TicketSystem.objects.get(kind="jira").check_failed


def test_the_number_of_another_ticket_is_refused(fakes: dict[str, FakeSystem]) -> None:
    case = CustomerWithTickets(fakes["github"], per="finding")
    case.add(1)
    case.work()
    case.add(2)
    taken = {"number": int(case.ticket().remote_id), "state": "open"}
    fakes["github"].fail(Response(201, taken), method="POST")
    assert case.work() == 0
    with organization_scope(case.organization):
        assert "number of another ticket" in Ticket.objects.get(work="dead").error


def test_the_answer_does_not_choose_the_link(fakes: dict[str, FakeSystem]) -> None:
    github = fakes["github"]
    github.fail(Response(200, {"number": 7, "state": "open", "html_url": "https://evil.example/"}))
    case = CustomerWithTickets(github)
    assert guarded(case).read("o/r", "7").url == f"{github.address.removesuffix(github.base)}/o/r/issues/7"


def test_no_error_contains_a_credential(fakes: dict[str, FakeSystem]) -> None:
    for value in ("Bearer ghp\u2019secret", "Bearer secret\nHost: evil"):
        with pytest.raises(UnsendableHeader) as caught:
            exchange("GET", fakes["github"].address, headers={"Authorization": value})
        assert "secret" not in "".join(traceback.format_exception(caught.value))
    case = CustomerWithTickets(fakes["halopsa"])
    fakes["halopsa"].fail(Response(200, {"access_token": "secret\nX: y"}), path="/auth/token")
    with pytest.raises(CredentialsRefused, match="cannot be sent") as refused:
        guarded(case).check("")
    assert "secret" not in "".join(traceback.format_exception(refused.value))


def test_names_in_tickets_have_no_control_characters(world: World) -> None:
    finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(subject_name="rg-\u202edorp\x1b[2J\nReference: other")
        draft = draft_of(Ticket(control=finding.control, finding=finding), world.home, timezone.now())
    assert draft.items == ["rg- dorp [2J Reference: other"]
    assert draft.title.endswith(": rg- dorp [2J Reference: other")


def test_the_severity_of_a_ticket_is_that_of_its_findings(world: World) -> None:
    """The context of a resource can change the severity of a finding, and rules match this severity."""
    finding = world.of(world.home)["finding"]
    for severity, rank in (("low", 3), ("critical", 0)):
        with factories.in_tenant(world.home):
            Finding.objects.filter(control=finding.control).update(severity=severity, severity_rank=rank)
            draft = draft_of(Ticket(control=finding.control), world.home, timezone.now())
        assert draft.facts["Severity"] == severity
