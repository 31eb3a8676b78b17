"""Messages that an attacker who can write to the broker could put into the queue of the workers."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

QUEUE = "surety"
TASK = "assessments.tasks.run_unit"
FOREVER = "9999-12-31T23:59:59+00:00"


class RunsCode:
    """An object that creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def genuine(*ids: str, task: str = TASK) -> dict[str, Any]:
    """Return an envelope as Surety's web server sends it."""
    body = json.dumps([ids, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    return {
        "body": base64.b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "lang": "py",
            "task": task,
            "id": str(uuid4()),
            "shadow": None,
            "eta": None,
            "expires": None,
            "group": None,
            "group_index": None,
            "retries": 0,
            "timelimit": [None, None],
            "root_id": None,
            "parent_id": None,
            "argsrepr": "()",
            "kwargsrepr": "{}",
            "origin": "gen1@web",
            "ignore_result": True,
            "replaced_task_nesting": 0,
            "stamped_headers": None,
            "stamps": {},
        },
        "properties": {
            "correlation_id": str(uuid4()),
            "reply_to": str(uuid4()),
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": str(uuid4()),
        },
    }


def forged(ids: tuple[str, str], created: Path) -> Iterator[str]:
    """Yield entries of the queue that no version of Surety writes. Code in them creates the file if it is run."""
    yield from ("garbage", "{}", "[]", "null", "7", "[" * 50_000, '{"properties": {}}')
    code = pickle.dumps(RunsCode(created))
    for kind in (
        "application/x-python-serialize",
        "application/data",
        "application/json",
        "application/x-yaml",
    ):
        yield _with(ids, {"content-type": kind, "content-encoding": "binary"}, body=code)
    yaml = b"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['%s']]"
    yield _with(ids, {"content-type": "application/x-yaml"}, body=yaml % str(created).encode())
    for field, value in _FIELDS:
        yield _with(ids, {field: value})
    for name, value in _HEADERS:
        yield _with(ids, headers={name: value})
    for name, value in _PROPERTIES:
        yield _with(ids, properties={name: value})
    for body in _BODIES:
        yield _with(ids, body=body)
    bomb = zlib.compress(b"[" * 50_000_000)
    yield _with(ids, headers={"compression": "application/x-gzip"}, body=bomb)
    further: dict[str, Any] = {
        "task": TASK,
        "args": ids,
        "kwargs": {},
        "options": {},
        "subtask_type": None,
        "immutable": True,
    }
    for embedded in ("callbacks", "errbacks", "chain", "chord"):
        yield _with(ids, body=json.dumps([ids, {}, {embedded: [further]}]).encode())
    for name in ("chunks", "map", "starmap", "group", "chain", "chord", "accumulate", "backend_cleanup"):
        yield json.dumps(genuine(*ids, task=f"celery.{name}"))


def _with(
    ids: tuple[str, str],
    fields: dict[str, Any] | None = None,
    *,
    headers: dict[str, Any] | None = None,
    properties: dict[str, Any] | None = None,
    body: bytes | None = None,
) -> str:
    envelope = genuine(*ids)
    envelope |= fields or {}
    envelope["headers"] |= headers or {}
    envelope["properties"] |= properties or {}
    if body is not None:
        envelope["body"] = base64.b64encode(body).decode()
    return json.dumps(envelope)


_FIELDS: list[tuple[str, Any]] = [
    *(("content-type", kind) for kind in ("nonsense/type", None, ["a"], {"a": 1})),
    *(("content-encoding", encoding) for encoding in ("rot13", 7, None)),
]
_HEADERS: list[tuple[str, Any]] = [
    ("task", "os.system"), ("task", None), ("task", {"a": 1}), ("task", ["a"]),
    ("id", {"a": 1}), ("id", None), ("id", 7), ("id", "x" * 100_000),
    ("eta", "garbage"), ("eta", {"a": 1}), ("eta", FOREVER), ("eta", "0001-01-01T00:00:00+23:59"), ("eta", 20301231),
    ("expires", "garbage"), ("expires", float("-inf")), ("expires", "0001-01-01T00:00:00+23:59"),
    ("timelimit", 7), ("timelimit", ["a", "b"]), ("timelimit", [0.001, 0.001]), ("timelimit", [1, 2, 3]),
    ("retries", "x"), ("retries", -1), ("retries", None), ("retries", True), ("retries", 10**11),
    ("compression", "nonsense"), ("compression", {}),
    ("stamped_headers", ["x"]), ("stamps", 7), ("group", "x"), ("shadow", "x" * 100_000),
    ("argsrepr", {"a": 1}), ("root_id", ["a"]),
]  # fmt: skip
_PROPERTIES: list[tuple[str, Any]] = [
    ("body_encoding", "evil"), ("body_encoding", None), ("delivery_tag", {"a": 1}), ("delivery_tag", None),
    ("delivery_info", None), ("delivery_info", 7), ("delivery_info", {}), ("priority", "high"),
]  # fmt: skip
_BODIES = [
    b"", b"null", b"7", b"{}", b"[]", b"[1, 2, 3]", b"[" * 10_000, b"\xff\xfe", b"[]" * 100_000,
    b'{"__type__": "datetime", "__value__": "x"}',
    b'[[{"__type__": "uuid", "__value__": {"hex": 5}}], {}, {}]',
    b'[["a"], {"tenant_id": "a"}, {}]', b'[["a"], {}, {"__type__": "uuid"}]', b'[["a"], {}, 7]',
]  # fmt: skip
