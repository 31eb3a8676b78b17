"""Send a connector's requests with JSON, and turn the status codes of failed answers into errors."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from portal.notify.addresses import RefusedAddress
from portal.notify.exchange import Answer, UnsendableHeader, exchange
from portal.notify.outbound import MAX_RETRY_AFTER, PostFailed, retry_after_seconds
from portal.tickets.errors import (
    CredentialsRefused,
    Missing,
    OutOfTime,
    Rejected,
    Throttled,
    TicketError,
    Unavailable,
)

DEFAULT_PAUSE: Final = 60
"""If a ticket system limits requests and its answer states no time, Surety waits this number of seconds. GitHub asks
for at least a minute.
"""
MAX_REASON: Final = 300
UNKNOWN_FORM: Final = "The answer of the ticket system has an unknown form. Check the address."
UNKNOWN_TIME: Final = (
    "The ticket system returned a date that Surety cannot read. Check the address and the kind of"
    " the ticket system."
)
UNEXPECTED: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""The errors that Python can raise when the code reads an answer of an unexpected form."""


_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def requests_until(until: float) -> Iterator[None]:
    """Raise OutOfTime for each request that the `with` block would send after `until`, a time of `time.monotonic()`."""
    token = _until.set(until)
    try:
        yield
    finally:
        _until.reset(token)


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer. `data` is the parsed JSON, or None if there is no body. The names of the headers are in
    lower case.
    """

    status: int
    headers: Mapping[str, str]
    data: Any


@dataclass(frozen=True, slots=True)
class Client:
    """Send requests to URLs below `address`. `reason` takes the JSON of a failed answer, and returns its error texts.

    If `rejects_with_500` is True, the API answers invalid content with 500 and error texts, as Autotask does.
    """

    address: str
    headers: Mapping[str, str] = field(repr=False)
    reason: Callable[[Any], str] = field(repr=False)
    rejects_with_500: bool = False

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request with a JSON body or a form; `path` begins with a slash. Raises a TicketError for an answer
        that is not successful."""
        until = _until.get()
        if until is not None and time.monotonic() >= until:
            raise OutOfTime(
                "The ticket system answers slowly, so this run ended before it had sent all requests."
            )
        url = f"{self.address.rstrip('/')}{path}"
        if query:
            url = f"{url}?{urlencode(query)}"
        headers = dict(self.headers)
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if form is not None:
            content = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = exchange(method, url, headers=headers, body=content)
        except RefusedAddress as error:
            raise Rejected(error.message) from error
        except UnsendableHeader as error:
            raise CredentialsRefused(error.message) from None
        except PostFailed as error:
            raise Unavailable(error.message) from error
        if not 200 <= answer.status < 300:
            raise self._failure(answer)
        if not answer.body.strip():
            return Reply(answer.status, answer.headers, None)
        try:
            data = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise Unavailable("The ticket system did not answer with JSON. Check the address.") from None
        return Reply(answer.status, answer.headers, data)

    def _failure(self, answer: Answer) -> TicketError:
        status, text = answer.status, self._text(answer)
        if (seconds := throttled_seconds(answer, text)) is not None:
            return Throttled(
                f"The ticket system limits the number of requests (answer {status}). Surety continues in"
                f" {_duration(seconds)}.",
                seconds=seconds,
            )
        details = f"{status}: {text}" if text else f"{status}"
        if status == 401:
            return CredentialsRefused(
                f"The ticket system refused the credentials ({details}). Enter valid credentials."
            )
        if status in (404, 410):
            return Missing(
                f"The ticket or project does not exist, or the credentials give no access to it ({details})."
            )
        if 300 <= status < 400:
            return Rejected(
                f"The ticket system answered {status}, which is a redirect. Surety does not follow redirects."
                " Enter the final address."
            )
        if self.rejects_with_500 and status == 500 and text:
            return Rejected(f"The ticket system refused the request ({details}).")
        if status == 408 or status >= 500:
            return Unavailable(f"The ticket system has a temporary error ({details}).")
        return Rejected(f"The ticket system refused the request ({details}).")

    def _text(self, answer: Answer) -> str:
        try:
            found = self.reason(json.loads(answer.body))
        except (*UNEXPECTED, Unavailable):
            # Leave out an error text of an unknown form. The status code is enough to choose the error.
            return ""
        shown = "".join(character if character.isprintable() else " " for character in found)
        return " ".join(shown.split())[:MAX_REASON]


def throttled_seconds(answer: Answer, text: str) -> int | None:
    """Return for how many seconds no request may be sent, or None if the answer is not about a limit.

    These answers are about a limit: 429; 503 with Retry-After; and GitHub's 403 with Retry-After, with
    `x-ratelimit-remaining: 0`, or with a text about the secondary rate limit.
    """
    given = retry_after_seconds(answer.headers.get("retry-after", ""))
    is_used_up = answer.headers.get("x-ratelimit-remaining", "") == "0"
    if answer.status == 403:
        is_limit = bool(given) or is_used_up or "rate limit" in text.lower()
    else:
        is_limit = answer.status == 429 or (answer.status == 503 and bool(given))
    if not is_limit:
        return None
    if given:
        return given
    reset = answer.headers.get("x-ratelimit-reset", "")
    if is_used_up and reset.isascii() and reset.isdigit():
        return max(1, min(int(reset[:12]) - int(time.time()), MAX_RETRY_AFTER))
    return DEFAULT_PAUSE


def listed(data: Any) -> list[dict[str, Any]]:
    """Return the answer's data, which must be a list of JSON objects. Raises Unavailable for other data."""
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise Unavailable(UNKNOWN_FORM)
    return data


def mapped(data: Any) -> dict[str, Any]:
    """Return the answer's data, which must be a JSON object. Raises Unavailable for other data."""
    if not isinstance(data, dict):
        raise Unavailable(UNKNOWN_FORM)
    return data


def moment(text: Any) -> datetime:
    """Parse a time in ISO 8601. The result has no time zone if the text has none.

    Raises Unavailable if the text is not such a time.
    """
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise Unavailable(UNKNOWN_TIME) from None


def utc_moment(text: Any) -> datetime:
    """Parse a time in ISO 8601 from an API that writes UTC, often without a zone. Raises Unavailable if the text is not
    a time in ISO 8601.
    """
    found = moment(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _duration(seconds: int) -> str:
    if seconds < 120:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
