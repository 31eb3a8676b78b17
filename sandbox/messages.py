"""What the parts answer with, before it becomes HTTP, and the request they are asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.entra import Token


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `path` as it was spelt (no double slashes, no slash at its end), `key` the same case-
    folded.
    """

    method: str
    path: str
    key: str
    query: Mapping[str, str]
    origin: str


@dataclass(slots=True)
class Reply:
    """Status, body and headers."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthenticatedRequest:
    """A request with the token it came with."""

    request: Request
    token: Token


def as_json(status: int, value: Any, headers: dict[str, str] | None = None) -> Reply:
    """A JSON reply."""
    return Reply(status, dump(value), headers or {})


def dump(value: Any) -> bytes:
    """JSON in ASCII, so that even half a surrogate pair in an estate stays valid JSON."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")
