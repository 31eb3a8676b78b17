"""Messages for webhooks, Teams and Slack, in which names and text never become markup."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.models import Assessment, Finding, FindingChange
from portal.notify import assessment_ended, events
from portal.notify.actions.preferences import set_preferences
from portal.notify.delivery import send_due
from portal.notify.formats import render_body
from portal.notify.models import Channel, Notice, Post, PublishedEvent
from portal.notify.signing import legacy_signature
from tenants.roles import Role
from tenants.secrets import Secret
from tests import factories
from tests.portal.notify.outbox import add_channel, publish_event
from tests.portal.notify.receivers import Receiver
from tests.portal.web.world import make_world

HOSTILE = "<!channel> <https://evil.example|click> [click](https://evil.example) **bold** &amp; @everyone"


def payload(**fields: Any) -> dict[str, Any]:
    return {
        "event": "exception_returned",
        "key": "1",
        "at": "2026-11-25T12:00:00+00:00",
        "tenant": {"id": "t", "slug": "alder", "name": "Alder & Finch"},
        "title": "Exception 12 needs approval again",
        "lines": ["The observed value of 2 findings changed."],
        "path": "/t/alder/exceptions/1/",
        "by": "",
        "data": {},
        **fields,
    }


def render(kind: str, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_body(kind, payload(**fields), "d1"))
    return found


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def test_teams_gets_an_adaptive_card_in_a_message() -> None:
    message = render("teams")
    assert set(message) == {"type", "attachments"}
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert set(attachment) == {"contentType", "contentUrl", "content"}
    assert attachment["contentUrl"] is None
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["actions"] == [
        {
            "type": "Action.OpenUrl",
            "title": "Open in Surety",
            "url": "http://127.0.0.1:8000/t/alder/exceptions/1/",
        }
    ]
    assert "Exception 12 needs approval again" in strings(card["body"])


def test_in_teams_nothing_is_markup() -> None:
    card = render("teams", title=HOSTILE, lines=[HOSTILE])["attachments"][0]["content"]
    # Teams renders Markdown in a TextBlock, but not in the text of a RichTextBlock.
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert strings(card["body"]).count(HOSTILE) == 2


def test_slack_gets_blocks_and_a_text_for_notifications() -> None:
    message = render("slack")
    assert message["text"].startswith("Alder &amp; Finch: An exception needs approval again")
    assert message["blocks"][0]["elements"][0]["text"].startswith(
        "Alder & Finch: An exception needs approval again"
    )
    assert message["blocks"][-1]["text"]["text"] == (
        "<http://127.0.0.1:8000/t/alder/exceptions/1/|Open in Surety>"
    )


def test_in_slack_nothing_is_markup() -> None:
    message = render("slack", title=HOSTILE, lines=[HOSTILE])
    assert "<" not in message["text"]
    assert ">" not in message["text"]
    marked = [
        part["text"]
        for block in message["blocks"]
        for part in [block.get("text", {}), *block.get("elements", [])]
        if part.get("type") == "mrkdwn"
    ]
    assert marked == ["<http://127.0.0.1:8000/t/alder/exceptions/1/|Open in Surety>"]


# Characters that need different amounts of space in UTF-8, in UTF-16 and when they are escaped.
LINES = {
    "ascii": "x",
    "umlauts": "ä",
    "kanji": "漢",
    "emoji": "😀",
    "quotes": '"',
    "ampersands": "&<>",
    "none": "",
}


@pytest.mark.parametrize("kind", Channel.Kind.values)
@pytest.mark.parametrize("letter", LINES.values(), ids=LINES.keys())
def test_messages_respect_the_size_limits_of_the_services(kind: str, letter: str) -> None:
    lines = [f"line {number} " + letter * 2000 for number in range(500)]
    body = render_body(kind, payload(title=letter * 300, lines=lines, path="/t/" + "x" * 290), "d1")
    if kind == "webhook":
        assert len(json.loads(body)["lines"]) == 500
    elif kind == "teams":
        assert len(body) <= 20_000
        assert len(body.decode().encode("utf-16-le")) <= 27_000
    else:
        blocks = json.loads(body)["blocks"]
        assert len(blocks) <= 50
        for text in [b["text"]["text"] for b in blocks if "text" in b] + [blocks[0]["elements"][0]["text"]]:
            assert 1 <= len(text.encode("utf-16-le")) // 2 <= 3000


@pytest.mark.parametrize("kind", ["teams", "slack"])
def test_omitted_lines_are_counted(kind: str) -> None:
    def shown(letter: str, count: int) -> tuple[int, str]:
        body = render_body(kind, payload(lines=[f"line {n} {letter * 390}" for n in range(count)]), "d1")
        found = [line for text in strings(json.loads(body)) for line in text.split("\n")]
        return sum(line.startswith("line ") for line in found), next(
            (line for line in found if line.endswith(" more")), ""
        )

    most = {"teams": (20, 20), "slack": (7, 3)}[kind]
    assert shown("x", 3) == (3, "")
    assert shown("x", 50) == (most[0], f"and {50 - most[0]} more")
    few, note = shown("😀", 50)
    assert 0 < few <= most[1]
    assert note == f"and {50 - few} more"
    assert shown("", 21) == (20, "and 1 more")


@pytest.mark.parametrize("title", ["", "   "])
def test_an_empty_title_is_replaced_by_the_events_label(title: str) -> None:
    """Slack refuses empty texts."""
    section = render("slack", title=title)["blocks"][1]
    assert section["text"]["text"] == "An exception needs approval again"


def test_links_are_escaped_in_markup_only() -> None:
    path = "/t/alder/findings/?owner=1&state=open"
    assert render("slack", path=path)["blocks"][-1]["text"]["text"].startswith(
        "<http://127.0.0.1:8000/t/alder/findings/?owner=1&amp;state=open|"
    )
    (action,) = render("teams", path=path)["attachments"][0]["content"]["actions"]
    assert action["url"].endswith("?owner=1&state=open")


def test_a_lone_surrogate_is_replaced() -> None:
    assert json.loads(render_body("webhook", payload(title="a\ud800b"), "d1"))["title"] == "a?b"


def test_the_example_of_the_deprecated_signature_in_the_documentation_is_correct() -> None:
    # Computed with: printf '1764061200.{"a":1}' | openssl dgst -sha256 -hmac whsec_example
    expected = "v1=8e9e18fbda7ce3c7aeedcd633b1a8054081107b4cc2e60e540440d9707c4abb6"
    found = legacy_signature(Secret("whsec_example"), 1764061200, b'{"a":1}')
    assert found == expected


@pytest.mark.parametrize("kind", ["teams", "slack"])
@pytest.mark.django_db
def test_only_webhooks_are_signed(receiver: Receiver, kind: str) -> None:
    tenant = factories.tenant()
    _, secret = add_channel(tenant, receiver.url(), kind=kind)
    assert secret == ""
    publish_event(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 1)
    assert not [name for name in receiver.received[0].headers if name.startswith("Surety-")]


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db
def test_the_end_of_an_assessment_reaches_channels_and_people_who_chose_it(receiver: Receiver) -> None:
    world = make_world(accounts=2)
    home, assessment = world.home, world.of(world.home)["assessment"]
    auditor, stranger = world.people[Role.AUDITOR.value], factories.person()
    with factories.in_tenant(home):
        Post.objects.all().delete()
        Channel.objects.all().delete()
        Notice.objects.all().delete()
        for person in (auditor, stranger):
            set_preferences(person=person, tenants=[home], deliveries={"assessment_ended": "immediate"})
        for outcome in ("fail", "fail", "pass"):
            unchanged = Finding.objects.filter(outcome=outcome).exclude(changes__assessment=assessment)
            FindingChange.objects.create(
                tenant=home,
                finding=unchanged.earliest("id"),
                assessment=assessment,
                at=assessment.ended_at,
                after_outcome=outcome,
            )
    add_channel(home, receiver.url())
    with factories.in_tenant(home):
        assert assessment_ended(home, assessment) == 2
        assert assessment_ended(home, assessment) == 0
        notice = Notice.objects.get()
        assert notice.person == auditor
    send_due(tenant_id=home.pk)
    content = json.loads(receiver.received[-1].body)
    assert content["data"]["assessment"]["number"] == assessment.number
    assert content["data"]["counts"] == assessment.summary["counts"]
    assert content["data"]["score"] == assessment.summary["score"]
    failing = content["data"]["failing"]
    assert failing == assessment.summary["failing"]
    assert sum(failing.values()) == assessment.summary["counts"]["fail"] > 0
    by_severity = ", ".join(f"{failing[name]} {name}" for name in Finding.Severity.values if name in failing)
    assert content["lines"][1] == f"Failing: {sum(failing.values())} ({by_severity})."
    with factories.in_tenant(home):
        began = FindingChange.objects.filter(assessment=assessment, kind=FindingChange.Kind.BEGAN).count()
    assert f" ended: 2 new and failing, {began} started failing" in content["title"]
    assert began > 0


@pytest.mark.slow(seconds=2)
@pytest.mark.django_db
def test_a_failure_that_was_unknown_for_a_time_has_not_started_now() -> None:
    world = make_world(accounts=2)
    home, assessment = world.home, world.of(world.home)["assessment"]
    with factories.in_tenant(home):
        began = FindingChange.objects.filter(assessment=assessment, kind=FindingChange.Kind.BEGAN).count()
        failing = Finding.objects.filter(tenant=home, outcome="fail").exclude(changes__assessment=assessment)
        FindingChange.objects.create(
            tenant=home,
            finding=failing.earliest("id"),
            assessment=assessment,
            at=assessment.ended_at,
            before_outcome="unknown",
            after_outcome="fail",
        )
        text = events.changed(assessment)
    assert text.startswith(f": {began} started failing, ")
    assert text.endswith(", 1 failing as before")


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db
def test_a_partial_assessment_says_which_results_are_unknown_and_which_are_kept() -> None:
    """A unit that could not be read gets unknown verdicts. A unit that was not assessed keeps its earlier verdicts."""
    world = make_world(accounts=2)
    home, assessment = world.home, world.of(world.home)["assessment"]
    unknown = "Some data could not be read, so verdicts that depend on it are unknown."
    kept = "The results of subscriptions and directories that were not assessed have not changed."
    cases: dict[str, tuple[dict[str, int], dict[str, Any]]] = {
        f"Partial: 3 of 4 units read. {unknown}": ({"done": 3, "failed": 1}, {}),
        f"Partial: 3 of 4 units read, cancelled. {kept}": (
            {"done": 3, "cancelled": 1},
            {"state": Assessment.State.CANCELLED},
        ),
        f"Only 2 units assessed. {kept}": ({"done": 2}, {"only": ["a", "b"]}),
        f"Only 2 units assessed, 1 read. {unknown} {kept}": (
            {"done": 1, "failed": 1},
            {"only": ["a", "b"]},
        ),
    }
    for line, (units, values) in cases.items():
        with factories.in_tenant(home):
            Assessment.objects.filter(pk=assessment.pk).update(
                **{"state": Assessment.State.FINISHED, "only": [], **values},
                summary={**assessment.summary, "units": units},
            )
            PublishedEvent.objects.filter(kind="assessment_ended").delete()
            assessment_ended(home, Assessment.objects.get(pk=assessment.pk))
            event = PublishedEvent.objects.get(kind="assessment_ended")
        assert event.payload is not None
        assert event.payload["lines"][0] == line


@pytest.mark.slow(seconds=2)
@pytest.mark.django_db
def test_an_assessment_without_any_result_does_not_say_that_nothing_fails() -> None:
    world = make_world(accounts=2)
    home, assessment = world.home, world.of(world.home)["assessment"]
    with factories.in_tenant(home):
        Assessment.objects.filter(pk=assessment.pk).update(
            summary={"units": {"failed": 1}, "score": None, "counts": {"unknown": 9}, "failing": {}}
        )
        PublishedEvent.objects.filter(kind="assessment_ended").delete()
        assessment_ended(home, Assessment.objects.get(pk=assessment.pk))
        event = PublishedEvent.objects.get(kind="assessment_ended")
    assert event.payload is not None
    assert event.payload["lines"][2:] == ["Failing: unknown.", "Unknown: 9."]
