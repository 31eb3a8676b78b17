"""Start child processes of a management command, and stop all of them when the command ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO

STOP_TIMEOUT_SECONDS = 30.0
MEANWHILE_SECONDS = 2.0


class Terminated(Exception):
    """The command received SIGTERM."""


class ChildProcesses:
    """Named child processes.

    Each child has its own process group. So Ctrl-C reaches only the command, which then stops the children in the
    reverse order of their start.
    """

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        log: IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a child. Without `log`, the child writes to this process's output."""
        process = subprocess.Popen(
            list(command), env=environment, start_new_session=True, stdout=log, stderr=log
        )
        self._running[name] = process
        return process

    def start_piped(self, name: str, command: Sequence[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a child whose standard output is a pipe and whose standard error goes to a file."""
        process = subprocess.Popen(
            list(command), stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
        self._running[name] = process
        return process

    def first_exited(self) -> tuple[str, int] | None:
        """Return the name and exit status of a child that has exited. Return None while all children are running."""
        for name, process in self._running.items():
            status = process.poll()
            if status is not None:
                return name, status
        return None

    def forget_exited(self) -> None:
        """Forget the children that have exited, because their work is done."""
        self._running = {name: process for name, process in self._running.items() if process.poll() is None}

    def wait(self, meanwhile: Callable[[], None] | None = None) -> tuple[str, int]:
        """Block until a child exits. Return the child's name and exit status. Call `meanwhile` every few seconds."""
        due = time.monotonic()
        while True:
            if (exited := self.first_exited()) is not None:
                return exited
            if meanwhile is not None and time.monotonic() >= due:
                meanwhile()
                due = time.monotonic() + MEANWHILE_SECONDS
            time.sleep(0.2)

    def stop(self) -> None:
        """Send SIGTERM to all children, in the reverse order of their start. Send SIGKILL to children that are still
        running after `STOP_TIMEOUT_SECONDS`.
        """
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for process in reversed(self._running.values()):
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


@contextmanager
def child_processes() -> Iterator[ChildProcesses]:
    """Yield an object that starts the children of a command, and stop all children at the end of the block.

    SIGTERM raises `Terminated` inside the block.
    """

    def raise_terminated(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    previous_handler = signal.signal(signal.SIGTERM, raise_terminated)
    processes = ChildProcesses()
    try:
        yield processes
    finally:
        signal.signal(signal.SIGTERM, previous_handler)
        processes.stop()


def manage_command(*arguments: str) -> list[str]:
    """Return the command line that runs another ``manage.py`` command."""
    return [sys.executable, sys.argv[0], *arguments]
