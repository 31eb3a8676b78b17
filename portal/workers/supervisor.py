"""Run a worker and start it again whenever it ends or stops consuming.

If the broker is killed while a worker has an unacknowledged message, kombu tries to close a channel whose connection is
gone. This raises AttributeError in `_connparams` and ends the worker. The next worker starts within seconds. As long as
workers end soon after their start, the delay before the next start doubles. The broker delivers the unfinished tasks to
the next worker.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from types import FrameType
from typing import Final

import structlog

from portal.workers.health import HEARTBEAT_VARIABLE, SUPERVISOR_VARIABLE

log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds.

    - `first_delay`, `longest_delay`: wait before another worker starts. After each worker, the wait doubles, until it
      reaches `longest_delay`
    - `healthy_after`: after a worker that ran for this time, the wait is `first_delay` again
    - `start`, `silence`: replace a worker if its first heartbeat does not arrive within `start`, or if no further
      heartbeat arrives within `silence` after the last. Workers are replaced only while the broker answers
    - `stop`: wait between SIGTERM and SIGQUIT
    """

    first_delay: float = 0.5
    longest_delay: float = 15.0
    healthy_after: float = 10.0
    start: float = 60.0
    silence: float = 15.0
    stop: float = 25.0


class Supervisor:
    """Starts a worker with `command`, and starts another worker whenever the worker ends. A worker without heartbeat is
    replaced only if `broker_answers` returns true.
    """

    def __init__(
        self, command: Sequence[str], broker_answers: Callable[[], bool], timing: Timing | None = None
    ) -> None:
        self._command, self._broker_answers = list(command), broker_answers
        self._timing = timing or Timing()
        self._stop_requested = Event()

    def run(self) -> None:
        """Run one worker after another until SIGTERM or SIGINT. Then send SIGTERM to the running worker and, if the
        worker does not end, SIGQUIT and SIGKILL.
        """
        previous = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            delay = self._timing.first_delay
            while not self._stop_requested.is_set():
                begun = time.monotonic()
                status = self._run_one()
                if self._stop_requested.is_set():
                    return
                if time.monotonic() - begun >= self._timing.healthy_after:
                    delay = self._timing.first_delay
                log.error("worker ended, starting another", status=status, seconds=delay)
                self._sleep(delay)
                delay = min(delay * 2, self._timing.longest_delay)
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested.set()

    def _sleep(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not self._stop_requested.is_set() and time.monotonic() < ends:
            time.sleep(min(POLL_SECONDS, seconds))

    def _run_one(self) -> int:
        """Run one worker until it ends, is stopped, or stops sending its heartbeat. Return the worker's exit status."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        # The worker gets its own process group. So Ctrl-C reaches only the supervisor, and the supervisor can kill
        # children that outlive the worker.
        worker = subprocess.Popen(
            self._command,
            env={
                **os.environ,
                HEARTBEAT_VARIABLE: str(writing),
                SUPERVISOR_VARIABLE: str(os.getpid()),
            },
            pass_fds=[writing],
            process_group=0,
        )
        os.close(writing)
        try:
            self._watch(worker, reading)
        finally:
            os.close(reading)
            self._end(worker)
        return worker.returncode

    def _watch(self, worker: subprocess.Popen[bytes], reading: int) -> None:
        last_heartbeat, patience = time.monotonic(), self._timing.start
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            while worker.poll() is None and not self._stop_requested.is_set():
                if selector.select(POLL_SECONDS):
                    if _has_data(reading):
                        last_heartbeat, patience = time.monotonic(), self._timing.silence
                    else:
                        # The selector reports the pipe as readable, but there is no data: all writing ends of the pipe
                        # are closed, so the worker is ending.
                        time.sleep(POLL_SECONDS)
                elif time.monotonic() - last_heartbeat > patience:
                    if self._broker_answers():
                        log.error("worker does not consume, replacing it", pid=worker.pid)
                        return
                    last_heartbeat = time.monotonic()

    def _end(self, worker: subprocess.Popen[bytes]) -> None:
        """Stop the worker if it is running, and kill its remaining child processes."""
        if worker.poll() is None:
            # If a stop was requested, the worker gets time to end. Otherwise, the worker is stuck, because it sends no
            # heartbeat. A stuck worker would not react to SIGTERM or SIGQUIT, so it is killed at once.
            steps = [(signal.SIGTERM, self._timing.stop), (signal.SIGQUIT, 3.0)]
            if not self._stop_requested.is_set():
                steps = []
            for number, seconds in steps:
                worker.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    worker.wait(seconds)
                    break
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def _has_data(descriptor: int) -> bool:
    try:
        return bool(os.read(descriptor, 4096))
    except BlockingIOError:
        return True
