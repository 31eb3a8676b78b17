"""Reads estate files: JSON Lines, UTF-8, one object a line, streamed (one line in memory at a time).

`read(path)` yields `Document`, `GraphObject`, `Answer` and `Directory` in the file's order. The first line
that cannot be used raises `EstateError`, whose text is `FILE:LINE: what is wrong`.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class LineError(ValueError):
    """What is wrong with one line."""


class EstateError(Exception):
    """A file or line that cannot be used; the text names file, line and reason."""

    def __init__(self, path: Path, line: int | None, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}" if line else f"{path}: {what}")
        self.path, self.line, self.what = path, line, what


@dataclass(frozen=True, slots=True)
class Document:
    """An ARM document. `raw` is the line's bytes, which is what is served; `value` is the same, parsed."""

    id: str
    raw: bytes
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GraphObject:
    """A Microsoft Graph object, or with `is_list` all objects of a collection, at `path` (no version, no
    slash around).
    """

    path: str
    value: Any
    is_list: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A scripted answer. `times` None: for ever. `body` None: empty; a string is sent as it stands, the
    rest as JSON.
    """

    path: str
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int | None = None
    delay_ms: float = 0


@dataclass(frozen=True, slots=True)
class Client:
    """An application that may sign in. `subscriptions` and `graph` may hold "*" (all of its directory)."""

    client_id: str
    secret: str | None
    certificate: x509.Certificate | None
    secret_expires: datetime | None
    subscriptions: frozenset[str]
    graph: frozenset[str]


@dataclass(frozen=True, slots=True)
class Directory:
    """An Entra directory and the clients registered in it."""

    tenant_id: str
    clients: tuple[Client, ...]


Line = Document | GraphObject | Answer | Directory


def read(path: Path) -> Iterator[Line]:
    """Yield the file's lines, blank ones left out. Raises `EstateError` for a file or line that cannot be
    used.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise EstateError(path, None, f"cannot be opened: {error.strerror}") from error
    with file:
        number = 0
        try:
            for raw in file:
                number += 1
                if line := raw.strip():
                    yield parse(line)
        except LineError as error:
            raise EstateError(path, number, str(error)) from error
        except OSError as error:
            raise EstateError(path, None, f"cannot be read: {error.strerror}") from error


def parse(raw: bytes) -> Line:
    """One line. Raises `LineError`."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise LineError(f"not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise LineError(f"not JSON: {error.msg} (character {error.pos + 1})") from error
    except RecursionError as error:
        raise LineError("nested too deeply") from error
    if not isinstance(value, dict):
        raise LineError(f"a JSON object is expected, not {_kind(value)}")
    if "id" in value:
        return Document(_document_id(value["id"]), raw, value)
    kinds = [kind for kind in _READERS if kind in value]
    if len(kinds) != 1:
        raise LineError("exactly one of the keys id, graph, answer and directory is expected" + _found(value))
    return _READERS[kinds[0]](value)


def _no_constant(text: str) -> None:
    raise LineError(f"not JSON: {text} is not a JSON number")


def _found(value: dict[str, Any]) -> str:
    return f", found {', '.join(list(value)[:5])}" if value else ", found none"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise LineError(
            f"{name}: a non-empty string is expected, not {_kind(value) if value != '' else 'an empty one'}"
        )
    return value


def _guid(value: Any, name: str) -> str:
    text = _text(value, name)
    if not GUID.fullmatch(text):
        raise LineError(f"{name}: a GUID is expected, not {text!r}")
    return text.lower()


def _document_id(value: Any) -> str:
    text = _text(value, "id")
    parts = text.split("/")
    if parts[0] or len(parts) < 3 or parts[1].lower() not in ("subscriptions", "providers"):
        raise LineError(f"id: /subscriptions/<guid>... or /providers/... is expected, not {text!r}")
    if not all(parts[1:]):
        raise LineError(f"id: an empty part in {text!r}")
    if parts[1].lower() == "subscriptions":
        _guid(parts[2], "id: the subscription")
    return text


def _graph(value: dict[str, Any]) -> GraphObject:
    path = _text(value["graph"], "graph").strip("/")
    if not path or "?" in path or path.split("/")[0].lower() in ("v1.0", "beta"):
        raise LineError(f"graph: a path without version and query is expected, not {value['graph']!r}")
    content = value.get("value")
    objects = content if isinstance(content, list) else [content]
    if not all(isinstance(item, dict) for item in objects):
        raise LineError("value: an object or a list of objects is expected beside graph")
    return GraphObject(path, content, isinstance(content, list))


def _number(value: Any, name: str, least: int) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        raise LineError(f"{name}: a number of at least {least} is expected, not {value!r}")
    return value


_ANSWER_KEYS = {"path", "status", "body", "headers", "times", "delay_ms"}


def _answer(line: dict[str, Any]) -> Answer:
    value = line["answer"]
    if not isinstance(value, dict):
        raise LineError(f"answer: an object is expected, not {_kind(value)}")
    if unknown := sorted(set(value) - _ANSWER_KEYS):
        raise LineError(f"answer: unknown key {unknown[0]!r} (known: {', '.join(sorted(_ANSWER_KEYS))})")
    path = _text(value.get("path"), "answer.path")
    if not path.startswith("/") or "?" in path:
        raise LineError(f"answer.path: a path that begins with / and has no query is expected, not {path!r}")
    status = value.get("status")
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise LineError(f"answer.status: a status between 200 and 599 is expected, not {status!r}")
    headers = {} if value.get("headers") is None else value["headers"]
    if not isinstance(headers, dict) or not all(isinstance(v, str | int) for v in headers.values()):
        raise LineError("answer.headers: an object of strings is expected")
    if any(set("\r\n") & set(f"{name}{text}") for name, text in headers.items()):
        raise LineError("answer.headers: a line break is not allowed")
    times = value.get("times")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise LineError(f"answer.times: a whole number of at least 1 is expected, not {times!r}")
    delay = _number(value.get("delay_ms", 0), "answer.delay_ms", 0)
    return Answer(path, status, value.get("body"), {k: str(v) for k, v in headers.items()}, times, delay)


def _directory(line: dict[str, Any]) -> Directory:
    value = line["directory"]
    if not isinstance(value, dict):
        raise LineError(f"directory: an object is expected, not {_kind(value)}")
    clients = value.get("clients")
    if not isinstance(clients, list) or not all(isinstance(client, dict) for client in clients):
        raise LineError("directory.clients: a list of objects is expected")
    tenant = _guid(value.get("tenantId"), "directory.tenantId")
    return Directory(tenant, tuple(_client(c, f"directory.clients[{i}]") for i, c in enumerate(clients)))


def _strings(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise LineError(f"{name}: a list of strings is expected")
    return value


def _client(value: dict[str, Any], name: str) -> Client:
    secret, pem, expires = (value.get(key) for key in ("secret", "certificate", "secretExpires"))
    if secret is None and pem is None:
        raise LineError(f"{name}: a secret or a certificate is expected")
    subscriptions = _strings(value.get("subscriptions", []), f"{name}.subscriptions")
    return Client(
        client_id=_guid(value.get("clientId"), f"{name}.clientId"),
        secret=None if secret is None else _text(secret, f"{name}.secret"),
        certificate=None if pem is None else _certificate(pem, f"{name}.certificate"),
        secret_expires=None if expires is None else _time(expires, f"{name}.secretExpires"),
        subscriptions=frozenset(s if s == "*" else _guid(s, f"{name}.subscriptions") for s in subscriptions),
        graph=frozenset(_strings(value.get("graph", []), f"{name}.graph")),
    )


def _certificate(value: Any, name: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_text(value, name).encode())
    except ValueError as error:
        raise LineError(f"{name}: not a certificate in PEM: {error}") from error


def _time(value: Any, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value, name))
    except ValueError as error:
        raise LineError(f"{name}: an ISO 8601 time is expected, not {value!r}") from error
    if moment.tzinfo is None:
        raise LineError(f"{name}: a time zone is missing in {value!r}")
    return moment


_READERS: dict[str, Callable[[dict[str, Any]], Line]] = {
    "graph": _graph,
    "answer": _answer,
    "directory": _directory,
}
