"""Heartbeats renew a lease while a worker uses it."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from django.db import DatabaseError, InterfaceError, connection

log = structlog.get_logger(__name__)


class HeartbeatThread:
    """A thread with its own database connection that calls `beat` every `seconds`, until `beat` returns False. Use the
    thread as a context manager around the work.

    If the database cannot be reached, the thread writes `event` with the facts `about` to the log and continues.
    """

    def __init__(self, beat: Callable[[], bool], seconds: float, event: str, **about: str) -> None:
        self._beat = beat
        self._seconds = seconds
        self._event = event
        self._about = about
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=event, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.wait(self._seconds):
                try:
                    if not self._beat():
                        return
                except (DatabaseError, InterfaceError) as error:
                    # The database may be restarting, so try again later. Meanwhile, the lease that `beat` renews may
                    # expire, and another worker may take over. The new lease has another attempt number, so this
                    # worker can then no longer write.
                    log.warning(self._event, **self._about, error=type(error).__name__)
                    connection.close()
        finally:
            connection.close()
