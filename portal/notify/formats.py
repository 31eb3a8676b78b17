"""What is posted: an event as JSON for webhooks, as an adaptive card for Teams, as blocks for Slack.

Titles and lines hold names from Azure and words of people. In Teams they go into text runs, which know no
markup; in Slack into plain text, and into the fallback text escaped.

Sources: Workflows webhooks take `{"type": "message", "attachments": [...]}` with adaptive cards, 28 KB at most
(https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook);
adaptivecards.io, RichTextBlock ("TextRun: markdown is not supported"); Slack's limits and its three characters
to escape (https://docs.slack.dev/messaging/formatting-message-text, reference/block-kit/blocks).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from portal.notify.kinds import KINDS
from portal.notify.links import absolute
from portal.notify.models import Channel

TEST: Final = "test"
MOST_LINES: Final = 20
MOST_LINE: Final = 400
MOST_SLACK_TEXT: Final = 2900


def body_of(kind: str, payload: Mapping[str, Any], delivery: str) -> bytes:
    """The bytes to post to a channel of that kind, JSON in UTF-8."""
    shaped = _SHAPES[Channel.Kind(kind)](payload, delivery)
    return json.dumps(shaped, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def label(event: str) -> str:
    """The words for a kind of event, to everybody."""
    if event == TEST:
        return "A test from Surety"
    return KINDS[event].event if event in KINDS else event


def _webhook(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    return {"id": delivery, **payload, "url": absolute(payload["path"])}


def _teams(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    body = [
        _runs(f"{payload['tenant']['name']}: {label(payload['event'])}", isSubtle=True, size="Small"),
        _runs(_cut(payload["title"]), weight="Bolder", size="Medium"),
        *(_runs(line) for line in _lines(payload)),
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
    head = f"{payload['tenant']['name']}: {label(payload['event'])}"
    title = _cut(payload["title"])
    blocks: list[dict[str, Any]] = [
        {"type": "context", "elements": [_plain(head)]},
        {"type": "section", "text": _plain(title)},
    ]
    lines = "\n".join(_lines(payload))
    if lines:
        blocks.append({"type": "section", "text": _plain(lines[:MOST_SLACK_TEXT])})
    link = f"<{absolute(payload['path'])}|Open in Surety>"
    blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link}})
    return {"text": _escaped(f"{head}: {title}"), "blocks": blocks, "unfurl_links": False}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lines(payload: Mapping[str, Any]) -> list[str]:
    lines = [_cut(line) for line in payload["lines"] if line.strip()]
    if len(lines) > MOST_LINES:
        return [*lines[:MOST_LINES], f"and {len(lines) - MOST_LINES} more"]
    return lines


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LINE else text[: MOST_LINE - 1] + "…"


_SHAPES: Final = {
    Channel.Kind.WEBHOOK: _webhook,
    Channel.Kind.TEAMS: _teams,
    Channel.Kind.SLACK: _slack,
}
