"""What only some connectors do: paging, searches, workflows, texts of customers, and tests of connections."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.notify.addresses import RefusedAddress
from portal.notify.exchange import Answer, exchange
from portal.settings.env import BASE_DIR
from portal.tickets.actions.check import request_check
from portal.tickets.connectors import CONNECTORS
from portal.tickets.connectors.base import Draft
from portal.tickets.connectors.client import throttled_seconds
from portal.tickets.connectors.github import markdown
from portal.tickets.connectors.jira import document, plain
from portal.tickets.errors import Missing, Rejected, Unavailable
from portal.tickets.models import Ticket, TicketSystem
from tenants.scope import organization_scope
from tests.portal.tickets.cases import BY, DRAFT, PASSING, CustomerWithTickets, tracker
from tests.portal.tickets.fakes.autotask import FakeAutotask
from tests.portal.tickets.fakes.github import FakeGitHub
from tests.portal.tickets.fakes.jira import FakeJira
from tests.portal.tickets.fakes.server import FakeSystem, Response
from tests.portal.tickets.fakes.servicenow import FakeServiceNow


@pytest.fixture
def github(fakes: dict[str, FakeSystem]) -> FakeGitHub:
    found = fakes["github"]
    assert isinstance(found, FakeGitHub)
    return found


@pytest.fixture
def jira(fakes: dict[str, FakeSystem]) -> FakeJira:
    found = fakes["jira"]
    assert isinstance(found, FakeJira)
    return found


def test_texts_of_customers_are_code_and_mention_nobody() -> None:
    text = markdown(DRAFT)
    assert "`Con'toso @everyone`" in text
    assert "`[link](https://evil.example) @mira`" in text
    items = document(DRAFT)["content"][2]["content"]
    texts = [item["content"][0]["content"][0] for item in items]
    assert [one["marks"] for one in texts] == [[{"type": "code"}]] * 2
    assert "nsg-web" in plain(document(DRAFT))


def test_github_reads_all_pages_and_skips_pull_requests(github: FakeGitHub) -> None:
    github.page_size = 3
    github.add_issues(7)
    github.add_pull_request()
    client = tracker(github)
    found = list(client.changed(github.project, timezone.now() - timedelta(hours=1)))
    assert len(found) == 7
    assert len(github.requests) == 3
    client.open(github.project, DRAFT)
    assert client.find(github.project, "surety-1", timezone.now() - timedelta(minutes=1)) is not None
    assert client.find(github.project, "surety-2", timezone.now() - timedelta(minutes=1)) is None


def test_github_follows_no_link_to_another_host(github: FakeGitHub) -> None:
    foreign = Response(200, [], {"Link": '<https://evil.example/steal?page=2>; rel="next"'})
    github.fail(foreign, method="GET", path="/issues$")
    assert list(tracker(github).changed(github.project, timezone.now())) == []
    assert len(github.requests) == 1


def test_jira_reads_all_pages(jira: FakeJira) -> None:
    jira.page_size = 2
    client = tracker(jira)
    for number in range(5):
        client.open(jira.project, Draft("T", {}, ["x"], [], "https://surety.example/", f"surety-{number}"))
    assert len(list(client.changed(jira.project, timezone.now() - timedelta(minutes=2)))) == 5
    assert client.find(jira.project, "surety-3", timezone.now()).key == "OPS-4"
    jira.is_indexed = False
    assert client.find(jira.project, "surety-3", timezone.now()) is None


def test_jira_asks_for_a_token_that_the_address_of_the_site_accepts() -> None:
    (token,) = (one for one in CONNECTORS["jira"].inputs if one.secret)
    assert "without scopes" in token.help
    page = (BASE_DIR / "docs" / "tickets.md").read_text(encoding="utf-8")
    jira = page.partition("### Jira Cloud")[2].partition("###")[0]
    assert "Create the token\n  without scopes." in jira


@pytest.mark.django_db
def test_jira_waits_for_the_search_before_it_opens_a_ticket_again(jira: FakeJira) -> None:
    case = CustomerWithTickets(jira)
    case.add(1)
    jira.lose_answer()
    case.work()
    with organization_scope(case.organization):
        Ticket.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    tried_at, sent = case.ticket().tried_at, len(jira.requests)
    assert case.send() == 0
    assert len(jira.requests) == sent
    ticket = case.ticket()
    assert (ticket.work, ticket.attempts, ticket.tried_at) == ("waiting", 1, tried_at)
    assert ticket.due_at > timezone.now() + timedelta(minutes=4)
    case.wait()
    case.send()
    assert len(jira.titles()) == 1


@pytest.mark.django_db
def test_jira_without_a_transition_says_what_to_add(jira: FakeJira) -> None:
    case = CustomerWithTickets(jira)
    finding = case.add(1)
    case.work()
    jira.can_finish = False
    case.change(finding, PASSING)
    case.work()
    dead = case.ticket()
    assert dead.work == "dead"
    assert "no transition from “To Do” to a status of the category “Done”" in dead.error


def test_autotask_reads_the_newest_notes_of_a_ticket_with_many(fakes: dict[str, FakeSystem]) -> None:
    """Autotask answers with at most 500 notes, the oldest first. These include the notes that its workflows write."""
    autotask = fakes["autotask"]
    assert isinstance(autotask, FakeAutotask)
    client = tracker(autotask)
    ticket = client.open(autotask.project, DRAFT)
    autotask.comment_fields = {"publish": 2}
    for number in range(500):
        autotask.comment_by_person(f"Workflow {number}")
    autotask.comment_fields = {"publish": 1}
    for number in range(110):
        autotask.comment_by_person(f"Note {number}")
    read = [one.body for one in client.comments(autotask.project, ticket.id, None)]
    assert read == [f"Note {number}" for number in range(10, 110)]


def test_servicenow_says_once_that_an_account_sees_no_comments(fakes: dict[str, FakeSystem]) -> None:
    servicenow = fakes["servicenow"]
    assert isinstance(servicenow, FakeServiceNow)
    client = tracker(servicenow)
    ticket = client.open(servicenow.project, DRAFT)
    client.comment(servicenow.project, ticket.id, "Done")
    assert client.check("") == "The account can read incidents."
    servicenow.may_read_journal = False
    client = tracker(servicenow)
    results = [client.check(servicenow.project) for _ in range(2)]
    assert results[0].startswith(
        "The account can read incidents and the group Service Desk. The account sees no"
    )
    assert results[0].endswith("allow a role of the account to read the table sys_journal_field.")
    assert results[1] == "The account can read incidents and the group Service Desk."


def test_errors_of_the_connections_name_what_to_do(github: FakeGitHub, jira: FakeJira) -> None:
    github.has_issues = False
    with pytest.raises(Rejected, match="Issues are disabled"):
        tracker(github).check(github.project)
    with pytest.raises(Missing, match="does not exist"):
        tracker(github).check("acme/other")
    with pytest.raises(Rejected, match="has no issue type “Incident”"):
        tracker(jira, issue_type="Incident").check(jira.project)
    assert "surety-bot" in tracker(github).check("")
    github.fail(Response(302, None, {"Location": "https://evil.example/"}))
    with pytest.raises(Rejected, match="Surety does not follow redirects"):
        tracker(github).check("")
    assert len([one for one in github.requests if one.path == "/user"]) == 2


def test_no_request_leaves_for_an_address_that_is_not_permitted(settings: Any, github: FakeGitHub) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = []
    with pytest.raises(Rejected, match="must start with https"):
        tracker(github).check("")
    assert github.requests == []
    with pytest.raises(RefusedAddress):
        exchange("GET", "https://169.254.169.254/", headers={})


def test_an_answer_that_is_no_json_or_too_large_is_refused(github: FakeGitHub, monkeypatch: Any) -> None:
    github.fail(Response(200, "just text"))
    with pytest.raises(Unavailable, match="unknown form"):
        tracker(github).check("")
    monkeypatch.setattr("portal.notify.exchange.MAX_ANSWER_BYTES", 10)
    with pytest.raises(Unavailable, match="larger than"):
        tracker(github).check("")


def test_throttling_is_recognised_as_documented() -> None:
    def seconds(status: int, text: str = "", **headers: str) -> int | None:
        found = {name.replace("_", "-"): value for name, value in headers.items()}
        return throttled_seconds(Answer(status, found, b""), text)

    reset = str(int(timezone.now().timestamp()) + 120)
    assert seconds(429) == 60
    assert seconds(429, retry_after="7") == 7
    assert seconds(403) is None
    assert seconds(403, retry_after="30") == 30
    assert seconds(403, "You have exceeded a secondary rate limit") == 60
    assert 110 < (seconds(403, x_ratelimit_remaining="0", x_ratelimit_reset=reset) or 0) <= 120
    assert seconds(503) is None
    assert seconds(503, retry_after="20") == 20
    assert seconds(401, retry_after="20") is None


@pytest.mark.django_db
def test_a_person_tests_a_connection(fake: FakeSystem) -> None:
    case = CustomerWithTickets(fake)
    with organization_scope(case.organization):
        request_check(system=case.system, by=BY)
    assert case.check() == 1
    checked = case.reload()
    assert not checked.check_failed
    assert "Contoso" in checked.check_result or fake.project in checked.check_result
    assert checked.checked_at is not None
    fake.accepts_credentials = False
    with organization_scope(case.organization):
        request_check(system=TicketSystem.objects.get(), by=BY)
    case.check()
    checked = case.reload()
    assert checked.check_failed
    assert "refused the credentials" in checked.check_result
    assert case.check() == 0


def test_the_documentation_describes_each_connector() -> None:
    root = Path(__file__).parents[3]
    lines = (root / "docs" / "tickets.md").read_text(encoding="utf-8").splitlines()
    assert [one.label for one in CONNECTORS.values() if f"### {one.label}" not in lines] == []
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert [one.label for one in CONNECTORS.values() if one.label.split()[0] not in readme] == []
