"""Define requests and replies of the sandbox's services, independent of the HTTP library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.entra.service import Token


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `path` has no double or trailing slashes. `key` is the path in lower case.

    `body` is empty for sign-ins, whose handler reads the form itself.
    """

    method: str
    path: str
    key: str
    query: Mapping[str, str]
    origin: str
    body: bytes = b""


@dataclass(slots=True)
class Reply:
    """The reply of a service, before it becomes an HTTP response."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthenticatedRequest:
    """A request with a valid token."""

    request: Request
    token: Token


def as_json(status: int, value: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, dump(value), headers or {})


def dump(value: Any) -> bytes:
    """Return compact JSON in ASCII, with all other characters escaped. Otherwise, an unpaired surrogate in a text from
    an estate file could not be encoded.
    """
    return json.dumps(value, separators=(",", ":")).encode("ascii")
