"""Check the broker's messages, so that a worker accepts only messages in the form in which Surety sends them.

Celery and kombu trust the broker. A message in another form ends the worker that reads it, and is then delivered to the
next worker. So a single message would stop all workers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Container, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

MAX_BODY_CHARACTERS: Final = 16 * 1024
"""The maximum length of the body of a message. The limit can be low, because the arguments of a task are only a few
ids.
"""
MAX_DELAY: Final = timedelta(days=1)
"""The maximum time between now and the time at which a message is due. Tasks wait much less than this for their next
attempt.
"""
MAX_RETRIES: Final = 100_000
"""The maximum number of retries that a message can state. It is limited, because Celery computes 2 to the power of
this number. A task that is retried all day has a few thousand retries.
"""
_EARLIEST: Final = datetime(2001, 1, 1, tzinfo=UTC)
_CELERYS_OWN: Final = "celery."
_EMBEDDED: Final = frozenset(("callbacks", "errbacks", "chain", "chord"))
_OPTIONS: Final = ("group", "shadow", "stamped_headers", "stamps")
"""Task options that Surety never sets. Celery sends some of them with empty values, so empty values are accepted."""

_TEXTS: Final = ("root_id", "parent_id", "origin", "argsrepr", "kwargsrepr", "lang")


def envelope_problem(envelope: object) -> str:
    """Return why the decoded envelope of a message is refused, or an empty text if kombu can read the envelope."""
    if not isinstance(envelope, dict):
        return "the envelope is not an object"
    properties, headers = envelope.get("properties"), envelope.get("headers")
    if not isinstance(properties, dict) or not isinstance(headers, dict):
        return "the message has no headers or properties"
    delivery = properties.get("delivery_info")
    if not isinstance(delivery, dict) or not _are_texts(delivery, "exchange", "routing_key"):
        return "the message does not name its exchange and routing key"
    if properties.get("body_encoding") != "base64" or not _are_texts(properties, "delivery_tag"):
        return "the encoding of the body is not Base64, or the message has no delivery tag"
    if headers.get("compression") is not None:
        return "the message is compressed"
    if not _is_encoded(envelope.get("body")):
        return "the body is not text in Base64"
    if not isinstance(properties.get("priority", 0), int):
        return "the priority is not a number"
    return ""


def task_problem(message: Any, tasks: Container[str]) -> str:
    """Return why a worker refuses a message, or an empty text if the worker accepts the message.

    `tasks` are the registered names of tasks.
    """
    headers: Mapping[str, Any] = message.headers
    name, identifier = headers.get("task"), headers.get("id")
    if not isinstance(name, str) or name not in tasks or name.startswith(_CELERYS_OWN):
        return "the message names no task of Surety"
    if (message.content_type, message.content_encoding) != ("application/json", "utf-8"):
        return "the message is not JSON"
    if not isinstance(identifier, str) or not _is_uuid(identifier):
        return "the task's id is not a UUID"
    if headers.get("timelimit") not in (None, [None, None]) or any(map(headers.get, _OPTIONS)):
        return "the message has options that Surety does not use"
    if not all(isinstance(headers.get(name) or "", str) for name in _TEXTS):
        return "the headers are not texts"
    retries = headers.get("retries", 0)
    if type(retries) is not int or not 0 <= retries <= MAX_RETRIES:
        return f"the number of retries is not a whole number from 0 to {MAX_RETRIES}"
    if not _is_soon(headers.get("eta")) or not _is_soon(headers.get("expires")):
        return f"a time in the headers is invalid, or more than {MAX_DELAY.days} day in the future"
    return _body_problem(message.body)


def due_time(headers: Mapping[str, Any]) -> datetime | None:
    """Return the time before which a worker does not run the message's task. Return None if the message states no time,
    or a time that a worker does not accept.
    """
    return _accepted_time(headers.get("eta"))


def can_be_restored(stored: bytes | None) -> bool:
    """Return whether kombu can deliver the stored copy of an unacknowledged message again. Return True if there is no
    copy.

    The copy must be a JSON list [envelope, exchange, routing key].
    """
    if stored is None:
        return True
    try:
        content = json.loads(stored)
    except (ValueError, RecursionError):
        return False
    if not isinstance(content, list) or len(content) != 3:
        return False
    envelope, exchange, routing_key = content
    return not envelope_problem(envelope) and isinstance(exchange, str) and isinstance(routing_key, str)


def _is_encoded(body: object) -> bool:
    try:
        return isinstance(body, str) and bool(base64.b64decode(body, validate=True).decode())
    except ValueError:
        return False


def _body_problem(body: object) -> str:
    if isinstance(body, bytes):
        body = body.decode(errors="replace")
    if not isinstance(body, str):
        return "the body is not text"
    if len(body) > MAX_BODY_CHARACTERS:
        return "the body is too long"
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return "the body is not JSON"
    if not isinstance(content, list) or len(content) != 3:
        return "the body is not a list of arguments"
    arguments, named, embedded = content
    if not isinstance(arguments, list) or not all(isinstance(argument, str) for argument in arguments):
        return "the arguments are not texts"
    if named != {}:
        return "the message has named arguments"
    if not isinstance(embedded, dict) or not embedded.keys() <= _EMBEDDED or any(embedded.values()):
        return "the message asks for further tasks"
    return ""


def _are_texts(values: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(values.get(name), str) for name in names)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _is_soon(value: object) -> bool:
    """Return whether a worker accepts the value of a time header: None, or a time from `_EARLIEST` until at most
    `MAX_DELAY` in the future.
    """
    return value is None or _accepted_time(value) is not None


def _accepted_time(value: object) -> datetime | None:
    """Return the time that a header states, or None if a worker does not accept the value."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
        return at if _EARLIEST <= at <= datetime.now(UTC) + MAX_DELAY else None
    except (ValueError, OverflowError):
        return None
