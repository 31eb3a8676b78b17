"""The contract of connectors: each one opens, closes, reopens and reads back against the fake of its system."""

from __future__ import annotations

import pytest

from portal.tickets.models import Ticket, TicketComment
from tenants.models import JournalEntry
from tenants.scope import organization_scope
from tests.portal.tickets.cases import CONTROL, PASSING, UNKNOWN, CustomerWithTickets
from tests.portal.tickets.fakes.server import FakeSystem, Response

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=10)]


def journal_of(case: CustomerWithTickets) -> list[str]:
    with organization_scope(case.organization):
        rows = JournalEntry.objects.filter(action__startswith="ticket.").order_by("sequence")
        return list(rows.values_list("action", flat=True))


def test_opened_closed_by_the_fix_and_reopened_by_the_relapse(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    first, second = case.add(1), case.add(2)
    assert case.work() == 1
    opened = case.ticket()
    assert (opened.remote_state, opened.work, opened.control) == ("open", "done", CONTROL)
    assert opened.remote_id
    assert opened.remote_key
    assert fake.titles() == [f"[Contoso] {case.fake.titles()[0].removeprefix('[Contoso] ')}"]
    text = fake.text()
    assert opened.marker in text
    assert "Contoso" in text
    case.change(first, PASSING)
    assert case.work() == 0, "one of two findings still fails"
    assert fake.is_open("Contoso")
    case.change(second, PASSING)
    assert case.work() == 1
    assert not fake.is_open("Contoso")
    assert case.ticket().remote_state == "closed"
    assert case.work() == 0
    case.change(first, {"outcome": "fail", "state": "open", "failing_since": first.failing_since})
    assert case.work() == 1
    assert fake.is_open("Contoso")
    assert case.ticket().remote_state == "open"
    assert len(fake.titles()) == 1
    comments = fake.comments()
    assert len(comments) == 2
    # Surety also closes a ticket when its findings are no longer judged. Their failures may continue, so the comment
    # names this cause too.
    assert "is fixed, has an approved exception, or is no longer judged." in comments[0]
    assert "Reopened by Surety: at least one finding of this ticket fails." in comments[1]
    assert journal_of(case) == ["ticket.opened", "ticket.closed", "ticket.reopened"]


def test_an_unknown_verdict_neither_closes_nor_opens(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    finding = case.add(1)
    case.work()
    case.change(finding, UNKNOWN)
    assert case.work() == 0
    assert fake.is_open("Contoso")


def test_a_lost_answer_makes_no_second_ticket(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    case.add(1)
    fake.lose_answer()
    assert case.work() == 0
    assert len(fake.titles()) == 1
    lost = case.ticket()
    assert (lost.remote_id, lost.work, lost.attempts) == ("", "waiting", 1)
    case.wait()
    assert case.send() == 1
    found = case.ticket()
    assert found.remote_id
    assert found.remote_state == "open"
    assert len(fake.titles()) == 1


def test_a_ticket_whose_answer_was_lost_is_closed_if_it_was_fixed_meanwhile(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    finding = case.add(1)
    fake.lose_answer()
    case.work()
    case.change(finding, PASSING)
    case.wait()
    case.work()
    case.wait()
    case.send()
    assert len(fake.titles()) == 1
    assert not fake.is_open("Contoso")
    assert case.ticket().remote_state == "closed"


def test_a_throttled_system_gets_no_request_until_the_pause_has_ended(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    case.add(1)
    fake.fail(fake.throttled)
    assert case.work() == 0
    paused = case.reload()
    assert paused.paused_until is not None
    assert "limits the number of requests" in paused.problem
    sent = len(fake.requests)
    assert case.send() == 0
    assert len(fake.requests) == sent
    assert case.ticket().attempts == 0
    assert 60 < (paused.paused_until - case.ticket().due_at).total_seconds() < 100
    case.wait()
    assert case.send() == 1
    assert case.reload().problem == ""
    assert len(fake.titles()) == 1


def test_refused_credentials_pause_the_system_and_lose_nothing(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    case.add(1)
    fake.accepts_credentials = False
    assert case.work() == 0
    assert "refused the credentials" in case.reload().problem
    ticket = case.ticket()
    assert (ticket.work, ticket.attempts, ticket.status) == ("waiting", 0, "ticket_credentials_refused")
    assert fake.values[fake.secret] not in case.reload().problem + ticket.error
    fake.accepts_credentials = True
    case.wait()
    assert case.send() == 1


def test_a_refused_field_fails_at_once_and_says_which(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    case.add(1)
    fake.fail(fake.refused_field, method=fake.create[0], path=fake.create[1])
    assert case.work() == 0
    dead = case.ticket()
    assert (dead.work, dead.status) == ("dead", "ticket_rejected")
    assert "title" in dead.error.lower() or "labels" in dead.error
    assert case.send() == 0, "it is not repeated"


def test_a_system_that_is_down_is_tried_again_and_then_given_up(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    case.add(1)
    fake.fail(Response(503, {"message": "Service unavailable"}), times=100)
    case.work()
    for _ in range(12):
        case.wait()
        case.send()
    dead = case.ticket()
    assert (dead.work, dead.attempts) == ("dead", 12)
    assert "temporary error" in dead.error
    fake.faults.clear()
    with organization_scope(case.organization):
        Ticket.objects.update(work="waiting", attempts=0)
    case.wait()
    assert case.send() == 1
    assert len(fake.titles()) == 1


def test_states_and_comments_come_back_and_change_no_finding(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    finding = case.add(1)
    case.work()
    fake.comment_by_person("We wait for the vendor.\nUntil Friday.")
    fake.set_by_person(is_open=False)
    assert case.poll() == 1
    assert case.poll() == 1, "reading again changes nothing"
    ticket = case.ticket()
    assert ticket.remote_state == "closed"
    assert ticket.is_wanted
    with organization_scope(case.organization):
        (comment,) = TicketComment.objects.all()
        finding.refresh_from_db()
    assert comment.author in ("mira", "Resource 29")
    assert "vendor" in comment.body
    assert (finding.outcome, finding.state) == ("fail", "open")
    assert case.work() == 0, "Surety does not reopen what a person closed, unless it was fixed in between"
    case.change(finding, PASSING)
    case.work()
    case.change(finding, {"outcome": "fail", "state": "open", "failing_since": finding.failing_since})
    assert case.work() == 1
    assert fake.is_open("Contoso")


def test_internal_comments_are_not_read_back(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    case.add(1)
    case.work()
    fake.comment_by_person("For everybody.")
    for fields in fake.internal:
        fake.comment_fields = dict(fields)
        fake.comment_by_person("Internal: the password is on the board.")
    assert case.poll() == 1
    with organization_scope(case.organization):
        assert [one.body for one in TicketComment.objects.all()] == ["For everybody."]


def test_comments_of_surety_are_not_read_back(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    finding = case.add(1)
    case.work()
    case.change(finding, PASSING)
    case.work()
    case.poll()
    with organization_scope(case.organization):
        assert not TicketComment.objects.exists()


def test_a_deleted_ticket_counts_as_closed_and_a_relapse_opens_another_one(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    finding = case.add(1)
    case.work()
    fake.delete_all()
    case.change(finding, PASSING)
    assert case.work() == 1
    closed = case.ticket()
    assert (closed.remote_state, closed.remote_status) == ("closed", "deleted")
    case.change(finding, {"outcome": "fail", "state": "open", "failing_since": finding.failing_since})
    assert case.work() == 1
    reopened = case.ticket()
    assert reopened.remote_state == "open"
    assert len(fake.titles()) == 1
    assert fake.is_open("Contoso")


def test_one_ticket_per_finding(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake, per="finding")
    first = case.add(1)
    case.add(2)
    assert case.work() == 2
    assert len(fake.titles()) == 2
    assert {one.key for one in case.tickets()} >= {f"finding:{first.pk}"}
    case.change(first, PASSING)
    assert case.work() == 1
    states = {one.key: one.remote_state for one in case.tickets()}
    assert states[f"finding:{first.pk}"] == "closed"
    assert sorted(states.values()) == ["closed", "open"]
