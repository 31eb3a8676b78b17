"""Define the broker's transport and the worker's consumer, which refuse messages that Surety did not send.

`portal.workers.task_messages` says which messages are accepted. A refused message is logged and deleted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from traceback import walk_tb
from typing import Any

import structlog
from celery import current_app
from celery.worker.consumer import Consumer
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis
from kombu.utils import json

from portal.workers.task_messages import can_be_restored, due_time, envelope_problem, task_problem

log = structlog.get_logger(__name__)


def refused(reason: str) -> None:
    """Log a refused message.

    The content of the message is not logged, because anyone with access to the broker may have written it.
    """
    log.error("message_refused", reason=reason)


class CheckedQoS(kombu_redis.QoS):
    """kombu's record of messages that were delivered but not acknowledged. If a worker does not acknowledge a message
    in time, kombu delivers the message again from this record.
    """

    def append(self, message: Any, delivery_tag: Any) -> None:
        """Record a delivered message. Postpone its recorded time of delivery by `_delay`.

        A worker does not acknowledge a message while it waits for the time at which its task is due, or while its task
        runs. If the time of delivery were not postponed, kombu would deliver the message again every few seconds, and
        each copy would run the task.
        """
        super().append(message, delivery_tag)
        delay = _delay(message.headers)
        if delay > 0:
            qos: Any = self
            with qos.pipe_or_acquire() as pipe:
                pipe.zadd(qos.unacked_index_key, {delivery_tag: time.time() + delay}, xx=True).execute()

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        """Deliver a message again. If its stored copy cannot be read, delete the copy. kombu would otherwise try the
        copy again and again, before all other messages.
        """
        try:
            super().restore_by_tag(tag, client, leftmost)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            channel: Any = self.channel
            with channel.conn_or_acquire(client) as connection:
                # A lost connection can raise the same errors. So read the copy once more, and delete it only if it is
                # really malformed.
                if can_be_restored(connection.hget(channel.unacked_key, tag)):
                    raise
                refused("the stored copy of the message cannot be read")
                with connection.pipeline() as pipe:
                    pipe.zrem(channel.unacked_index_key, tag).hdel(channel.unacked_key, tag).execute()


def _delay(headers: Mapping[str, Any]) -> float:
    """Return the seconds by which the recorded time of delivery is postponed: the time until the task is due, plus the
    task's attribute `redelivery_seconds`. Tasks that may take long and must not run twice have this attribute.
    """
    due = due_time(headers)
    wait = max(0.0, due.timestamp() - time.time()) if due is not None else 0.0
    name = headers.get("task")
    task = current_app.tasks.get(name) if isinstance(name, str) else None
    return wait + getattr(task, "redelivery_seconds", 0)


class CheckedChannel(kombu_redis.Channel):
    """A channel that deletes an entry of a queue if the entry is not JSON, because all messages of Surety are JSON."""

    QoS = CheckedQoS

    def _brpop_read(self, **options: Any) -> Any:
        transport: Any = self.connection
        transport.delivering = False
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # missing in the stubs
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            if transport.delivering or not _is_from_decoder(error):
                raise
            refused("the message is not JSON")
            return True


def _is_from_decoder(error: BaseException) -> bool:
    """Return whether kombu's JSON decoder raised the error. A lost connection, for example, can raise the same types of
    errors.
    """
    frames = [frame.f_code.co_filename for frame, _ in walk_tb(error.__traceback__)]
    return json.__file__ in frames


class CheckedTransport(kombu_redis.Transport):
    """A connection to the broker that delivers a message only if kombu can read the message's envelope."""

    Channel = CheckedChannel
    delivering = False
    """Whether kombu has decoded the current message.

    A malformed message raises an error while this is still False. A later error comes from the code that handles the
    message.
    """

    def _deliver(self, message: Any, queue: str | None) -> None:
        self.delivering = True
        if problem := envelope_problem(message):
            refused(problem)
            return
        super()._deliver(message, queue)


class CheckedConsumer(Consumer):
    """A worker's consumer that rejects messages that are not tasks of Surety."""

    connection_errors: tuple[type[BaseException], ...]

    def create_task_handler(self, *args: Any, **options: Any) -> Callable[[Any], None]:
        """Return the function that Celery calls with each message of the queue. The function rejects messages that
        `task_problem` refuses.
        """
        handle: Any = super().create_task_handler(*args, **options)

        def check(message: Any) -> None:
            if problem := task_problem(message, self.app.tasks):
                refused(problem)
                message.reject_log_error(log, self.connection_errors)
                return
            handle(message)

        return check


def use_checked_transport() -> None:
    """Use `CheckedTransport` for all broker URLs.

    Replace the transport of kombu's URL schemes, because Celery's setting `broker_transport` has no effect on URLs that
    begin with `redis+socket://`.
    """
    for alias in ("redis", "rediss"):
        TRANSPORT_ALIASES[alias] = f"{CheckedTransport.__module__}:{CheckedTransport.__qualname__}"
