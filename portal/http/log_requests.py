"""Describe the HTTP request in a log line by method, path, person and IP address, without secrets in the path.

Django attaches the request to its warnings about refused requests (400 to 499), attacks and errors.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from typing import Any, Final
from urllib.parse import unquote

from structlog.typing import EventDict

# The beginnings of paths whose next segment is a credential: the token of a mailed link, or of an emergency, set-up or
# download link. Ids of invitations (UUIDs) are no credentials.
_BEFORE_TOKEN: Final = re.compile(
    r"(?:^|/)(?:reset/key|confirm-email|unsubscribe|invitations?|emergency|first-start|report-links)(?:;[^/]*)?/(?![0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?:/|$))",
    re.IGNORECASE,
)
# The lookbehind lets a match begin only at the beginning of a word. Without the lookbehind, a long word that contains
# no slash would take quadratic time.
_WORD: Final = re.compile(r"(?<!\S)[^\s/]*+/\S*")
_AFTER_TOKEN: Final = ("", "/", "/sso/")
_HIDDEN: Final = "[hidden]"
_MAX_ENCODINGS: Final = 5
# The maximum length of a logged message about a refused request. Some of these messages contain the Host header, which
# can be very long.
_MAX_REFUSAL: Final = 300


def loggable_path(path: str) -> str:
    """Return the path with a placeholder for a token, and without a query string.

    Tokens of malformed paths are hidden too: a link may be copied wrongly, or a proxy may change its slashes.
    """
    path = path.partition("?")[0]
    plain = _normalized(path)
    if plain is None:
        return _HIDDEN
    found = _BEFORE_TOKEN.search(plain)
    if found is None or found.end() == len(plain):
        return path
    _, slash, rest = plain[found.end() :].partition("/")
    after = slash + rest
    return plain[: found.end()] + _HIDDEN + (after if after in _AFTER_TOKEN else "")


def _normalized(path: str) -> str | None:
    """Return the decoded path without empty and dot segments. Return None if the path is percent-encoded
    `_MAX_ENCODINGS` times or more.
    """
    for _ in range(_MAX_ENCODINGS):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    else:
        return None
    path = unicodedata.normalize("NFKC", path)
    # Remove control characters: with one of them in the text before a token, the token would not be recognized.
    path = "".join(letter for letter in path if letter.isprintable() and letter != " ")
    segments: list[str] = []
    for segment in path.replace("\\", "/").partition("?")[0].split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join(segments) + ("/" if segments and path.endswith("/") else "")


def _without_tokens(message: str, path: str) -> str:
    """Return the message with each token replaced by a placeholder, in the path of the request and in other paths.

    Some of Django's messages contain the path as it is. Other messages contain the path with all characters outside of
    ASCII escaped.
    """
    for form in (path, path.encode("unicode_escape").decode("ascii")):
        message = message.replace(form, loggable_path(path))
    return _WORD.sub(lambda word: _hidden_if_token(word[0]), message)


def _hidden_if_token(word: str) -> str:
    plain = _normalized(word)
    return loggable_path(word) if plain is None or _BEFORE_TOKEN.search(plain) else word


def drop_trace_of_refusal(logger: Any, method: str, event: EventDict) -> EventDict:
    """Remove the traceback of a request that Django refused, and cut a long message (a structlog processor).

    Anybody can send such requests, for example with a wrong Host header.
    """
    if str(event.get("logger", "")).startswith("django.security."):
        event.pop("exc_info", None)
        event["event"] = str(event.get("event", ""))[:_MAX_REFUSAL]
    return event


class LimitLines(logging.Filter):
    """Let at most `most` lines of a logger through per minute. The first line of the next minute says how many were
    left out.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self._minute, self._count = 0, 0
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        minute = int(record.created) // 60
        with self._lock:
            left_out = 0
            if minute != self._minute:
                left_out = max(0, self._count - self.most)
                self._minute, self._count = minute, 0
            self._count += 1
            if self._count > self.most:
                return False
        if left_out:
            record.lines_left_out = left_out
        return True


def describe_request(logger: Any, method: str, event: EventDict) -> EventDict:
    """Replace the field `request` by the fields `method`, `path`, `person` and `address` (a structlog processor)."""
    request = event.pop("request", None)
    if not hasattr(request, "META"):
        return event
    path = str(request.path)
    event["event"] = _without_tokens(str(event.get("event", "")), path)
    event["method"] = request.method
    event["path"] = loggable_path(path)
    event["address"] = request.META.get("REMOTE_ADDR", "")
    # Use only a person that is already loaded, because the database may be unreachable while an error is logged.
    person = getattr(request, "_cached_user", None)
    if person is not None and person.is_authenticated:
        event["person"] = str(person.pk)
    return event
