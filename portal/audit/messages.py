"""Format a journal entry as a message: a line of the journal's file (docs/journal.md), or a syslog message (RFC 5424)
with the content of this line.
"""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from tenants import journal

# RFC 5424, section 6.2.1: facility 13 is "log audit", severity 4 is "warning", severity 6 is "informational".
_FACILITY: Final = 13
_WARNING, _INFORMATIONAL = 4, 6
_ALARMING: Final = re.compile(r"fail|refus|emergency|locked|revoked|removed")
MAX_MSGID: Final = 32


def line(chain: str, entry: Any) -> dict[str, Any]:
    """Return the content of the entry's line in the journal's file (docs/journal.md), before it is encoded."""
    return {**journal.hashed_content(chain, entry), "hash": entry.hash}


def ndjson(lines: list[dict[str, Any]]) -> bytes:
    """Return the lines as canonical JSON in UTF-8. The script in docs/journal.md verifies such lines."""
    return "".join(f"{journal.canonical_json(one)}\n" for one in lines).encode()


def syslog(content: dict[str, Any]) -> bytes:
    """Return one syslog message: the action is the MSGID, the entry is the text.

    The text is ASCII, so that it needs no byte order mark (RFC 5424 6.4); JSON escapes other characters.
    """
    action = str(content["action"])
    severity = _WARNING if _ALARMING.search(action) else _INFORMATIONAL
    host = urlsplit(settings.SURETY_URL).hostname or "-"
    message_id = re.sub(r"[^!-~]", "_", action)[:MAX_MSGID] or "-"
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    header = f"<{_FACILITY * 8 + severity}>1 {content['at']} {host} surety - {message_id} -"
    return f"{header} {text}".encode("ascii")


def utc(moment: Any) -> str:
    """Return a moment as 2026-11-25T12:00:00Z."""
    return str(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
