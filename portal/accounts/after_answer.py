"""Do work some time after a request was answered, so that no response time depends on this work.

Recording a failed sign-in takes several queries only if the account exists. If a request did this work before the
answer, the response time would reveal whether the account exists. If the request did the work directly after the
answer, the next request on the same connection would have to wait, and this delay would also reveal whether the account
exists. So another thread does the work after a random time.
"""

from __future__ import annotations

import atexit
import random
import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponseBase
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

FINISH_SECONDS: Final = 5.0
"""When a process ends, it waits at most this many seconds for the remaining work."""
MAX_WAITING: Final = 1_000
"""The maximum number of pieces of work that wait at the same time. Each piece keeps its request in memory. A process
that ends can do this many pieces in about `FINISH_SECONDS`.
"""
_WORK: Final = "_surety_after_answer"

type Work = Callable[[], object]


class Later:
    """A thread that does each piece of work after a random time. The thread starts with the first piece.

    When the process ends, the thread does the remaining work immediately.
    """

    def __init__(self) -> None:
        self._waiting = SimpleQueue[tuple[float, Work] | None]()
        self._lock, self._ending = Lock(), Event()
        self._thread: Thread | None = None

    def add(self, work: Work, seconds: float) -> None:
        """Do the work after a random time of at most `seconds`, or later if earlier work takes longer.

        If `MAX_WAITING` pieces of work are already waiting, do this piece immediately. In this way, no work is lost,
        and a client that sends too many requests has to wait.
        """
        if self._waiting.qsize() >= MAX_WAITING:
            log.warning("work after an answer done at once", waiting=MAX_WAITING)
            work()
            return
        wait = random.uniform(seconds / 4, seconds)  # noqa: S311  # nosec B311 - hides a duration, is no secret
        self._waiting.put((time.monotonic() + wait, work))
        with self._lock:
            # After a fork, the new process has no threads of its parent, so start one.
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="after-answer", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Do the remaining work immediately."""
        if self._thread is not None and self._thread.is_alive():
            self._ending.set()
            self._waiting.put(None)
            self._thread.join(FINISH_SECONDS)
            if self._thread.is_alive():
                log.error("work after answers is lost", waiting=self._waiting.qsize())

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            due, work = item
            self._ending.wait(max(0.0, due - time.monotonic()))
            try:
                work()
            finally:
                connections.close_all()


_later = Later()
atexit.register(_later.finish)


def collect(request: HttpRequest) -> None:
    """Begin to collect the work that is done after the answer to this request. The caller must later pass the answer to
    `follow`.
    """
    setattr(request, _WORK, [])


def after_answer(request: HttpRequest | None, work: Work) -> None:
    """Do the work after the answer. If `collect` was not called for the request, do the work immediately."""
    waiting: list[Work] | None = getattr(request, _WORK, None)
    if waiting is None:
        work()
    else:
        waiting.append(work)


def follow(request: HttpRequest, response: HttpResponseBase) -> None:
    """Make the server start the collected work of the request after it has sent and closed the response."""
    waiting: list[Work] = getattr(request, _WORK, [])
    for work in waiting:
        response._resource_closers.append(partial(_start, _logging_errors(work)))  # type: ignore[attr-defined]  # not in the stubs


def _start(work: Work) -> None:
    if settings.AFTER_ANSWER_SECONDS:
        _later.add(work, settings.AFTER_ANSWER_SECONDS)
    else:
        work()


def _logging_errors(work: Work) -> Work:
    def done() -> None:
        try:
            work()
        except (DatabaseError, RedisError) as error:
            # Log these errors: they occur after the answer, so nobody would see them otherwise.
            log.error("work after an answer failed", error=type(error).__name__)

    return done
