"""A worker accepts the messages that Surety sends, and refuses all others without raising an error."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from uuid import uuid4

import pytest
from celery import current_app
from kombu import Connection, Consumer

from portal.members.tasks import SEND_INVITATION
from portal.workers.checked_broker import CheckedChannel, CheckedQoS
from portal.workers.task_messages import can_be_restored, envelope_problem, task_problem
from tests.faults.forged_messages import QUEUE, TASK, forged, genuine

TASKS = frozenset((TASK, "celery.chunks", "celery.map", "celery.group", "celery.chain", "celery.chord"))
IDS = (str(uuid4()), str(uuid4()))


def problem(entry: str) -> str:
    """Return why a worker refuses an entry of the queue, or an empty text if it accepts the entry."""
    try:
        envelope = json.loads(entry)
    except (ValueError, RecursionError):
        return "the transport refuses what is not JSON"
    return envelope_problem(envelope) or task_problem(_message(envelope), TASKS)


def _message(envelope: dict[str, Any]) -> Any:
    return SimpleNamespace(
        headers=envelope["headers"],
        content_type=envelope["content-type"],
        content_encoding=envelope["content-encoding"],
        body=base64.b64decode(envelope["body"]),
    )


@pytest.mark.slow(seconds=1)
def test_each_forged_message_is_refused_with_a_reason(tmp_path: Path) -> None:
    entries = list(forged(IDS, tmp_path / "created"))
    assert len(entries) > 80
    assert [entry[:300] for entry in entries if not problem(entry)] == []
    assert not (tmp_path / "created").exists()


@pytest.mark.parametrize("ids", [(), IDS])
def test_message_in_the_form_of_surety_is_accepted(ids: tuple[str, ...]) -> None:
    assert problem(json.dumps(genuine(*ids))) == ""


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"countdown": 900, "retries": 12},
        {"expires": 55},
        {"expires": 3600},
        {"eta": datetime.now(UTC) + timedelta(hours=1)},
        {"root_id": str(uuid4()), "parent_id": str(uuid4()), "retries": 3},
    ],
)
def test_messages_that_celery_writes_are_accepted(options: dict[str, Any]) -> None:
    received: list[Any] = []
    with Connection("memory://") as connection, connection.channel() as channel:
        queue = current_app.amqp.queues[QUEUE].bind(channel)
        queue.declare()
        queue.purge()  # All tests of a process share `memory://`, so other tests can have left messages.
        current_app.send_task(TASK, args=[*IDS], connection=connection, **options)
        with Consumer(channel, queue, on_message=received.append, accept=["json"]):
            connection.drain_events(timeout=1)
    (message,) = received
    assert task_problem(message, TASKS) == ""


class Broker:
    """A stand-in for a broker that stores a copy of one message. The connection is lost when a transaction begins."""

    def __init__(self, stored: bytes) -> None:
        self.stored = {b"tag": stored}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def conn_or_acquire(self, _: object) -> Broker:
        return self

    def transaction(self, *_: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'send_command'")

    def hget(self, _: str, tag: bytes) -> bytes:
        return self.stored[tag]

    def pipeline(self) -> Broker:
        return self

    def zrem(self, *_: object) -> Broker:
        return self

    def hdel(self, _: str, tag: bytes) -> Broker:
        del self.stored[tag]
        return self

    def execute(self) -> None:
        return None


def restore(broker: Broker) -> None:
    channel = SimpleNamespace(
        unacked_key="unacked", unacked_index_key="index", conn_or_acquire=broker.conn_or_acquire
    )
    qos = CheckedQoS.__new__(CheckedQoS)
    qos.channel = channel  # type: ignore[assignment]
    qos.restore_by_tag(b"tag")


def test_a_lost_connection_deletes_no_copy_of_a_message() -> None:
    broker = Broker(json.dumps([genuine(*IDS), "", QUEUE]).encode())
    with pytest.raises(AttributeError):
        restore(broker)
    assert list(broker.stored) == [b"tag"]


@pytest.mark.parametrize("stored", [b"garbage", b"[]", b'[{}, "", "queue"]', b"[1, 2, 3]", b"[" * 50_000])
def test_a_copy_that_cannot_be_read_is_deleted(stored: bytes) -> None:
    assert not can_be_restored(stored)
    broker = Broker(stored)
    restore(broker)
    assert broker.stored == {}


def test_a_lost_connection_is_not_taken_for_a_message_that_is_not_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'send_command'")

    monkeypatch.setattr("kombu.transport.redis.Channel._brpop_read", lost)
    channel = CheckedChannel.__new__(CheckedChannel)
    channel.connection = SimpleNamespace(delivering=False)  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        channel._brpop_read()


class Record:
    """A stand-in for a broker. `since` is {delivered message: time from which it waits for its acknowledgement}."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def conn_or_acquire(self, _: object = None) -> Record:
        return self

    def pipeline(self) -> Record:
        return self

    def zadd(self, _: str, since: dict[str, float], **__: object) -> Record:
        self.since.update(since)
        return self

    def hset(self, *_: object) -> Record:
        return self

    def execute(self) -> None:
        return None


@pytest.mark.parametrize(
    ("task", "due", "wait"),
    [
        (TASK, None, 0),
        (TASK, timedelta(seconds=600), 600),
        (TASK, -timedelta(seconds=600), 0),
        (TASK, timedelta(days=9), 0),
        (SEND_INVITATION, None, 900),
        (SEND_INVITATION, timedelta(seconds=600), 1500),
        (["no text"], None, 0),
    ],
)
def test_a_message_counts_as_lost_only_after_its_task_was_due_and_could_end(
    task: Any, due: timedelta | None, wait: float
) -> None:
    record = Record()
    qos: Any = CheckedQoS.__new__(CheckedQoS)
    qos.channel = SimpleNamespace(
        unacked_key="unacked", unacked_index_key="index", conn_or_acquire=record.conn_or_acquire
    )
    delivered: dict[str, Any] = {}
    qos._dirty, qos._quick_append = set(), delivered.__setitem__
    message = SimpleNamespace(
        headers={"task": task, "eta": (datetime.now(UTC) + due).isoformat() if due else None},
        delivery_info={"exchange": "", "routing_key": QUEUE},
        _raw={},
    )
    qos.append(message, "tag")
    assert delivered == {"tag": message}
    assert record.since["tag"] - time.time() == pytest.approx(wait, abs=60)
