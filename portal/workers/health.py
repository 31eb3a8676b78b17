"""Send the heartbeat of a worker, restart its scheduler, and end a worker whose supervisor has died.

`portal.workers.supervisor` starts the worker with the writing end of a pipe. While the consumer is connected and
registered for its queue, the worker's event loop writes a byte a second. If there is no pipe (tests, `celery worker`),
nothing is written.

Periodic tasks (“ticks”) need the scheduler (beat), which is a child process of the worker. Celery starts the scheduler
only once. So the worker's event loop starts another scheduler whenever the scheduler has died.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from typing import Any, Final

import structlog
from celery import bootsteps
from celery.beat import EmbeddedService
from celery.worker import state

log = structlog.get_logger(__name__)

HEARTBEAT_VARIABLE: Final = "SURETY_WORKER_HEARTBEAT"
SUPERVISOR_VARIABLE: Final = "SURETY_WORKER_SUPERVISOR"
INTERVAL_SECONDS: Final = 1.0
SCHEDULER_SECONDS: Final = 2.0
ORPHAN_SECONDS: Final = 20.0
"""The number of seconds that a worker has to finish its tasks after its supervisor has died. The broker delivers
unfinished tasks again.
"""


def heartbeat_descriptor() -> int | None:
    """Return the file descriptor to which the heartbeat is written. Return None if the worker has no supervisor."""
    text = os.environ.get(HEARTBEAT_VARIABLE, "")
    return int(text) if text else None


class ConsumerHeartbeat(bootsteps.StartStopStep):
    """A step of Celery's consumer that writes the heartbeat as long as the consumer is connected to the broker and not
    stuck.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        descriptor = heartbeat_descriptor()
        if descriptor is not None:
            self._timer = consumer.timer.call_repeatedly(INTERVAL_SECONDS, _beat, (consumer, descriptor))
            _beat(consumer, descriptor)

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _beat(consumer: Any, descriptor: int) -> None:
    connection, tasks = consumer.connection, consumer.task_consumer
    if connection is None or not connection.connected or tasks is None or not tasks.channel:
        return
    if _is_stuck(tasks.channel):
        return
    # Ignore a full pipe, because the supervisor is only busy. Also ignore a pipe without a reader: then the supervisor
    # is dead, and the check of `end_with_supervisor` ends this worker.
    with suppress(BlockingIOError, BrokenPipeError):
        os.write(descriptor, b".")


def _is_stuck(channel: Any) -> bool:
    """Return whether the consumer is stuck: it has reached its limit of unacknowledged messages although no task is
    waiting or running.

    A stuck consumer never fetches another message, because Celery counts a message whose acknowledgement failed as
    unacknowledged forever.
    """
    return not (channel.qos.can_consume() or state.reserved_requests or state.active_requests)


class SchedulerWatch(bootsteps.StartStopStep):
    """A step of Celery's consumer. While the worker consumes, the step checks every few seconds whether the
    scheduler runs.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        self._timer = consumer.timer.call_repeatedly(
            SCHEDULER_SECONDS, restart_dead_scheduler, (consumer.controller,)
        )

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def restart_dead_scheduler(controller: Any) -> None:
    """Start another scheduler if this worker's scheduler has died, for example because memory ran out."""
    former = getattr(controller, "beat", None)
    if former is None or former.is_alive():
        return
    log.error("scheduler ended, starting another", status=former.exitcode)
    started: Any = EmbeddedService(
        controller.app, schedule_filename=controller.schedule_filename, scheduler_cls=controller.scheduler
    )
    started.start()
    controller.beat = started
    # When the worker ends, a step of Celery stops the scheduler that is in the step's attribute `obj`. So put the new
    # scheduler into this attribute.
    for step in controller.steps:
        if getattr(step, "obj", None) is former:
            step.obj = started


def end_with_supervisor() -> None:
    """Start a check that ends this worker and its children soon after its supervisor has died. Call this function in
    the worker's process.
    """
    text = os.environ.get(SUPERVISOR_VARIABLE, "")
    if not text:
        return
    # Take the supervisor's process id from the environment, not from `os.getppid()`. If the supervisor died while this
    # process started, the parent is already another process.
    supervisor = int(text)
    threading.Thread(target=_watch, args=(supervisor,), name="supervisor-watch", daemon=True).start()


def _watch(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(INTERVAL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os.killpg(os.getpgrp(), signal.SIGKILL)
