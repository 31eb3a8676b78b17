"""Requests and replies of the sandbox's services, independent of the HTTP library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.entra import Token


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `path` has no double or trailing slashes; `key` is the path in lower case; `body` is the body of a
    POST.
    """

    method: str
    path: str
    key: str
    query: Mapping[str, str]
    origin: str
    body: bytes = b""


@dataclass(slots=True)
class Reply:
    """A reply."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthenticatedRequest:
    """A request, and the valid token that it contains."""

    request: Request
    token: Token


def as_json(status: int, value: Any, headers: dict[str, str] | None = None) -> Reply:
    """Return a reply with the value as JSON."""
    return Reply(status, dump(value), headers or {})


def dump(value: Any) -> bytes:
    """Return compact JSON in ASCII, so that an unpaired surrogate in an estate file stays valid JSON."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")
