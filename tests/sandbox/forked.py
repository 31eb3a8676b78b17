"""Start sandboxes in milliseconds, as forks of a process that has already imported the sandbox's modules.

Importing them takes half a second of processor time, which tests would otherwise spend for each sandbox.
`tests.sandbox.running` starts the program as users do.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from assessments.management import sandboxed

PROJECT = Path(__file__).resolve().parents[2]
END_SECONDS = 10
STDERR = 2
PID_BYTES = 8


def is_readable(descriptor: int, timeout: float | None) -> bool:
    """Wait at most this many seconds until the descriptor can be read; return whether it can.

    Unlike `select`, `poll` accepts descriptors of 1024 and above.
    """
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(None if timeout is None else timeout * 1000))


class Fork:
    """A running sandbox. It has the attributes and methods of `subprocess.Popen` that `sandboxed.serve` uses."""

    def __init__(self, arguments: Sequence[str]) -> None:
        stdin, ours_in = os.pipe()
        ours_out, stdout = os.pipe()
        self._told, told = os.pipe()
        given = [stdin, stdout, STDERR, told]
        socket.send_fds(_forker(), [json.dumps(list(arguments)).encode()], given)
        for descriptor in (stdin, stdout, told):
            os.close(descriptor)
        self.stdin, self.stdout = os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb")
        self._pid = int.from_bytes(os.read(self._told, PID_BYTES))
        self.status: bytes | None = None

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the sandbox has ended, and store its status as digits, or as an empty text if it was killed.

        Raise TimeoutExpired after `timeout` seconds.
        """
        if self.status is None:
            if not is_readable(self._told, timeout):
                raise subprocess.TimeoutExpired("sandbox", timeout or 0)
            self.status = os.read(self._told, 16)
            os.close(self._told)

    def kill(self) -> None:
        """End the sandbox at once, if it still runs."""
        if self.status is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)


@contextmanager
def forked(state: Path, *arguments: str | Path) -> Iterator[dict[str, Any]]:
    """Run a sandbox that serves estates during the block, and yield the JSON line that it prints when it is ready.

    After the block, standard input is closed, and the sandbox must exit with status 0.
    """
    process = Fork(["serve", *map(str, arguments), "--port", "0", "--until-eof", "--state", str(state)])
    try:
        line = process.stdout.readline()
        assert line, "the sandbox exited before it was ready"
        yield json.loads(line)
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(END_SECONDS)
        finally:
            process.kill()
    assert process.status == b"0"


def install() -> None:
    """Make `assessments.management.sandboxed.serve` start forks."""
    sandboxed.start = Fork  # type: ignore[assignment]  # Fork is not a Popen


@cache
def _forker() -> socket.socket:
    """Start the process that forks, once per test process. Return the socket through which it gets its orders.

    The process ends when the socket is closed, at the latest with the test process. The socket has no file, because
    a test may remove or replace temporary folders.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", __name__, str(theirs.fileno())]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def main(descriptor: int) -> None:
    """Fork a sandbox for each order until the socket is closed."""
    from sandbox import serve  # noqa: F401 - import it once, so that forks need not

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(fileno=descriptor) as orders:
        while True:
            message, descriptors, _, _ = socket.recv_fds(orders, 65536, 4)
            if not message:
                return
            if os.fork() == 0:
                orders.close()
                _serve(json.loads(message), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _serve(arguments: list[str], descriptors: list[int]) -> None:
    """Run the program in this fork. Write its process id to the last descriptor, and its exit status at the end."""
    code, status = 1, descriptors.pop()
    try:
        from sandbox import __main__ as program

        os.write(status, os.getpid().to_bytes(PID_BYTES))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        code = program.main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os.write(status, str(code).encode())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
