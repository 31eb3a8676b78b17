"""Child processes of a command: started together, ended together, whatever ends first."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO

GRACE_SECONDS = 30.0


class Terminated(Exception):
    """SIGTERM came: somebody asked for the end."""


class ChildProcesses:
    """Named child processes, each in a group of its own: Ctrl-C reaches us, and we end them in order."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        log: IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a child; what it prints goes to our own output, or to `log`."""
        process = subprocess.Popen(
            list(command), env=environment, start_new_session=True, stdout=log, stderr=log
        )
        self._running[name] = process
        return process

    def start_piped(self, name: str, command: Sequence[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
        """Like `start`, with its standard output to be read here and its errors in a file."""
        process = subprocess.Popen(
            list(command), stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
        self._running[name] = process
        return process

    def ended(self) -> tuple[str, int] | None:
        """The name and exit status of a child that has ended, None while all run."""
        for name, process in self._running.items():
            status = process.poll()
            if status is not None:
                return name, status
        return None

    def wait(self) -> tuple[str, int]:
        """Block until a child ends."""
        while True:
            ended = self.ended()
            if ended:
                return ended
            time.sleep(0.2)

    def stop(self) -> None:
        """End all, last started first: SIGTERM, and after `GRACE_SECONDS` SIGKILL."""
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in reversed(self._running.values()):
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


@contextmanager
def child_processes() -> Iterator[ChildProcesses]:
    """The children of a command; ended when it ends, also by Ctrl-C and SIGTERM (raised as `Terminated`)."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    processes = ChildProcesses()
    try:
        yield processes
    finally:
        signal.signal(signal.SIGTERM, before)
        processes.stop()


def manage_command(*arguments: str) -> list[str]:
    """The command line of another ``manage.py`` command."""
    return [sys.executable, sys.argv[0], *arguments]
