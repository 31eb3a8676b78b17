"""Reading back loses nothing: failed readings are shown and repeated, and long lists are continued."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.tickets.actions import read_ticket
from portal.tickets.connectors import CONNECTORS, github
from portal.tickets.connectors import client as client_module
from portal.tickets.errors import MorePages, Unavailable
from portal.tickets.models import Ticket, TicketComment, TicketSystem
from tenants.scope import organization_scope
from tests.for_each import for_each
from tests.portal.tickets.cases import DRAFT, CustomerWithTickets, tracker
from tests.portal.tickets.fakes.github import FakeGitHub
from tests.portal.tickets.fakes.server import FakeSystem, Response

pytestmark = pytest.mark.django_db

FORBIDDEN = Response(403, {"message": "Resource not accessible by personal access token"})
NOT_FOUND = Response(404, {"message": "Not Found"})
BROKEN = Response(500, {"message": "Server Error"})


@pytest.fixture
def fake_github(fakes: dict[str, FakeSystem]) -> FakeGitHub:
    found = fakes["github"]
    assert isinstance(found, FakeGitHub)
    return found


def comments_of(case: CustomerWithTickets) -> list[str]:
    with organization_scope(case.organization):
        return list(TicketComment.objects.order_by("at", "remote_id").values_list("body", flat=True))


def two_tickets(fake_github: FakeGitHub) -> CustomerWithTickets:
    """A case with two tickets, each with a comment and closed by a person."""
    case = CustomerWithTickets(fake_github, per="finding")
    case.add(1)
    case.add(2)
    assert case.work() == 2
    for number in (1, 2):
        fake_github._comment(number, "mira", f"Comment {number}")
        fake_github.issues[number].update(state="closed", state_reason="completed")
    return case


@pytest.mark.slow(seconds=1)
@for_each("refusal", [FORBIDDEN, NOT_FOUND, BROKEN])
def test_a_ticket_that_cannot_be_read_holds_up_no_other_and_is_read_again(
    fakes: dict[str, FakeSystem], refusal: Response
) -> None:
    fake = fakes["github"]
    assert isinstance(fake, FakeGitHub)
    fake.reset()
    case = two_tickets(fake)
    fake.fail(refusal, times=3, path="/issues/1/comments$")
    for _ in range(3):
        case.poll()
        assert "1 ticket could not be read completely" in case.reload().read_problem
        assert (
            "#1: The ticket system" in case.reload().read_problem
            or "#1: The ticket or" in case.reload().read_problem
        )
    assert comments_of(case) == ["Comment 2"], "the other ticket is read"
    assert {one.remote_state for one in case.tickets()} == {"closed"}, "states are read in any case"
    # Both issues changed so long ago that the next reading does not list them, but the unread comments are still read.
    with organization_scope(case.organization):
        later = {case.fake.project: {"until": timezone.now().isoformat(), "has_more": False}}
        TicketSystem.objects.update(cursors=later)
    for issue in fake.issues.values():
        issue["updated_at"] = "2026-01-01T00:00:00Z"
    case.poll()
    assert sorted(comments_of(case)) == ["Comment 1", "Comment 2"]
    assert case.reload().read_problem == ""
    with organization_scope(case.organization):
        assert not Ticket.objects.filter(unread_at__isnull=False).exists()


def test_the_problem_of_a_project_is_shown_after_each_reading_and_its_cursor_stays(
    fake_github: FakeGitHub,
) -> None:
    case = CustomerWithTickets(fake_github)
    case.add(1)
    case.work()
    fake_github.fail(NOT_FOUND, times=3, method="GET", path="/issues$")
    case.poll()
    before = case.reload().cursors
    fake_github.set_by_person(is_open=False)
    for _ in range(2):
        case.poll()
        shown = case.reload()
        assert shown.read_problem.startswith("acme/security: The ticket or project does not exist")
        assert shown.cursors == before
    case.poll()
    assert case.reload().read_problem == ""
    assert case.ticket().remote_state == "closed"


def with_closed_ticket(fake_github: FakeGitHub) -> CustomerWithTickets:
    """Return a customer with a ticket that a person has closed in GitHub. GitHub lists two issues on each page."""
    fake_github.page_size = 2
    case = CustomerWithTickets(fake_github)
    case.add(1)
    case.work()
    fake_github.set_by_person(is_open=False)
    return case


def test_changes_after_many_pages_are_read_by_the_next_run(fake_github: FakeGitHub, monkeypatch: Any) -> None:
    """GitHub lists pull requests among the issues. Here they fill the pages that one run reads."""
    monkeypatch.setattr(github, "MAX_PAGES", 2)
    case = with_closed_ticket(fake_github)
    start = datetime.now(UTC) - timedelta(days=1)
    for minute in range(6):
        fake_github.add_pull_request((start + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    with organization_scope(case.organization):
        begun = {fake_github.project: {"until": start.isoformat(), "has_more": False}}
        TicketSystem.objects.update(cursors=begun)
    case.poll()
    assert case.ticket().remote_state == "open"
    assert "Surety reads the next changes in a minute." in case.reload().read_problem
    case.poll()
    case.poll()
    assert case.ticket().remote_state == "closed"
    assert case.reload().read_problem == ""


def test_too_many_changes_at_the_same_time_are_read_ticket_by_ticket(
    fake_github: FakeGitHub, monkeypatch: Any
) -> None:
    monkeypatch.setattr(github, "MAX_PAGES", 1)
    case = with_closed_ticket(fake_github)
    start = datetime.now(UTC) - timedelta(days=1)
    for _ in range(4):
        fake_github.add_pull_request(start.strftime("%Y-%m-%dT%H:%M:%SZ"))
    with organization_scope(case.organization):
        begun = {fake_github.project: {"until": start.replace(microsecond=0).isoformat(), "has_more": True}}
        TicketSystem.objects.update(cursors=begun)
    case.poll()
    assert case.ticket().remote_state == "closed"


def test_long_threads_are_continued_and_the_newest_comments_kept(
    fake_github: FakeGitHub, monkeypatch: Any
) -> None:
    monkeypatch.setattr(github, "MAX_PAGES", 2)
    monkeypatch.setattr(read_ticket, "MAX_COMMENTS", 3)
    fake_github.page_size = 2
    case = CustomerWithTickets(fake_github)
    case.add(1)
    case.work()
    for number in range(5):
        comment = fake_github._comment(1, "mira", f"Comment {number}")
        comment["created_at"] = comment["updated_at"] = f"2026-01-0{number + 1}T00:00:00Z"
    case.poll()
    assert comments_of(case) == ["Comment 1", "Comment 2", "Comment 3"]
    assert "more pages than Surety reads in one run" in case.reload().read_problem
    case.poll()
    assert comments_of(case) == ["Comment 2", "Comment 3", "Comment 4"]
    assert case.reload().read_problem == ""


def test_the_pace_is_counted_over_all_runs_of_a_minute(fake_github: FakeGitHub, monkeypatch: Any) -> None:
    monkeypatch.setitem(CONNECTORS, "github", replace(CONNECTORS["github"], writes_per_minute=2))
    case = CustomerWithTickets(fake_github, per="finding")
    for number in range(5):
        case.add(number)
    assert case.work() == 2
    assert case.send() == 0, "the minute is not over"
    with organization_scope(case.organization):
        times = case.reload().sent_at
        TicketSystem.objects.update(sent_at=[times[0] - timedelta(seconds=61), times[1]])
    assert case.send() == 1
    assert len(case.reload().sent_at) == 2


def test_a_lost_ticket_is_found_beyond_the_pages_that_are_read_at_once(
    fake_github: FakeGitHub, monkeypatch: Any
) -> None:
    monkeypatch.setattr(github, "MAX_PAGES", 1)
    fake_github.page_size = 1
    client = tracker(fake_github)
    for day in (1, 2):
        fake_github.add_pull_request(f"2026-01-0{day}T00:00:00Z")
    client.open(fake_github.project, DRAFT)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(MorePages) as more:
        list(client.changed(fake_github.project, begin))
    assert more.value.reached == begin
    with pytest.raises(MorePages):
        client.find(fake_github.project, "surety-9", begin)
    fake_github.page_size = 2
    assert client.find(fake_github.project, "surety-1", begin) is not None


def test_an_unknown_time_says_what_to_check() -> None:
    with pytest.raises(Unavailable, match="Check the address and the kind"):
        client_module.moment("yesterday")
