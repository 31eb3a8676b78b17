"""What is posted: an event as JSON for webhooks, as an adaptive card for Teams, as blocks for Slack.

Titles and lines hold names from Azure and words of people. In Teams they go into text runs, which know no
markup; in Slack into plain text, and into the fallback text escaped. What would be too large is told with fewer
lines and how many are left out: a service refuses a message that is too large altogether.

Sources: Teams' webhooks are those of its Workflows app since Microsoft 365 connectors were retired. They take
`{"type": "message", "attachments": [...]}` with adaptive cards alone, 28 KB at most
(https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook and
connectors-using; https://learn.microsoft.com/connectors/teams/, "message size limit"). Messages are measured in
UTF-16 (.../bots/how-to/format-your-bot-messages), and senders report refusals (413) from about 20 KB of JSON.
adaptivecards.io, RichTextBlock ("TextRun: markdown is not supported"). Slack: 50 blocks, 3,000 characters a
text, at least one, and three characters to escape in mrkdwn
(https://docs.slack.dev/messaging/formatting-message-text, reference/block-kit/blocks).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from portal.links import absolute
from portal.notify.kinds import KINDS
from portal.notify.models import Channel

TEST: Final = "test"
MAX_LINES: Final = 20
MAX_LINE_CHARACTERS: Final = 400
MAX_SLACK_TEXT: Final = 2900
MAX_TEAMS_BYTES: Final = 20_000
MAX_TEAMS_UTF16: Final = 27_000


def render_body(kind: str, payload: Mapping[str, Any], delivery: str) -> bytes:
    """The bytes to post to a channel of that kind, JSON in UTF-8."""
    return _json(_RENDERERS[Channel.Kind(kind)](payload, delivery)).encode("utf-8", "replace")


def _json(shaped: Mapping[str, Any]) -> str:
    return json.dumps(shaped, ensure_ascii=False, separators=(",", ":"))


def event_label(event: str) -> str:
    """The words for a kind of event, to everybody."""
    if event == TEST:
        return "A test from Surety"
    return KINDS[event].event_label if event in KINDS else event


def _webhook(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    return {"id": delivery, **payload, "url": absolute(payload["path"])}


def _teams(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    for most in range(MAX_LINES, -1, -1):
        message = _card(payload, _lines(payload, most))
        text = _json(message)
        if (
            len(text.encode("utf-8", "replace")) <= MAX_TEAMS_BYTES
            and 2 * _utf16_length(text) <= MAX_TEAMS_UTF16
        ):
            break
    return message


def _card(payload: Mapping[str, Any], lines: list[str]) -> dict[str, Any]:
    body = [
        _runs(_heading(payload), isSubtle=True, size="Small"),
        _runs(_title(payload), weight="Bolder", size="Medium"),
        *map(_runs, lines),
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Surety", "url": absolute(payload["path"])}],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _runs(text: str, **looks: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}


def _slack(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    head, title = _heading(payload), _title(payload)
    blocks: list[dict[str, Any]] = [
        {"type": "context", "elements": [_plain(head)]},
        {"type": "section", "text": _plain(title)},
    ]
    texts = ("\n".join(_lines(payload, most)) for most in range(MAX_LINES, -1, -1))
    if lines := next(text for text in texts if _utf16_length(text) <= MAX_SLACK_TEXT):
        blocks.append({"type": "section", "text": _plain(lines)})
    link = f"<{_escaped(absolute(payload['path']))}|Open in Surety>"
    blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link}})
    return {"text": _escaped(f"{head}: {title}"), "blocks": blocks, "unfurl_links": False}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _heading(payload: Mapping[str, Any]) -> str:
    return _truncate(f"{payload['tenant']['name']}: {event_label(payload['event'])}")


def _title(payload: Mapping[str, Any]) -> str:
    """Never empty, which Slack refuses."""
    return _truncate(payload["title"]) if payload["title"].strip() else event_label(payload["event"])


def _lines(payload: Mapping[str, Any], most: int) -> list[str]:
    """The first of the lines that say something, and how many more there are."""
    lines = [_truncate(line) for line in payload["lines"] if line.strip()]
    return [*lines[:most], f"and {len(lines) - most} more"] if len(lines) > most else lines


def _utf16_length(text: str) -> int:
    """How long a text is where it is measured in UTF-16: what is beyond the basic plane counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_LINE_CHARACTERS else text[: MAX_LINE_CHARACTERS - 1] + "…"


_RENDERERS: Final = {
    Channel.Kind.WEBHOOK: _webhook,
    Channel.Kind.TEAMS: _teams,
    Channel.Kind.SLACK: _slack,
}
