"""Read estate files line by line: JSON Lines in UTF-8, one object per line.

`read(path)` yields `Document`, `GraphObject`, `Answer`, `Directory` and `Cloud` objects in the file's order. The
first invalid line raises `EstateError` with the message `FILE:LINE: problem`.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.documented_errors import ERRORS, documented

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class LineError(ValueError):
    """A line of an estate file is invalid. The message says why."""


class EstateError(Exception):
    """An estate file cannot be read, or one of its lines is invalid. The message names the file, the line and the
    reason.
    """

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path, self.line, self.reason = path, line, reason


@dataclass(frozen=True, slots=True)
class Document:
    """An ARM document. `raw` is the line's bytes, served unchanged; `value` is the parsed line."""

    id: str
    raw: bytes
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GraphObject:
    """A Microsoft Graph object or, if `is_list`, the objects of a collection.

    `path` has no API version such as `v1.0`, and no slash at its start or end. To read the path, a client needs one of
    `permissions`. If `permissions` is empty, the first rule of `sandbox.graph.rules` that matches the path names them.
    """

    path: str
    value: Any
    is_list: bool
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A scripted answer, which is the reply that the estate file prescribes for requests of one path.

    `times` is how often the answer is used; None means always. If `body` is None, the body is empty. A string is sent
    unchanged, and any other value is sent as JSON.
    """

    path: str
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int | None = None
    delay_ms: float = 0


@dataclass(frozen=True, slots=True)
class Federated:
    """A federated credential of an application, with the public key that the issuer would publish."""

    issuer: str
    subject: str
    audience: str
    key: rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class Client:
    """An application that can sign in.

    `federated` are the external identities that the application trusts. `managed_identity` is "system" or "user" if the
    application is a managed identity of the machine on which Surety runs, and empty for all other applications.
    In `subscriptions`, "*" means all subscriptions of the application's directory. In `graph`, "*" means all
    permissions of Microsoft Graph.
    """

    client_id: str
    secret: str | None
    certificate: x509.Certificate | None
    secret_expires: datetime | None
    subscriptions: frozenset[str]
    graph: frozenset[str]
    federated: tuple[Federated, ...] = ()
    managed_identity: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """An Entra directory and the clients registered in it."""

    tenant_id: str
    clients: tuple[Client, ...]


@dataclass(frozen=True, slots=True)
class Cloud:
    """The api-versions that a cloud supports for each resource type or namespace (in lower case), and the name of the
    cloud's region.

    A type without an entry in `versions` has the api-versions of its parent type. If the parent type has no entry
    either, the type has the api-versions of its namespace. If none of them has an entry, the cloud offers every version
    of the type. An empty entry means that the type does not exist in the cloud.
    """

    versions: dict[str, tuple[str, ...]]
    location: str

    def offered(self, kind: str) -> tuple[str, ...] | None:
        """Return the offered api-versions of a lower-case type, or None if every version is offered."""
        while kind:
            if (found := self.versions.get(kind)) is not None:
                return found
            kind = kind.rpartition("/")[0]
        return None


@dataclass(frozen=True, slots=True)
class Imported:
    """Documents that people imported into Surety, such as results of a scanner, in one line of an exported estate.

    No API of Azure returns such documents, so the sandbox does not serve them.
    """

    collection: str


Served = Document | GraphObject | Answer | Directory | Cloud
Line = Served | Imported


def read(path: Path) -> Iterator[Served]:
    """Yield the parsed lines of the file, except blank lines and imported documents, which are not served. Raise
    `EstateError` if a line is invalid.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise EstateError(path, None, f"could not open: {error.strerror}") from error
    with file:
        number = 0
        try:
            for raw in file:
                number += 1
                if (line := raw.strip()) and not isinstance(parsed := parse(line), Imported):
                    yield parsed
        except LineError as error:
            raise EstateError(path, number, str(error)) from error
        except OSError as error:
            raise EstateError(path, None, f"could not read: {error.strerror}") from error


def parse(raw: bytes) -> Line:
    """Parse one line. Raise `LineError` if the line is invalid."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise LineError(f"not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise LineError(f"not JSON: {error.msg} (character {error.pos + 1})") from error
    except RecursionError as error:
        raise LineError("nested too deeply") from error
    if not isinstance(value, dict):
        raise LineError(f"expected a JSON object, not {_kind(value)}")
    if "id" in value:
        return Document(_document_id(value["id"]), raw, value)
    kinds = [kind for kind in _READERS if kind in value]
    if len(kinds) != 1:
        raise LineError(
            "expected exactly one of the keys id, graph, answer, directory, cloud and imported"
            + _found(value)
        )
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
            f"{name}: expected a non-empty string, not {_kind(value) if value != '' else 'an empty string'}"
        )
    return value


def _guid(value: Any, name: str) -> str:
    text = _text(value, name)
    if not GUID.fullmatch(text):
        raise LineError(f"{name}: expected a GUID, not {text!r}")
    return text.lower()


def _document_id(value: Any) -> str:
    text = _text(value, "id")
    parts = text.split("/")
    if parts[0] or len(parts) < 3 or parts[1].lower() not in ("subscriptions", "providers"):
        raise LineError(f"id: expected /subscriptions/<guid>... or /providers/..., not {text!r}")
    if not all(parts[1:]):
        raise LineError(f"id: empty part in {text!r}")
    if parts[1].lower() == "subscriptions":
        _guid(parts[2], "id: the subscription")
    return text


def _graph(value: dict[str, Any]) -> GraphObject:
    path = _text(value["graph"], "graph").strip("/")
    if not path or "?" in path or path.split("/")[0].lower() in ("v1.0", "beta"):
        raise LineError(f"graph: expected a path with neither version nor query, not {value['graph']!r}")
    content = value.get("value")
    objects = content if isinstance(content, list) else [content]
    if not all(isinstance(item, dict) for item in objects):
        raise LineError("value: expected an object or a list of objects, because the line has the key graph")
    permissions = tuple(_strings(value.get("permissions", []), "permissions"))
    return GraphObject(path, content, isinstance(content, list), permissions)


def _number(value: Any, name: str, minimum: int) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < minimum:
        raise LineError(f"{name}: expected a number of at least {minimum}, not {value!r}")
    return value


_ANSWER_KEYS = {"path", "status", "body", "error", "headers", "times", "delay_ms"}


def _answer(line: dict[str, Any]) -> Answer:
    value = line["answer"]
    if not isinstance(value, dict):
        raise LineError(f"answer: expected an object, not {_kind(value)}")
    if unknown := sorted(set(value) - _ANSWER_KEYS):
        raise LineError(f"answer: unknown key {unknown[0]!r} (known: {', '.join(sorted(_ANSWER_KEYS))})")
    path = _text(value.get("path"), "answer.path")
    if not path.startswith("/") or "?" in path:
        raise LineError(f"answer.path: expected a path that begins with / and has no query, not {path!r}")
    if "error" in value:
        value = _documented(value)
    status = value.get("status")
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise LineError(f"answer.status: expected a status between 200 and 599, not {status!r}")
    headers = {} if value.get("headers") is None else value["headers"]
    if not isinstance(headers, dict) or not all(isinstance(v, str | int) for v in headers.values()):
        raise LineError("answer.headers: expected an object of strings")
    if any(set("\r\n") & set(f"{name}{text}") for name, text in headers.items()):
        raise LineError("answer.headers: a line break is not allowed")
    times = value.get("times")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise LineError(f"answer.times: expected a whole number of at least 1, not {times!r}")
    delay = _number(value.get("delay_ms", 0), "answer.delay_ms", 0)
    return Answer(path, status, value.get("body"), {k: str(v) for k, v in headers.items()}, times, delay)


def _documented(answer: dict[str, Any]) -> dict[str, Any]:
    """Add the status and the body of a documented error to an answer that names the error."""
    if {"status", "body"} & set(answer):
        raise LineError("answer: give either error, or status and body")
    named = documented(_text(answer["error"], "answer.error"))
    if named is None:
        known = ", ".join(sorted(ERRORS))
        raise LineError(
            f"answer.error: unknown code {answer['error']!r}. Write CODE, or STATUS CODE with a documented"
            f" status (known codes: {known})"
        )
    status, found = named
    return {**answer, "status": status, "body": found.body()}


def _directory(line: dict[str, Any]) -> Directory:
    value = line["directory"]
    if not isinstance(value, dict):
        raise LineError(f"directory: expected an object, not {_kind(value)}")
    clients = value.get("clients")
    if not isinstance(clients, list) or not all(isinstance(client, dict) for client in clients):
        raise LineError("directory.clients: expected a list of objects")
    tenant = _guid(value.get("tenantId"), "directory.tenantId")
    return Directory(tenant, tuple(_client(c, f"directory.clients[{i}]") for i, c in enumerate(clients)))


def _cloud(line: dict[str, Any]) -> Cloud:
    value = line["cloud"]
    if not isinstance(value, dict) or not isinstance(value.get("versions"), dict):
        raise LineError('cloud: expected {"versions": {"<resource type or namespace>": ["<api-version>"]}}')
    if unknown := sorted(set(value) - {"versions", "location"}):
        raise LineError(f"cloud: unknown key {unknown[0]!r} (known: location, versions)")
    versions = {
        kind.lower(): tuple(_strings(listed, f"cloud.versions.{kind}"))
        for kind, listed in value["versions"].items()
    }
    return Cloud(versions, _text(value.get("location", "usgovvirginia"), "cloud.location"))


def _strings(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise LineError(f"{name}: expected a list of strings")
    return value


def _client(value: dict[str, Any], name: str) -> Client:
    secret, pem, expires = (value.get(key) for key in ("secret", "certificate", "secretExpires"))
    federated, managed = value.get("federated", []), value.get("managedIdentity", "")
    if managed not in {"", "system", "user"}:
        raise LineError(f"{name}.managedIdentity: expected system or user")
    if not isinstance(federated, list) or not all(isinstance(one, dict) for one in federated):
        raise LineError(f"{name}.federated: expected a list of objects")
    if secret is None and pem is None and not federated and not managed:
        raise LineError(
            f"{name}: expected a secret, a certificate, a federated credential or a managed identity"
        )
    subscriptions = _strings(value.get("subscriptions", []), f"{name}.subscriptions")
    return Client(
        client_id=_guid(value.get("clientId"), f"{name}.clientId"),
        secret=None if secret is None else _text(secret, f"{name}.secret"),
        certificate=None if pem is None else _certificate(pem, f"{name}.certificate"),
        secret_expires=None if expires is None else _time(expires, f"{name}.secretExpires"),
        subscriptions=frozenset(s if s == "*" else _guid(s, f"{name}.subscriptions") for s in subscriptions),
        graph=frozenset(_strings(value.get("graph", []), f"{name}.graph")),
        federated=tuple(_federated(one, f"{name}.federated[{i}]") for i, one in enumerate(federated)),
        managed_identity=managed,
    )


def _federated(value: dict[str, Any], name: str) -> Federated:
    pem = _text(value.get("publicKey"), f"{name}.publicKey")
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except ValueError:
        raise LineError(f"{name}.publicKey: expected a public key in PEM") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise LineError(f"{name}.publicKey: expected an RSA key")
    return Federated(
        issuer=_text(value.get("issuer"), f"{name}.issuer"),
        subject=_text(value.get("subject"), f"{name}.subject"),
        audience=_text(value.get("audience", "api://AzureADTokenExchange"), f"{name}.audience"),
        key=key,
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
        raise LineError(f"{name}: expected an ISO 8601 time, not {value!r}") from error
    if moment.tzinfo is None:
        raise LineError(f"{name}: missing time zone in {value!r}")
    return moment


def _imported(value: dict[str, Any]) -> Imported:
    _text(value.get("scope"), "scope")
    if not isinstance(value.get("value"), list):
        raise LineError("value: expected a list of documents")
    return Imported(_text(value["imported"], "imported"))


_READERS: dict[str, Callable[[dict[str, Any]], Line]] = {
    "graph": _graph,
    "answer": _answer,
    "directory": _directory,
    "cloud": _cloud,
    "imported": _imported,
}
