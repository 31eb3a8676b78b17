"""Render an event as JSON for webhooks, as an adaptive card for Teams and as blocks for Slack.

Texts from Azure and people must not become markup. So Teams gets text runs, and Slack gets plain text; Slack's fallback
text is escaped. Both services refuse large messages, so a long message omits lines, and states how many lines are
missing.

Sources:

- Teams' Workflows webhooks accept only `{"type": "message", "attachments": [...]}` with adaptive cards, 28 KB at most:
  https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook and
  .../how-to/connectors-using; https://learn.microsoft.com/connectors/teams/, "message size limit"
- Messages are measured in UTF-16 (.../bots/how-to/format-your-bot-messages); users report status 413 for messages of
  about 20 KB of JSON or more
- adaptivecards.io, RichTextBlock: "TextRun: markdown is not supported"
- Slack: 50 blocks, 1 to 3,000 characters per text, three characters to escape in mrkdwn
  (https://docs.slack.dev/messaging/formatting-message-text, reference/block-kit/blocks)
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
    """Return the JSON in UTF-8 to post to a channel of this kind. `delivery` is the post's id."""
    return _json(_RENDERERS[Channel.Kind(kind)](payload, delivery)).encode("utf-8", "replace")


def _json(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def event_label(event: str) -> str:
    """Return the label that channels show for a kind of event. The label does not address one person as “you”."""
    if event == TEST:
        return "A test message from Surety"
    return KINDS[event].event_label if event in KINDS else event


def _webhook(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    return {
        "id": delivery,
        "type": payload["event"],
        "timestamp": payload["at"],
        **payload,
        "url": absolute(payload["path"]),
    }


def _teams(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    for count in range(MAX_LINES, -1, -1):
        message = _card(payload, _lines(payload, count))
        text = _json(message)
        if (
            len(text.encode("utf-8", "replace")) <= MAX_TEAMS_BYTES
            and 2 * _utf16_length(text) <= MAX_TEAMS_UTF16
        ):
            break
    return message


def _card(payload: Mapping[str, Any], lines: list[str]) -> dict[str, Any]:
    body = [
        _text_run(_heading(payload), isSubtle=True, size="Small"),
        _text_run(_title(payload), weight="Bolder", size="Medium"),
        *map(_text_run, lines),
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


def _text_run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _slack(payload: Mapping[str, Any], delivery: str) -> dict[str, Any]:
    heading, title = _heading(payload), _title(payload)
    blocks: list[dict[str, Any]] = [
        {"type": "context", "elements": [_plain(heading)]},
        {"type": "section", "text": _plain(title)},
    ]
    texts = ("\n".join(_lines(payload, count)) for count in range(MAX_LINES, -1, -1))
    if lines := next(text for text in texts if _utf16_length(text) <= MAX_SLACK_TEXT):
        blocks.append({"type": "section", "text": _plain(lines)})
    link = f"<{_escaped(absolute(payload['path']))}|Open in Surety>"
    blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link}})
    return {"text": _escaped(f"{heading}: {title}"), "blocks": blocks, "unfurl_links": False}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _heading(payload: Mapping[str, Any]) -> str:
    return _truncate(f"{payload['tenant']['name']}: {event_label(payload['event'])}")


def _title(payload: Mapping[str, Any]) -> str:
    """Return the title, or the event's label if the title is empty, because Slack refuses empty texts."""
    return _truncate(payload["title"]) if payload["title"].strip() else event_label(payload["event"])


def _lines(payload: Mapping[str, Any], maximum: int) -> list[str]:
    """Return the first non-empty lines and, if there are more, a line with the number of the remaining lines."""
    lines = [_truncate(line) for line in payload["lines"] if line.strip()]
    return [*lines[:maximum], f"and {len(lines) - maximum} more"] if len(lines) > maximum else lines


def _utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units. An emoji, for example, has two units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_LINE_CHARACTERS else text[: MAX_LINE_CHARACTERS - 1] + "…"


_RENDERERS: Final = {
    Channel.Kind.WEBHOOK: _webhook,
    Channel.Kind.TEAMS: _teams,
    Channel.Kind.SLACK: _slack,
}
