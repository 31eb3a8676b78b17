"""Start the sandboxes of `assessments.management.sandboxed.serve` as forks of one process.

Importing the libraries of the sandbox takes a quarter of a second, ten times as long as serving a few documents. So one
process imports them once, and each sandbox is a fork of it.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from assessments.management import sandboxed

STDERR = 2
SERVER = """
import json, os, signal, socket, sys, traceback
import sandbox.serve
from sandbox.__main__ import main
requests = socket.socket(fileno=int(sys.argv[1]))
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Ended forks need no wait().
while True:
    text, files, _, _ = socket.recv_fds(requests, 1 << 20, 3)
    if not text:
        break
    if child := os.fork():
        for file in files:
            os.close(file)
        requests.send(str(child).encode())
        continue
    status = 1
    try:
        requests.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        task = json.loads(text)
        os.environ.clear()
        os.environ.update(task["environment"])
        status = main(task["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
"""


class Fork:
    """A sandbox that runs, with those methods of `subprocess.Popen` that `serve` uses."""

    def __init__(self, pid: int, stdin: io.BufferedWriter, stdout: io.BufferedReader) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = -1

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the sandbox has ended. Raise TimeoutExpired after so many seconds."""
        if self._handle < 0:
            return
        if not select.select([self._handle], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("sandbox", timeout or 0)
        os.close(self._handle)
        self._handle = -1

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)


@cache
def _server() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(theirs.fileno())],
            cwd=sandboxed.ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def start(arguments: Sequence[str]) -> Fork:
    """Start a sandbox with these arguments, like `sandboxed.start`."""
    server = _server()
    stdin, ours_in = os.pipe()
    ours_out, stdout = os.pipe()
    task: dict[str, Any] = {"arguments": list(arguments), "environment": dict(os.environ)}
    try:
        socket.send_fds(server, [json.dumps(task).encode()], [stdin, stdout, STDERR])
        pid = int(server.recv(32))
    finally:
        os.close(stdin)
        os.close(stdout)
    return Fork(pid, os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"))


def install() -> None:
    """Make `serve` start forks."""
    sandboxed.start = start  # type: ignore[assignment]  # Fork is not a Popen
